"""Reference pages from the scheme: one Markdown page for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema


def page(kind: Kind) -> str:
    """Return the page of a kind."""
    schema = schema_of(kind.type)
    lines = [
        f"# {kind.name}",
        "",
        schema.description,
        "",
        f"- `apiVersion: {kind.api_version}`, `kind: {kind.name}`",
        f"- {'In a Project' if kind.namespaced else 'For the whole installation'}; resource `{kind.plural}`"
        + (
            f", short {', '.join(f'`{name}`' for name in kind.short_names)}"
            if kind.short_names
            else ""
        ),
    ]
    if kind.columns:
        shown = ", ".join(f"{column.name} (`{column.path}`)" for column in kind.columns)
        lines.append(f"- Columns besides Name and Age: {shown}")
    selectable = [index.path for index in kind.indexes if not index.is_derived]
    if selectable:
        paths = ", ".join(f"`{path}`" for path in selectable)
        lines.append(f"- Field selectors besides `metadata.name` and `metadata.namespace`: {paths}")
    if kind.sealed:
        lines.append("- Sealed at rest; values are masked when read")
    lines += [
        "",
        "## Fields",
        "",
        "| field | type | constraints | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in schema.properties.items():
        if name not in ("apiVersion", "kind", "metadata"):
            lines += _rows(name, field, name in schema.required)
    rules = list(_rules(schema, ""))
    if rules:
        lines += ["", "## Rules", ""]
        lines += [f"- {f'`{path}`' if path else 'The object'}: {text}" for path, text in rules]
    return "\n".join(lines) + "\n"


def _rows(path: str, schema: Schema, required: bool) -> Iterator[str]:
    about = schema.description.replace("|", r"\|")
    yield f"| `{path}` | {_type(schema)} | {_constraints(schema, required=required)} | {about} |"
    inner, below = schema, path
    while inner.items is not None or inner.values is not None:
        below += "[]" if inner.items is not None else ".*"
        inner = inner.items or inner.values or inner
    for name, field in inner.properties.items():
        yield from _rows(f"{below}.{name}", field, name in inner.required)


def _type(schema: Schema) -> str:
    if schema.int_or_string:
        return "integer or string"
    if schema.items is not None:
        return f"list of {_type(schema.items)}"
    if schema.values is not None:
        return f"map of {_type(schema.values)}"
    return schema.type or "any"


def _constraints(schema: Schema, *, required: bool) -> str:
    said = ["required"] if required else []
    if schema.default is not ABSENT:
        said.append(f"default `{_json(schema.default)}`")
    if schema.enum:
        said.append(
            "one of " + ", ".join(f"`{value}`" if value else "empty" for value in schema.enum)
        )
    if schema.pattern:
        said.append("pattern `" + schema.pattern.replace("|", r"\|") + "`")
    for word, low, high in (
        ("character", schema.min_length, schema.max_length),
        ("item", schema.min_items, schema.max_items),
        ("", schema.minimum, schema.maximum),
    ):
        if low is not None and high is not None:
            said.append(f"{low:g} to {_counted(high, word)}")
        elif low is not None:
            said.append(f"at least {_counted(low, word)}")
        elif high is not None:
            said.append(f"at most {_counted(high, word)}")
    if schema.format:
        said.append(schema.format)
    inner = schema.items or schema.values
    if inner is not None and (each := _constraints(inner, required=False)):
        said.append(f"each: {each}")
    return "; ".join(said)


def _counted(number: float, word: str) -> str:
    """Return `5`, `1 item` or `5 items`; numbers in full, not as 1e+06."""
    shown = f"{number:.15g}"
    return shown if not word else f"{shown} {word}" + ("s" if number != 1 else "")


def _rules(schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    for rule in schema.rules:
        yield path, rule.message or f"`{rule.expression}`"
    for name, field in schema.properties.items():
        yield from _rules(field, f"{path}.{name}".lstrip("."))
    if schema.items is not None:
        yield from _rules(schema.items, f"{path}[]")
    if schema.values is not None:
        yield from _rules(schema.values, f"{path}.*")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
