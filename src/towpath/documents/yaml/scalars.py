"""Where in a YAML text the scalars are that paths lead to.

The events of the first document are read one by one. A key that stands twice is refused where it is wanted or lies on
the way to what is wanted; elsewhere it is told. Aliases and merge keys are not followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath import messages
from towpath.documents.yaml import reading
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEEPEST: Final = 1000
_SHOWN: Final = 8
MOST_DOUBLES: Final = 20
"""Doubled keys that are told of one text."""


@dataclass(frozen=True, slots=True)
class ScalarPlace:
    """A scalar in a text. Positions count characters."""

    event: int
    """Which of the document's events it is, from 0."""
    start: int
    """Of the scalar, its anchor and tag included."""
    end: int
    line: int
    """From 1."""
    style: str | None
    """None (plain), `'`, `"`, `|` or `>`."""
    value: str
    """Its text, as it was read."""
    in_flow: bool
    """Whether it stands within `[…]` or `{…}`."""
    parent_indent: int
    """The column at which the mapping or sequence that holds it begins."""


@dataclass(frozen=True, slots=True)
class FoundScalars:
    """What was found in a text."""

    places: dict[str, ScalarPlace]
    """By key."""
    doubles: tuple[str, ...]
    """Keys that stand twice where nobody wants to go, with their lines, for people."""


@dataclass(slots=True)
class _Node:
    """A part of the paths that are looked for."""

    children: dict[str, _Node] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    """The whole keys whose path ends here: two spellings may lead to one place."""


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is being read."""

    is_mapping: bool
    in_flow: bool
    column: int
    wanted: _Node | None
    path: str
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    """Keys seen, told apart as YAML tells them apart, and the line of each, from 1."""
    awaits_key: bool = True
    key: str | None = None
    is_wanted: bool = True
    """Whether the key that was read last is the one that a path of that text leads through."""
    count: int = 0


def find(
    events: Sequence[Any], paths: Sequence[tuple[str, Sequence[str]]], source: str
) -> FoundScalars:
    """Return the place of each key's scalar. `paths`: keys, and the parts of each.

    Where a mapping has two keys of one text, such as `8080` and `"8080"`, the first is meant. Raises BadRequest naming
    `source`, the key and the part that leads nowhere.
    """
    root = _Node()
    for key, parts in paths:
        node = root
        for part in parts:
            node = node.children.setdefault(part, _Node())
        node.keys.append(key)
    search = _Search(source)
    search.run(events, root)
    for key, parts in paths:
        if key not in search.found:
            raise search.missing(key, parts)
    return FoundScalars(search.found, tuple(search.doubles))


class _Search:
    def __init__(self, source: str) -> None:
        self._source = source
        self.found: dict[str, ScalarPlace] = {}
        self.doubles: list[str] = []
        self._frames: list[_Frame] = []
        self._entered: dict[str, _Frame] = {}
        """What was on the way: the mappings and sequences of wanted paths, by dotted path."""
        self._wrong: dict[str, str] = {}
        """By key: why what its path leads to cannot be set."""
        self._is_empty = True

    def run(self, events: Sequence[Any], root: _Node) -> None:
        for number, event in enumerate(events):
            match event:
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._open(event, root)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._frames.pop()
                    self._after_node()
                case yaml.ScalarEvent():
                    self._scalar(number, event)
                case yaml.AliasEvent():
                    self._alias(event)

    def _scalar(self, number: int, event: Any) -> None:
        if not self._frames:
            self._is_empty = not event.value
            return
        frame = self._frames[-1]
        if frame.is_mapping and frame.awaits_key:
            self._key(frame, event)
            return
        wanted = self._wanted(frame)
        if wanted is not None:
            for key in wanted.keys:
                self.found[key] = ScalarPlace(
                    event=number,
                    start=event.start_mark.index,
                    end=event.end_mark.index,
                    line=event.start_mark.line + 1,
                    style=event.style or None,
                    value=event.value,
                    in_flow=frame.in_flow,
                    parent_indent=frame.column,
                )
            self._refuse(wanted, f"{self._here(frame)} is a scalar")
        self._after_node()

    def _key(self, frame: _Frame, event: Any) -> None:
        name, line = event.value, event.start_mark.line + 1
        identity = reading.identity(event)
        is_way = frame.wanted is not None and name in frame.wanted.children
        frame.is_wanted = True
        before = frame.keys.get(identity)
        if before is not None and identity != reading.MERGE:
            where = f"{frame.path}.{name}" if frame.path else name
            said = f"{where!r} is there twice, in line {before} and in line {line}"
            if is_way:
                raise BadRequest(f"{self._source}: key {said}; keep one")
            if len(self.doubles) < MOST_DOUBLES:
                self.doubles.append(said)
        elif is_way and any(text == name for _, text in frame.keys):
            frame.is_wanted = False
        frame.keys[identity] = line
        frame.key, frame.awaits_key = name, False

    def _open(self, event: Any, root: _Node) -> None:
        self._is_empty = False
        if len(self._frames) >= _DEEPEST:
            raise BadRequest(f"{self._source}: it is nested more than {_DEEPEST} deep")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        in_flow = bool(event.flow_style)
        wanted, path = root if not self._frames else None, ""
        if self._frames:
            frame = self._frames[-1]
            in_flow = in_flow or frame.in_flow
            if not (frame.is_mapping and frame.awaits_key):
                wanted, path = self._wanted(frame), self._here(frame)
        if wanted is not None:
            what = "a mapping" if is_mapping else "a sequence"
            for key in wanted.keys:
                self._wrong[key] = f"{path} is {what}, not a scalar"
        opened = _Frame(is_mapping, in_flow, event.start_mark.column, wanted, path)
        if wanted is not None:
            self._entered[path] = opened
        self._frames.append(opened)

    def _alias(self, event: Any) -> None:
        if not self._frames:
            return
        frame = self._frames[-1]
        if not (frame.is_mapping and frame.awaits_key):
            wanted = self._wanted(frame)
            if wanted is not None:
                said = f"{self._here(frame)} is the alias *{event.anchor}; change what is anchored there instead"
                for key in wanted.keys:
                    self._wrong[key] = said
                self._refuse(wanted, said)
        self._after_node()

    def _after_node(self) -> None:
        """Go on within the parent of what has just ended."""
        if not self._frames:
            return
        frame = self._frames[-1]
        if not frame.is_mapping:
            frame.count += 1
        elif frame.awaits_key:
            # A key that is no scalar: no path leads there.
            frame.key, frame.awaits_key = None, False
        else:
            frame.awaits_key = True

    def _wanted(self, frame: _Frame) -> _Node | None:
        """Return what is looked for at the value that begins now in a frame."""
        if frame.wanted is None:
            return None
        if frame.is_mapping:
            leads = frame.key is not None and frame.is_wanted
            return frame.wanted.children.get(frame.key) if leads and frame.key else None
        return frame.wanted.children.get(str(frame.count))

    def _here(self, frame: _Frame) -> str:
        part = frame.key if frame.is_mapping else str(frame.count)
        return f"{frame.path}.{part}" if frame.path else str(part)

    def _refuse(self, node: _Node, said: str) -> None:
        """Note for all keys below a node why they cannot be set."""
        waiting = list(node.children.values())
        while waiting:
            child = waiting.pop()
            for key in child.keys:
                self._wrong.setdefault(key, said)
            waiting += child.children.values()

    def missing(self, key: str, parts: Sequence[str]) -> BadRequest:
        """Return what to say about a key that led to no scalar."""
        begin = f"{self._source}: key {key!r}"
        if self._is_empty:
            return BadRequest(f"{begin} cannot be set: the file is empty")
        if key in self._wrong:
            return BadRequest(f"{begin} cannot be set: {self._wrong[key]}")
        path = ""
        for part in parts:
            frame = self._entered.get(path)
            if frame is None:
                break
            if frame.is_mapping and all(text != part for _, text in frame.keys):
                where = f"in {path}" if path else "at the top"
                there = messages.most_alike(
                    part, [text for _, text in frame.keys], _SHOWN, none="nothing"
                )
                return BadRequest(
                    f"{begin} does not exist: there is no {part!r} {where}; there is {there}"
                )
            if not frame.is_mapping and not (part.isdecimal() and int(part) < frame.count):
                if not part.isdecimal():
                    return BadRequest(
                        f"{begin} does not exist: {path} is a sequence; {part!r} is no index"
                    )
                return BadRequest(
                    f"{begin} does not exist: {path} has {frame.count} items, so the last index is {frame.count - 1}"
                )
            path = f"{path}.{part}" if path else part
        return BadRequest(f"{begin} does not exist")
