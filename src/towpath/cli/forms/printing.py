"""Printing objects: tables, JSON, YAML and names, safe for a terminal whatever they hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli import terminal
from towpath.cli.kinds import columns, kinds
from towpath.cli.kinds.columns import Around, Column
from towpath.resources import ages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.cli.kinds.kinds import NamedKind

_GAP: Final = "   "
_NARROWEST: Final = 10
"""Characters that a column keeps, however narrow the terminal is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a table looks."""

    headers: bool = True
    wide: bool = False
    """Whether it has the columns that take much room, too."""
    cut: bool = True
    """Whether cells are cut where a terminal is not wide enough."""


def show(
    kind: NamedKind,
    documents: Sequence[dict[str, Any]],
    form: str,
    *,
    bare: bool,
    look: Look = Look(),
    around: Around | None = None,
) -> None:
    """Print objects of a kind as a table, wide or not, as JSON, as YAML or by name; `bare` is whether one by itself is not put into a List."""
    match str(form):
        case "table" | "wide":
            if not documents:
                click.echo("No resources found.", err=True)
                return
            look = replace(look, wide=True, cut=False) if form == "wide" else look
            show_table(*rows(kind, documents, around or Around.now_alone(), wide=look.wide), look)
        case "name":
            for document in documents:
                terminal.say(f"{kind.printed}/{name_of(document)}")
        case _:
            show_documents([(kind, item) for item in documents], form, bare=bare)


def show_documents(
    found: Sequence[tuple[NamedKind, dict[str, Any]]], form: str, *, bare: bool
) -> None:
    """Print objects as json or yaml, or by a template: one by itself, or a List."""
    typed = [
        {"apiVersion": kind.api_version, "kind": kind.name} | without_managed(item, form)
        for kind, item in found
    ]
    if bare and len(typed) == 1:
        show_value(typed[0], form)
    else:
        show_value({"apiVersion": "v1", "kind": "List", "items": typed}, form)


def without_managed(document: dict[str, Any], form: str) -> dict[str, Any]:
    """Return an object without `metadata.managedFields`, unless the form is to show them."""
    metadata = document.get("metadata")
    if getattr(form, "managed_fields", False) or not isinstance(metadata, dict):
        return document
    if "managedFields" not in metadata:
        return document
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    return {**document, "metadata": kept}


def show_value(value: Any, form: str) -> None:
    """Print a value as json, yaml or kyaml, or by a template."""
    match str(form):
        case "yaml":
            click.echo(as_yaml(value), nl=False)
        case "json":
            click.echo(as_json(value))
        case "kyaml":
            from towpath.cli.forms import kyaml

            click.echo(terminal.escaped(kyaml.dumped(value)), nl=False)
        case _:
            from towpath.cli.forms import printed_form

            click.echo(terminal.harmless(printed_form.rendered(form, value)), nl=False)


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
    kind: NamedKind, documents: Sequence[dict[str, Any]], around: Around, *, wide: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of a table of objects."""
    aged = Column("AGE", lambda item, around: age(item, around.now))
    named = Column("NAME", lambda item, _: name_of(item))
    seen = Column("LAST SEEN", columns.seen)
    first = (named, *kind.columns, aged) if kind.has_age else (seen, *kind.columns)
    shown = (*first, *kind.long, *(kind.wide if wide else ()))
    if kind.order is not None:
        documents = sorted(documents, key=kind.order)
    return [column.header for column in shown], [
        [column.cell(item, around) for column in shown] for item in documents
    ]


def show_table(headers: Sequence[str], rows: Sequence[Sequence[str]], look: Look) -> None:
    """Print a table, columns aligned, each line within the terminal if there is one."""
    width = terminal.width() if look.cut else None
    for line in table([headers, *rows] if look.headers else rows, width=width):
        click.echo(line)


def table(rows: Sequence[Sequence[str]], *, width: int | None = None) -> list[str]:
    """Return the lines of a table; a cell is one line whatever it holds.

    With `width` the longest cells are cut, so that lines have no more characters, where columns of a few
    characters allow that.
    """
    cells = [[terminal.visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if width is not None:
        most = _widest(widths, width - len(_GAP) * (len(widths) - 1))
        cells = [[_cut(cell, most) for cell in row] for row in cells]
        widths = [min(each, most) for each in widths]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _widest(widths: Sequence[int], room: int) -> int:
    """Return how wide a column may be, so that all together have no more than `room`."""
    left = len(widths)
    for each in sorted(widths):
        if each * left > room:
            return max(_NARROWEST, room // left)
        room -= each
        left -= 1
    return max(widths, default=0)


def _cut(cell: str, most: int) -> str:
    return cell if len(cell) <= most else f"{cell[: most - 1]}…"


def name_of(document: dict[str, Any]) -> str:
    """Return an object's name."""
    return kinds.at("metadata", "name")(document)


def age(document: dict[str, Any], now: datetime) -> str:
    """Return how old an object is, as kubectl writes it: `42s`, `5m12s`, `3h`, `12d`, `2y30d`."""
    return ages.age(kinds.at("metadata", "creationTimestamp")(document), now)
