"""Where in a YAML text the scalars are that paths lead to.

The text is read once, event by event, with libyaml; only its first document counts. Keys that come twice are refused
wherever they are. Aliases and merge keys are not followed.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DEEPEST: Final = 1000
_SHOWN: Final = 8
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """A scalar in a text. Positions count characters."""

    start: int
    """Of the scalar, its anchor and tag included."""
    end: int
    style: str | None
    """None (plain), `'`, `"`, `|` or `>`."""
    in_flow: bool
    """Whether it stands within `[…]` or `{…}`."""
    parent_indent: int
    """The column at which the mapping or sequence that holds it begins."""


@dataclass(slots=True)
class _Node:
    """A part of the paths that are looked for."""

    children: dict[str, _Node] = field(default_factory=dict)
    key: str | None = None
    """The whole key whose path ends here."""


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is being read."""

    is_mapping: bool
    in_flow: bool
    column: int
    wanted: _Node | None
    path: str
    keys: dict[str, int] = field(default_factory=dict)
    """Keys seen, and the line of each, from 1."""
    awaits_key: bool = True
    key: str | None = None
    count: int = 0


def find(text: str, paths: Sequence[tuple[str, Sequence[str]]], source: str) -> dict[str, Place]:
    """Return the place of each key's scalar. `paths`: keys, and the parts of each.

    Raises BadRequest naming `source`, the key and the part that leads nowhere, or line and column of what is no YAML.
    """
    root = _Node()
    for key, parts in paths:
        node = root
        for part in parts:
            node = node.children.setdefault(part, _Node())
        node.key = key
    search = _Search(source)
    try:
        search.run(yaml.parse(text, Loader=_LOADER), root)
    except yaml.YAMLError as error:
        raise BadRequest(f"{source}: {_said(error)}") from error
    for key, parts in paths:
        if key not in search.found:
            raise search.missing(key, parts)
    return search.found


class _Search:
    def __init__(self, source: str) -> None:
        self._source = source
        self.found: dict[str, Place] = {}
        self._frames: list[_Frame] = []
        self._entered: dict[str, _Frame] = {}
        """What was on the way: the mappings and sequences of wanted paths, by dotted path."""
        self._wrong: dict[str, str] = {}
        """By key: why what its path leads to cannot be set."""
        self._is_empty = True

    def run(self, events: Iterable[Any], root: _Node) -> None:
        for event in _first(events):
            match event:
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._open(event, root)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._frames.pop()
                    self._after_node()
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.AliasEvent():
                    self._alias(event)

    def _scalar(self, event: Any) -> None:
        if not self._frames:
            self._is_empty = not event.value
            return
        frame = self._frames[-1]
        if frame.is_mapping and frame.awaits_key:
            self._key(frame, event)
            return
        wanted = self._wanted(frame)
        if wanted is not None:
            if wanted.key is not None:
                self.found[wanted.key] = Place(
                    start=event.start_mark.index,
                    end=event.end_mark.index,
                    style=event.style or None,
                    in_flow=frame.in_flow,
                    parent_indent=frame.column,
                )
            self._refuse(wanted, f"{self._here(frame)} is a scalar")
        self._after_node()

    def _key(self, frame: _Frame, event: Any) -> None:
        name, line = event.value, event.start_mark.line + 1
        if name in frame.keys and name != "<<":
            where = f"{frame.path}.{name}" if frame.path else name
            raise BadRequest(
                f"{self._source}: key {where!r} is there twice, in line {frame.keys[name]} and in line {line}; keep one"
            )
        frame.keys[name] = line
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
        if wanted is not None and wanted.key is not None:
            what = "a mapping" if is_mapping else "a sequence"
            self._wrong[wanted.key] = f"{path} is {what}, not a scalar"
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
                if wanted.key is not None:
                    self._wrong[wanted.key] = said
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
            frame.key, frame.awaits_key = (
                None,
                False,
            )  # a key that is no scalar: no path leads there
        else:
            frame.awaits_key = True

    def _wanted(self, frame: _Frame) -> _Node | None:
        """Return what is looked for at the value that begins now in a frame."""
        if frame.wanted is None:
            return None
        if frame.is_mapping:
            return frame.wanted.children.get(frame.key) if frame.key is not None else None
        return frame.wanted.children.get(str(frame.count))

    def _here(self, frame: _Frame) -> str:
        part = frame.key if frame.is_mapping else str(frame.count)
        return f"{frame.path}.{part}" if frame.path else str(part)

    def _refuse(self, node: _Node, said: str) -> None:
        """Note for all keys below a node why they cannot be set."""
        for child in node.children.values():
            if child.key is not None:
                self._wrong.setdefault(child.key, said)
            self._refuse(child, said)

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
            if frame.is_mapping and part not in frame.keys:
                where = f"in {path}" if path else "at the top"
                there = _some(part, list(frame.keys))
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


def _first(events: Iterable[Any]) -> Iterator[Any]:
    """Return the events of the first document."""
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            return
        yield event


def _some(wanted: str, there: list[str]) -> str:
    if not there:
        return "nothing"
    alike = difflib.get_close_matches(wanted, there[:1000], n=3)
    shown = list(dict.fromkeys([*alike, *there]))[:_SHOWN]
    more = len(there) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if mark is None:
        return f"it is not valid YAML: {problem}"
    return f"line {mark.line + 1}, column {mark.column + 1}: it is not valid YAML: {problem}"
