"""Reading manifests: YAML or JSON text to documents, whatever the text is like.

A text may hold several documents; lists (`kind: List`, `StageList`, a JSON array) are flattened. What is
wrong is told with its place. Nothing here costs more than in proportion to a bounded input: size, depth and
the growth that aliases cause are limited.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from towpath.errors import BadRequest, TooLarge
from towpath.resources import scalars

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_BYTES: Final = 4 << 20
DEEPEST: Final = 200
MOST_NODES: Final = 500_000
"""Of all documents of a text together, aliases counted as what they stand for."""

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document and where it was."""

    document: dict[str, Any]
    source: str
    """Name of the file, or what else the text came from."""
    line: int
    """Where the document begins, from 1."""


def read(
    text: bytes | str, source: str = "input", *, largest: int = LARGEST_BYTES
) -> list[Manifest]:
    """Return the documents of a text in order; empty ones are left out.

    Raises BadRequest naming source, line and column for what cannot be read, TooLarge for what is too big,
    too deep or grows too much.
    """
    if len(text) > largest:
        raise TooLarge(f"{source}: {len(text):,} bytes are more than the {largest:,} that are read")
    decoded = _decoded(text, source)
    parsed = _json_documents(decoded, source)
    if parsed is None:
        parsed = list(_Composer(decoded, source).documents())
    found: list[Manifest] = []
    for document, line in parsed:
        found += _flattened(document, source, line, top=True)
    for manifest in found:
        _refuse_unwritable(manifest)
    return found


def _decoded(text: bytes | str, source: str) -> str:
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise BadRequest(f"{source}: line {line}: a lone surrogate is not text") from error
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadRequest(
            f"{source}: line {line}: byte {text[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        ) from error


def _flattened(
    value: Any, source: str, line: int, *, top: bool, item_kind: tuple[str, str] | None = None
) -> Iterator[Manifest]:
    if value is None and top:
        return
    if isinstance(value, list) and top:
        for item in value:
            yield from _flattened(item, source, line, top=False)
        return
    if not isinstance(value, dict):
        what = json.dumps(value)[:60] if not isinstance(value, list) else "a list"
        raise BadRequest(
            f"{source}: line {line}: a manifest is an object with apiVersion and kind, not {what}"
        )
    kind, items = value.get("kind"), value.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        named = None
        if kind != "List" and isinstance(value.get("apiVersion"), str):
            named = (value["apiVersion"], kind.removesuffix("List"))
        for item in items:
            yield from _flattened(item, source, line, top=False, item_kind=named)
        return
    if item_kind is not None and "kind" not in value:
        value = {"apiVersion": item_kind[0], "kind": item_kind[1], **value}
    yield Manifest(value, source, line)


def _refuse_unwritable(manifest: Manifest) -> None:
    try:
        msgspec.json.encode(manifest.document)
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(
            f"{manifest.source}: line {manifest.line}: the document holds what JSON cannot carry: {error}"
        ) from error


# --- JSON --------------------------------------------------------------------------------------------


class _Repeated(Exception):  # noqa: N818 - no error yet: the YAML reader finds the lines
    pass


def _json_documents(text: str, source: str) -> list[tuple[Any, int]] | None:
    """Return the documents of a text that is JSON, one or several after another; None if it is not."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if text[start : start + 1] not in ("{", "["):
        return None
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
    found: list[tuple[Any, int]] = []
    try:
        while start < len(text):
            value, end = decoder.raw_decode(text, start)
            found.append((value, text.count("\n", 0, start) + 1))
            start = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n"))
    except RecursionError as error:
        raise TooLarge(f"{source}: nested more than {DEEPEST} deep") from error
    except (ValueError, _Repeated):
        return None  # YAML in braces, or an error that the YAML reader tells with its place
    for value, _ in found:
        _refuse_deep(value, source)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Repeated
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_deep(value: Any, source: str) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise TooLarge(f"{source}: nested more than {DEEPEST} deep")


# --- YAML --------------------------------------------------------------------------------------------


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
    merged: list[dict[str, Any]] = field(default_factory=list)
    nodes: int = 1


class _Composer:
    """Builds documents from the parser's events, with a stack of its own."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._root: Any = None

    def _events(self) -> Iterator[Any]:
        return iter(yaml.parse(self._text, Loader=_Loader))

    def documents(self) -> Iterator[tuple[Any, int]]:
        """Yield each document and the line it begins on."""
        line = 1
        try:
            for event in self._events():
                match event:
                    case yaml.DocumentStartEvent():
                        self._anchors, self._root = {}, None
                        line = _line_after(event)
                    case yaml.DocumentEndEvent():
                        yield self._root, line
                    case yaml.ScalarEvent() | yaml.AliasEvent():
                        self._leaf(event)
                    case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                        self._open(event)
                    case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                        self._close()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._wrong(mark, error.problem or error.context or "it is not YAML") from error
        except yaml.reader.ReaderError as error:
            place = self._text.count("\n", 0, error.position) + 1
            raise BadRequest(
                f"{self._source}: line {place}: a character that YAML does not allow ({error.reason})"
            ) from error

    def _leaf(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._wrong(event.start_mark, f"*{event.anchor} refers to nothing before it")
            value, nodes = self._anchors[event.anchor]
            self._count(nodes, event.start_mark)
            self._put(copy.deepcopy(value), event, nodes)
            return
        self._count(1, event.start_mark)
        value = self._scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, event, 1)

    def _scalar(self, event: Any) -> Any:
        if self._awaits_key() and event.value == "<<" and event.implicit[0]:
            self._stack[-1].is_merge = True
            return "<<"
        try:
            if event.tag is None or event.tag == "!":
                return scalars.resolve(event.value) if event.implicit[0] else event.value
            return _tagged(event.tag, event.value)
        except ValueError as error:
            raise self._wrong(event.start_mark, str(error)) from error

    def _open(self, event: Any) -> None:
        is_map = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_TAG}{'map' if is_map else 'seq'}"):
            raise self._wrong(
                event.start_mark, f"the tag {_short(event.tag)} is not allowed in manifests"
            )
        if self._awaits_key():
            raise self._wrong(event.start_mark, "a key must be a plain value, not a list or object")
        if len(self._stack) >= DEEPEST:
            raise TooLarge(f"{self._place(event.start_mark)}: nested more than {DEEPEST} deep")
        self._count(1, event.start_mark)
        self._stack.append(_Open({} if is_map else [], event.start_mark, event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        if isinstance(done.value, dict):
            for merged in done.merged:
                for key, value in merged.items():
                    done.value.setdefault(key, value)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.nodes)
        self._put(done.value, None, done.nodes)

    def _awaits_key(self) -> bool:
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].value, dict)
            and not self._stack[-1].has_key
        )

    def _put(self, value: Any, event: Any, nodes: int) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.nodes += nodes
        if isinstance(top.value, list):
            top.value.append(value)
        elif not top.has_key:
            self._take_key(top, value, event)
        else:
            self._take_value(top, value)

    def _take_key(self, top: _Open, value: Any, event: Any) -> None:
        line = event.start_mark.line + 1
        key = "<<" if top.is_merge else _key(value)
        if key is None:
            raise self._wrong(event.start_mark, "a key must be text, a number or a boolean")
        if not top.is_merge:
            if key in top.lines:
                raise self._wrong(
                    event.start_mark,
                    f"key {json.dumps(key)} is already set on line {top.lines[key]}",
                )
            top.lines[key] = line
        top.key, top.has_key = key, True

    def _take_value(self, top: _Open, value: Any) -> None:
        if top.is_merge:
            merged = value if isinstance(value, list) else [value]
            if not all(isinstance(item, dict) for item in merged):
                raise self._wrong(
                    top.mark, "what `<<` merges must be an object, or a list of objects"
                )
            top.merged += merged
        elif isinstance(top.value, dict) and top.key is not None:
            top.value[top.key] = value
        top.key, top.has_key, top.is_merge = None, False, False

    def _count(self, nodes: int, mark: Any) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise TooLarge(
                f"{self._place(mark)}: more than {MOST_NODES:,} values, aliases counted as what they stand for"
            )

    def _wrong(self, mark: Any, problem: str) -> BadRequest:
        return BadRequest(f"{self._place(mark)}: {problem}")

    def _place(self, mark: Any) -> str:
        if mark is None:
            return self._source
        return f"{self._source}: line {mark.line + 1}, column {mark.column + 1}"


def _line_after(event: Any) -> int:
    """Return the line a document begins on, which is the one after its `---`."""
    line: int = event.start_mark.line + 1 + bool(event.explicit)
    return line


def _key(value: Any) -> str | None:
    """Return a key as JSON has it: numbers and booleans become text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return json.dumps(value)
        case _:
            return None


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
