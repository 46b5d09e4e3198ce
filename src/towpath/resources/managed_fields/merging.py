"""Merging a configuration into what is there.

Objects are merged field by field, lists that are maps or sets item by item, everything else is replaced. Null does not
empty an object or such a list: it is like one without fields. What is not touched is shared with what was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.managed_fields import walking

if TYPE_CHECKING:
    from towpath.resources.schema import Schema


def merged(schema: Schema | None, live: Any, config: Any) -> Any:
    """Return a value with a configuration merged in. Every item of its associative lists has an element, each once."""
    if isinstance(live, dict) and walking.is_granular(schema):
        if isinstance(config, dict):
            return _merged_objects(schema, live, config)
        if config is None and live:
            return live
    if schema is not None and walking.is_associative(schema) and isinstance(live, list):
        if isinstance(config, list) and (live or config):
            return _merged_items(schema, live, config)
        if config is None and live:
            return live
    return config


def _merged_objects(
    schema: Schema | None, live: dict[str, Any], config: dict[str, Any]
) -> dict[str, Any]:
    found = dict(live)
    for name, value in config.items():
        found[name] = (
            merged(walking.of_field(schema, name), live[name], value) if name in live else value
        )
    return found


def _merged_items(schema: Schema, live: list[Any], config: list[Any]) -> list[Any]:
    """Return the items of both, in the order of structured-merge-diff.

    Those of the configuration keep its order. The others keep theirs, and each comes as soon as it is its turn among
    the live ones: live ones that the configuration names only later are passed over meanwhile.
    """
    old = list(walking.items_of(schema, live))
    new = dict(walking.items_of(schema, config))
    known: dict[str | None, Any] = {}
    for element, item in old:
        known.setdefault(element, item)
    wanted = list(new)
    shared = [element for element in wanted if element in known]
    out: list[Any] = []
    place = turn = met = 0
    while place < len(old) or turn < len(wanted):
        if place < len(old):
            element, item = old[place]
            if element not in new:
                out.append(item)
                place += 1
                continue
            is_done = turn == len(wanted)
            is_its_turn = not is_done and element == wanted[turn]
            is_later = not is_done and met < len(shared) and shared[met] != element
            if is_its_turn or is_done or is_later:
                place += 1
            if is_done or (is_later and not is_its_turn):
                continue
        element = wanted[turn]
        turn += 1
        if element in known:
            met += 1
            out.append(merged(schema.items, known[element], new[element]))
        else:
            out.append(new[element])
    return out
