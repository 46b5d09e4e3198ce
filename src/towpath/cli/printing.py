"""Printing objects: tables, JSON, YAML and names, safe for a terminal whatever they hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli import kinds, terminal
from towpath.resources import ages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.cli.kinds import Kind

FORMS: Final = ("table", "json", "yaml", "name")
_GAP: Final = "   "


def show(
    kind: Kind,
    documents: Sequence[dict[str, Any]],
    form: str,
    *,
    bare: bool,
    headers: bool = True,
    now: datetime | None = None,
) -> None:
    """Print objects of a kind in one of `FORMS`; `bare` is whether one by itself is not put into a List."""
    match form:
        case "table":
            if not documents:
                click.echo("No resources found.", err=True)
                return
            show_table(*rows(kind, documents, now or datetime.now(UTC)), with_headers=headers)
        case "name":
            for document in documents:
                terminal.say(f"{kind.printed}/{name_of(document)}")
        case _:
            typed = [
                {"apiVersion": kinds.API_VERSION, "kind": kind.name} | item for item in documents
            ]
            if bare and len(typed) == 1:
                show_value(typed[0], form)
            else:
                show_value({"apiVersion": "v1", "kind": "List", "items": typed}, form)


def show_value(value: Any, form: str) -> None:
    """Print a value as json or yaml."""
    click.echo(as_yaml(value) if form == "yaml" else as_json(value), nl=form != "yaml")


def as_json(value: Any) -> str:
    """Return JSON in which what a terminal must not get is escaped."""
    return terminal.escaped(json.dumps(value, indent=2, ensure_ascii=False))


def as_yaml(value: Any) -> str:
    """Return YAML in which what a terminal must not get is escaped; it reads back as the same value."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        style = '"' if terminal.is_dangerous(data) else "|" if "\n" in data.strip("\n") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Dumper.add_representer(str, text)
    dumped: str = yaml.dump(
        value,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )
    return terminal.escaped(dumped)


def rows(
    kind: Kind, documents: Sequence[dict[str, Any]], now: datetime
) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of a table of objects."""
    headers = ["NAME", *(name for name, _ in kind.columns), "AGE"]
    return headers, [
        [name_of(item), *(cell(item) for _, cell in kind.columns), age(item, now)]
        for item in documents
    ]


def show_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, with_headers: bool = True
) -> None:
    """Print a table, columns aligned."""
    for line in table([headers, *rows] if with_headers else rows):
        click.echo(line)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table; a cell is one line whatever it holds."""
    cells = [[terminal.visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def name_of(document: dict[str, Any]) -> str:
    """Return an object's name."""
    return kinds.at("metadata", "name")(document)


def age(document: dict[str, Any], now: datetime) -> str:
    """Return how old an object is, as kubectl writes it: `42s`, `5m12s`, `3h`, `12d`, `2y30d`."""
    return ages.age(kinds.at("metadata", "creationTimestamp")(document), now)
