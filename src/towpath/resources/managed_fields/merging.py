"""Merging what is applied into what is there, and taking away what its applier has given up."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from towpath.resources.managed_fields import walking
from towpath.resources.managed_fields.sets import SELF

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema


def merged(schema: Schema | None, live: Any, config: Any, where: str = "") -> Any:
    """Return a value with a configuration merged in: the configuration's wins, item by item in associative lists."""
    if isinstance(live, dict) and isinstance(config, dict) and walking.is_granular(schema):
        found = dict(live)
        for name, value in config.items():
            inner = walking.of_field(schema, name)
            is_known = name in live
            found[name] = (
                merged(inner, live[name], value, f"{where}.{name}")
                if is_known
                else copy.deepcopy(value)
            )
        return found
    if (
        isinstance(live, list)
        and isinstance(config, list)
        and schema is not None
        and walking.is_associative(schema)
    ):
        return _merged_items(schema, live, config, where)
    return copy.deepcopy(config)


def _merged_items(schema: Schema, live: list[Any], config: list[Any], where: str) -> list[Any]:
    """Return the items of both. Those of the configuration keep its order; others stay before whom they stood before.

    That is: a live item which the configuration does not name comes out as soon as it is its turn among the live ones.
    """
    old = list(walking.items_of(schema, live, where))
    new = dict(walking.items_of(schema, config, where))
    known = dict(old)
    waiting = [element for element in new if element in known]
    out: list[Any] = []
    done: set[str] = set()

    def put(element: str) -> None:
        done.add(element)
        if element in waiting:
            waiting.remove(element)
        if element not in new:
            out.append(known[element])
        elif element in known:
            out.append(merged(schema.items, known[element], new[element], where))
        else:
            out.append(copy.deepcopy(new[element]))

    left = iter(new)
    upcoming = next(left, None)
    place = 0
    while place < len(old) or upcoming is not None:
        if place < len(old):
            element = old[place][0]
            if element == upcoming:
                put(element)
                place += 1
                upcoming = next(left, None)
                continue
            if element not in new:
                if element not in done:
                    put(element)
                place += 1
                continue
            if element in done or (waiting and waiting[0] != element):
                place += 1
                continue
        if upcoming is not None:
            if upcoming not in done:
                put(upcoming)
            upcoming = next(left, None)
    return out


def without(schema: Schema | None, value: Any, fields: FieldSet) -> Any:
    """Return a value without the fields of a set, each with all that is below it."""
    if not fields:
        return value
    if isinstance(value, dict):
        found = {}
        for name, child in value.items():
            node = fields.get(f"f:{name}")
            if node is None:
                found[name] = child
            elif node and SELF not in node:
                found[name] = without(walking.of_field(schema, name), child, node)
        return found
    if isinstance(value, list) and schema is not None and walking.is_associative(schema):
        kept = []
        for element, item in walking.items_of(schema, value, ""):
            node = fields.get(element)
            if node is None:
                kept.append(item)
            elif node and SELF not in node:
                kept.append(without(schema.items, item, node))
        return kept
    return value


def with_named(schema: Schema | None, fields: FieldSet) -> FieldSet:
    """Return a set in which every field that the schema names is in, if something below it is."""
    found = {}
    for element, node in fields.items():
        below = {key: value for key, value in node.items() if key != SELF}
        if not below:
            found[element] = node
            continue
        name = element[2:]
        is_field = element.startswith("f:")
        inner = walking.of_field(schema, name) if is_field else schema.items if schema else None
        below = with_named(inner, below)
        is_in = SELF in node or (is_field and walking.is_named(schema, name))
        found[element] = {SELF: {}, **below} if is_in else below
    return found
