"""Sets of fields in the form that `fieldsV1` has (Kubernetes' structured-merge-diff).

A set is a tree of path elements (`elements`). A node is in the set when it is empty, or when it holds `.` beside what
lies below it. Sets are never changed in place: what one has in common with another is shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.managed_fields import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]
"""What lies below a path element, and whether the element itself is in the set."""
FieldSet = dict[str, Node]
"""The elements of the root, which itself is never in a set; empty: no fields."""

SELF: Final = "."
_DEEPEST: Final = 200


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields that are in either set."""
    if not one or not other or one is other:
        return one or other
    found = dict(one)
    for element, node in other.items():
        mine = found.get(element)
        found[element] = node if mine is None else _either(mine, node)
    return found


def minus(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields of one set that are not in another."""
    shared = one.keys() & other.keys()
    if not shared:
        return one
    found = dict(one)
    for element in shared:
        left = _without(one[element], other[element])
        if left is None:
            del found[element]
        else:
            found[element] = left
    return found


def common(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields that are in both sets."""
    found = {}
    for element in one.keys() & other.keys():
        shared = _both(one[element], other[element])
        if shared is not None:
            found[element] = shared
    return found


def joined(is_in: bool, below: FieldSet) -> Node | None:
    """Return a node that is in the set or not, with what lies below; None if it is not and nothing does."""
    if not below:
        return {} if is_in else None
    return {SELF: {}, **below} if is_in else below


def parts(node: Node) -> tuple[bool, FieldSet]:
    """Return whether a node is in the set, and what lies below it."""
    if SELF not in node:
        return not node, node
    return True, {element: below for element, below in node.items() if element != SELF}


def paths(fields: FieldSet, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field of a set, in order: those of a level before those below it."""
    ordered_elements = elements.in_order(fields)
    split = {element: parts(fields[element]) for element in ordered_elements}
    for element in ordered_elements:
        if split[element][0]:
            yield (*before, element)
    for element in ordered_elements:
        yield from paths(split[element][1], (*before, element))


def ordered(fields: FieldSet) -> FieldSet:
    """Return a set with its elements in order, so that equal sets are the same text."""
    if len(fields) == 1:
        [(element, node)] = fields.items()
        return {element: ordered(node)} if node else fields
    found: FieldSet = {}
    is_self = SELF in fields
    if is_self:
        found[SELF] = {}
    for element in elements.in_order(fields.keys() - {SELF} if is_self else fields):
        node = fields[element]
        found[element] = ordered(node) if node else node
    return found


def read(value: Any) -> FieldSet:
    """Return what a client has sent as `fieldsV1` as a set. Raises ValueError for anything else.

    Elements of unknown kinds are dropped, and null is an empty node, as an API server has it.
    """
    found = _read(value, 0)
    found.pop(SELF, None)
    return found


def _read(value: Any, depth: int) -> Node:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"a set of fields is an object, not {value!r:.40}")  # noqa: TRY004 - one error for all that is no set
    if depth > _DEEPEST:
        raise ValueError(f"a set of fields is at most {_DEEPEST} levels deep")
    found: Node = {}
    for name, below in value.items():
        if name == SELF:
            found[SELF] = {}
            continue
        element = name if name.startswith("f:") else elements.canonical(name)
        if element is None:
            continue
        node = _read(below, depth + 1) if below or below.__class__ is not dict else below
        found[element] = _either(found[element], node) if element in found else node
    return {} if len(found) == 1 and SELF in found else found


def _either(one: Node, other: Node) -> Node:
    (is_one, below_one), (is_other, below_other) = parts(one), parts(other)
    found = joined(is_one or is_other, union(below_one, below_other))
    return {} if found is None else found


def _without(one: Node, other: Node) -> Node | None:
    (is_one, below_one), (is_other, below_other) = parts(one), parts(other)
    return joined(is_one and not is_other, minus(below_one, below_other))


def _both(one: Node, other: Node) -> Node | None:
    (is_one, below_one), (is_other, below_other) = parts(one), parts(other)
    return joined(is_one and is_other, common(below_one, below_other))
