"""Which objects are different in what was rendered, by kind and name, whatever files they lie in. Pure."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.documents.manifests import streams
from towpath.documents.manifests.identity import Identity, identity
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
MOST_OBJECTS: Final = 2_000
"""That are told of, of all that are different."""
MOST_PATCH_BYTES: Final = 64 << 10
"""Of one object."""
_MOST_BYTES: Final = 8 << 20
"""Of all hunks together."""
_MOST_LINES: Final = 5_000
"""Of one object: for hunks of more, time grows with the square."""
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedObject:
    """One object that differs."""

    api_version: str
    kind: str
    namespace: str
    name: str
    change: str
    """`added`, `changed` or `removed`."""
    added: int
    """Lines."""
    removed: int
    patch: str = field(repr=False)
    """Hunks in the form of unified diffs."""
    is_cut: bool = False
    """Whether not all of the hunks are there."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What is different."""

    objects: Sequence[ChangedObject]
    """By kind, namespace and name."""
    left_out: int = 0
    """How many more there are."""


def between(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> Differences:
    """Return how two renderings differ, each given as files: path and text.

    What is no object, as without a kind or a name, is passed over, and so is what is no YAML.
    """
    old, new = _objects(before), _objects(after)
    found = []
    left = _MOST_BYTES
    different = sorted(
        key for key in old.keys() | new.keys() if _texts(old, key) != _texts(new, key)
    )
    for key in different[:MOST_OBJECTS]:
        changed = _changed(key, old, new, min(left, MOST_PATCH_BYTES))
        left -= len(changed.patch)
        found.append(changed)
    return Differences(found, max(0, len(different) - MOST_OBJECTS))


_Key = tuple[str, str, str, str]
"""Kind, namespace, name, group: an object stays the same in another version of its API."""
_Objects = dict[_Key, list[tuple[Identity, str]]]


def _objects(files: Iterable[tuple[str, str]]) -> _Objects:
    found: _Objects = {}
    for path, text in files:
        for document in streams.documents(text):
            try:
                told = identity(document, path)
            except BadRequest:
                continue
            if told is not None and told.kind and told.name:
                key = (told.kind, told.namespace, told.name, told.group)
                found.setdefault(key, []).append((told, _bare(document)))
    return found


def _bare(document: str) -> str:
    """Return a document without the line that Helm writes above it: where its template lies is not part of the object."""
    lines = document.split("\n")
    while lines and lines[0].startswith("# Source: "):
        del lines[0]
    return "\n".join(lines)


def _texts(objects: _Objects, key: _Key) -> list[str]:
    return sorted(text for _, text in objects.get(key, ()))


def _changed(key: _Key, old: _Objects, new: _Objects, most_bytes: int) -> ChangedObject:
    before, after = _lines(old, key), _lines(new, key)
    told = (new.get(key) or old[key])[0][0]
    kind, namespace, name, group = key
    change = ADDED if key not in old else REMOVED if key not in new else CHANGED
    patch, is_cut = "", True
    if max(len(before), len(after)) <= _MOST_LINES:
        hunks = list(_hunks(before, after))
        added = sum(line.startswith("+") for line in hunks)
        removed = sum(line.startswith("-") for line in hunks)
        whole = "".join(f"{line}\n" for line in hunks)
        patch = whole[:most_bytes]
        is_cut = len(patch) < len(whole)
    else:
        mine, theirs = Counter(before), Counter(after)
        added, removed = (theirs - mine).total(), (mine - theirs).total()
    return ChangedObject(
        api_version=f"{group}/{told.version}" if group else told.version,
        kind=kind,
        namespace=namespace,
        name=name,
        change=change,
        added=added,
        removed=removed,
        patch=patch,
        is_cut=is_cut,
    )


def _lines(objects: _Objects, key: _Key) -> list[str]:
    return [line for text in _texts(objects, key) for line in text.split("\n")]


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    lines = difflib.unified_diff(before, after, n=_CONTEXT, lineterm="")
    for number, line in enumerate(lines):
        if number > 1:  # the first two name files
            yield line
