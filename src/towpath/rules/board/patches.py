"""The differences of two states of a document, as streams tell them, and what becomes of a document by them.

A document is a mapping. Its *members* are held by name: a part `stages` has the Stages by their names, and what changed of one
is told field by field. All other parts are told whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Part = Any
Document = dict[str, Part]

MEMBERS: Final = frozenset({"stages", "freight", "lanes", "projects"})
"""The parts whose members have names."""


class Patch(NamedTuple):
    """One change of a document."""

    key: str
    """The part, `rows`, or a member of one, `stages/NAME`."""
    set: Any
    """Of a member: what its fields are now, None for those that have gone, or None if it has gone itself. Else: the part."""


def difference(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Patch]:
    """Yield what leads from one state of a document to another."""
    for part in dict.fromkeys((*after, *before)):
        was, is_ = before.get(part), after.get(part)
        if was is is_ or was == is_:
            continue
        if part in MEMBERS:
            yield from members(part, was or {}, is_ or {})
        else:
            yield Patch(part, is_)


def members(
    part: str,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    names: Iterable[str] | None = None,
) -> Iterator[Patch]:
    """Yield what became of members of a part. `names`: those that may have changed; None: any."""
    for name in dict.fromkeys((*before, *after)) if names is None else names:
        was, is_ = before.get(name), after.get(name)
        if was is is_ or was == is_:
            continue
        if is_ is None:
            yield Patch(f"{part}/{name}", None)
        elif was is None:
            yield Patch(f"{part}/{name}", {key: of for key, of in is_.items() if key != "name"})
        else:
            changed = {key: of for key, of in is_.items() if was.get(key) != of or key not in was}
            yield Patch(f"{part}/{name}", changed | {key: None for key in was if key not in is_})


def applied(document: Mapping[str, Part], patches: Iterable[Patch]) -> Document:
    """Return a document with changes made to it. Members that come get the `name` that their key says."""
    found = dict(document)
    for key, value in patches:
        part, slash, name = key.partition("/")
        if not slash or part not in MEMBERS:
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
            continue
        those = found[part] = dict(found.get(part) or {})
        if value is None:
            those.pop(name, None)
            continue
        merged = {**those.get(name, {"name": name}), **value}
        those[name] = {field: of for field, of in merged.items() if of is not None}
    return found
