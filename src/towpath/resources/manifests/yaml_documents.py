"""Documents of a text that is YAML, as sigs.k8s.io/yaml (go-yaml v2) takes them.

A merge (`<<`) acts where it stands, as there: it beats keys written before it and yields to keys written
after it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.errors import BadRequest, TooLarge
from towpath.resources import scalars
from towpath.resources.copying import copied
from towpath.resources.manifests.bounds import DEEPEST, too_deep
from towpath.resources.manifests.decoding import place_of
from towpath.resources.manifests.keys import key_text
from towpath.resources.manifests.safe_loader import SAFE_LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.manifests.bounds import ManifestBudget

_TAG: Final = "tag:yaml.org,2002:"
_MOST_TAG_DIRECTIVES: Final = 1000
"""Parsers compare each with all before it."""


def documents(text: str, source: str, budget: ManifestBudget) -> Iterator[tuple[Any, int]]:
    """Yield each document, None for an empty one, and the line it begins on.

    Raises BadRequest for what is no YAML or has no meaning in JSON, TooLarge for what is too deep or too
    much.
    """
    if text.count("%TAG") > _MOST_TAG_DIRECTIVES:
        raise TooLarge(f"{source}: more than {_MOST_TAG_DIRECTIVES:,} %TAG directives")
    return Composer(text, source, budget).documents()


@dataclass(slots=True)
class _Anchored:
    """What an alias stands for."""

    value: Any
    nodes: int = 1
    height: int = 0
    """How many objects and lists lie in one another in it, itself included."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence under construction."""

    value: dict[str, Any] | list[Any]
    mark: Any
    anchor: str | None
    key: str | None = None
    has_key: bool = False
    is_merge: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    nodes: int = 1
    height: int = 1


class Composer:
    """Builds documents from the parser's events, with a stack of its own."""

    def __init__(self, text: str, source: str, budget: ManifestBudget) -> None:
        self._text = text
        self._source = source
        self._budget = budget
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._count = 0
        self._root: Any = None

    def documents(self) -> Iterator[tuple[Any, int]]:
        """Yield each document, None for an empty one, and the line it begins on."""
        line = 1
        try:
            for event in yaml.parse(self._text, Loader=SAFE_LOADER):
                match event:
                    case yaml.DocumentStartEvent():
                        self._anchors, self._root = {}, None
                        self._count += 1
                        self._budget.take_document(self._source)
                        line = _line_after(event)
                    case yaml.DocumentEndEvent():
                        yield self._root, line
                    case yaml.ScalarEvent():
                        self._take_scalar(event)
                    case yaml.AliasEvent():
                        self._take_alias(event)
                    case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                        self._open(event)
                    case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                        self._close()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._wrong(mark, error.problem or error.context or "it is not YAML") from error
        except yaml.reader.ReaderError as error:
            line, column = place_of(self._text, _first_unprintable(self._text))
            raise BadRequest(
                f"{self._source}: line {line}, column {column}: a character that YAML does not allow "
                f"({error.reason})"
            ) from error

    def _take_scalar(self, event: Any) -> None:
        self._spend(1, event)
        value = self._scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value)
        self._put(value, event)

    def _take_alias(self, event: Any) -> None:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise self._wrong(event.start_mark, f"*{event.anchor} refers to nothing before it")
        self._spend(anchored.nodes, event)
        if len(self._stack) + anchored.height > DEEPEST:
            raise too_deep(self._place(event.start_mark))
        value = copied(anchored.value)
        self._put(value, event, nodes=anchored.nodes, height=anchored.height)

    def _scalar(self, event: Any) -> Any:
        if self.awaits_key() and event.value == "<<" and event.implicit[0]:
            self._stack[-1].is_merge = True
            return "<<"
        try:
            return self.value(event)
        except ValueError as error:
            raise self._wrong(event.start_mark, str(error)) from error

    def value(self, event: Any) -> Any:
        """Return what a scalar means. Raises ValueError."""
        if event.tag is None or event.tag == "!":
            return scalars.resolve(event.value) if event.implicit[0] else event.value
        return _tagged(event.tag, event.value)

    def take_tag(self, event: Any) -> None:
        """Take note of a tag at a list or object. Raises BadRequest for what is none."""
        raise self._wrong(
            event.start_mark, f"the tag {_short(event.tag)} is not allowed in manifests"
        )

    def _open(self, event: Any) -> None:
        is_map = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_TAG}{'map' if is_map else 'seq'}"):
            self.take_tag(event)
        if self.awaits_key():
            raise self._wrong(event.start_mark, "a key must be a plain value, not a list or object")
        if len(self._stack) >= DEEPEST:
            raise too_deep(self._place(event.start_mark))
        self._spend(1, event)
        self._stack.append(_Open({} if is_map else [], event.start_mark, event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        if done.anchor:
            self._anchors[done.anchor] = _Anchored(done.value, done.nodes, done.height)
        self._put(done.value, None, nodes=done.nodes, height=done.height)

    def awaits_key(self) -> bool:
        """Whether a key is to come."""
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].value, dict)
            and not self._stack[-1].has_key
        )

    def _put(self, value: Any, event: Any, *, nodes: int = 1, height: int = 0) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.nodes += nodes
        top.height = max(top.height, height + 1)
        if isinstance(top.value, list):
            top.value.append(value)
        elif not top.has_key:
            self._take_key(top, value, event)
        else:
            self._take_value(top, top.value, value)

    def _take_key(self, top: _Open, value: Any, event: Any) -> None:
        top.has_key = True
        if top.is_merge:
            return
        key = key_text(value)
        if key is None:
            raise self._wrong(event.start_mark, "a key must be text, a number or a boolean")
        if key in top.lines:
            raise self._wrong(
                event.start_mark, f"key {json.dumps(key)} is already set on line {top.lines[key]}"
            )
        top.lines[key] = event.start_mark.line + 1
        top.key = key

    def _take_value(self, top: _Open, into: dict[str, Any], value: Any) -> None:
        if top.is_merge:
            merged = value if isinstance(value, list) else [value]
            if not all(isinstance(item, dict) for item in merged):
                raise self._wrong(
                    top.mark, "what `<<` merges must be an object, or a list of objects"
                )
            for item in reversed(merged):  # the first of several beats the others
                into.update(item)
        elif top.key is not None:
            into[top.key] = value
        top.key, top.has_key, top.is_merge = None, False, False

    def _spend(self, nodes: int, event: Any) -> None:
        if not self._budget.take(nodes):
            raise self._budget.too_many(self._place(event.start_mark))

    def _wrong(self, mark: Any, problem: str) -> BadRequest:
        return BadRequest(f"{self._place(mark)}: {problem}")

    def _place(self, mark: Any) -> str:
        document = f"document {self._count}, " if self._count > 1 else ""
        if mark is None:
            return f"{self._source}: {document}".removesuffix(", ").removesuffix(": ")
        return f"{self._source}: {document}line {mark.line + 1}, column {mark.column + 1}"


def _line_after(event: Any) -> int:
    """Return the line a document begins on, which is the one after its `---`."""
    line: int = event.start_mark.line + 1 + bool(event.explicit)
    return line


def _first_unprintable(text: str) -> int:
    for position, character in enumerate(text):
        if not (character in "\t\n\r\x85" or character.isprintable() or character >= "\xa0"):
            return position
        if character in "\ufffe\uffff":
            return position
    return 0


def _tagged(tag: str, text: str) -> Any:
    """Return the value of a scalar that says its type. Raises ValueError if it has another."""
    match tag.removeprefix(_TAG):
        case "str":
            return text
        case "binary":
            try:
                return base64.b64decode("".join(text.split()), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as error:
                raise ValueError("!!binary does not hold text in base64") from error
        case "timestamp":
            return text
        case "int" | "float" | "bool" | "null" as wanted:
            value = scalars.resolve(text)
            if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
                return float(value)
            types = {"int": int, "float": float, "bool": bool, "null": type(None)}
            if type(value) is not types[wanted]:
                raise ValueError(f"cannot read {json.dumps(text)} as {_short(tag)}")
            return value
        case _:
            raise ValueError(f"the tag {_short(tag)} is not allowed in manifests")


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
