"""Which charts a repository's index (`index.yaml`) lists, and which versions of each. Pure.

An index may be tens of megabytes long, and of each entry only the version is asked for. As Helm lays indexes out, the lines
that say it are found by themselves; what is laid out otherwise is read as YAML, a chart at a time where that can be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from towpath import messages
from towpath.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_VERSIONS: Final = 500_000
"""In one index."""
MOST_CHARTS: Final = 50_000
_LONGEST: Final = 250
"""Characters of a name or a version."""
_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar as it is written: `version: 1.10` is 1.10 and not a number."""
_ENTRIES: Final = re.compile(r"^entries:[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_OUTER: Final = re.compile(r"^[^\s#]", re.MULTILINE)
_FIRST: Final = re.compile(r"^( *)[^\s#]", re.MULTILINE)
_NAME: Final = re.compile(r"([A-Za-z0-9][\w.-]*):[ \t]*(\[\]|\{\}|null|~)?[ \t]*")
_ELSEWHERE: Final = re.compile(r"[:-] +[&*!][^\s]|^ *<<:", re.MULTILINE)
"""Anchors, aliases, tags and merges: a chart's lines alone do not say what they mean."""
_ITEM: Final = re.compile(r"^( *)- ( *)[^\s#]", re.MULTILINE)
_SCALAR: Final = re.compile(r"([0-9A-Za-z][0-9A-Za-z.+_~-]*)|\"([^\"\\\n]*)\"|'([^'\n]*)'")
_HEAD_CHARS: Final = 200


class Catalogue(msgspec.Struct, frozen=True):
    """The charts of an index."""

    charts: dict[str, list[str]]
    """Versions by chart, each once, as they are written, in the order of the index."""
    odd: dict[str, int] = {}
    """How many entries of a chart were passed over: without a version, or under the name of another chart."""


def read_json(data: bytes, source: str) -> bytes:
    """Return what `catalogue` does, as JSON: so it is soon handed from one process to another."""
    return msgspec.json.encode(catalogue(data, source))


def catalogue(data: bytes, source: str) -> Catalogue:
    """Return the charts of an index. Raises BadRequest and TooLarge naming `source`."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff").replace("\r\n", "\n")
    found = _Found(source)
    try:
        if not (text.lstrip()[:1] == "{" and found.take_json(data)):
            found.take_yaml(text)
    except yaml.YAMLError as error:
        said = messages.foreign(str(error))
        raise BadRequest(f"{source} is no YAML: {said}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadRequest(f"{source} cannot be read: {messages.foreign(str(error))}") from error
    return Catalogue({name: list(versions) for name, versions in found.charts.items()}, found.odd)


class _Entry(msgspec.Struct):
    version: Any = None
    name: Any = None


class _Index(msgspec.Struct):
    entries: dict[str, list[_Entry] | None] | None


class _Found:
    """What was found so far."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0
        self.charts: dict[str, dict[str, None]] = {}
        self.odd: dict[str, int] = {}

    def take_json(self, data: bytes) -> bool:
        """Take an index that is JSON; False if it is not."""
        try:
            index = msgspec.json.decode(data, type=_Index)
        except msgspec.DecodeError:
            return False
        for name, entries in (index.entries or {}).items():
            self._take(name, ((each.version, each.name) for each in entries or ()))
        return True

    def take_yaml(self, text: str) -> None:
        """Take an index that is YAML."""
        blocks = _blocks(text)
        if blocks is None:
            document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it makes texts, lists and dicts only
            if not isinstance(document, dict) or "entries" not in document:
                begin = messages.foreign(text[:_HEAD_CHARS]) or "nothing"
                raise BadRequest(
                    f"{self._source} has no entries, so it is no index of charts; it begins: {begin}"
                )
            entries = document["entries"]
            for name, items in entries.items() if isinstance(entries, dict) else ():
                self._take(str(name), _of_items(items))
            return
        for name, block in blocks:
            told: Iterable[tuple[Any, Any]] | None = _of_lines(block)
            if told is None:
                told = _of_items(yaml.load(block, Loader=_LOADER))  # noqa: S506 - as above
            self._take(name, told)

    def _take(self, name: str, entries: Iterable[tuple[Any, Any]]) -> None:
        """Take the entries of one chart: the version of each, and the name that it says itself."""
        if not 0 < len(name) <= _LONGEST:
            return
        versions: dict[str, None] = {}
        odd = 0
        for version, said in entries:
            self._count += 1
            if self._count > MOST_VERSIONS:
                raise TooLarge(f"{self._source} lists more than {MOST_VERSIONS:,} versions")
            if (
                isinstance(version, str)
                and 0 < len(version) <= _LONGEST
                and version.isprintable()
                and said in (None, name)
            ):
                versions[version] = None
            else:
                odd += 1
        if len(self.charts) >= MOST_CHARTS:
            raise TooLarge(f"{self._source} lists more than {MOST_CHARTS:,} charts")
        self.charts[name] = versions
        if odd:
            self.odd[name] = odd


def _blocks(text: str) -> list[tuple[str, str]] | None:
    """Return the lines of each chart, by its name; None if the index is laid out otherwise than Helm does it."""
    begins = list(_ENTRIES.finditer(text))
    if len(begins) != 1:
        return None
    start = begins[0].end()
    end = _OUTER.search(text, start)
    entries = text[start : end.start() if end else len(text)]
    first = _FIRST.search(entries)
    if first is None:
        return []
    indent = len(first[1])
    if not indent or "\t" in entries[: first.end()] or _ELSEWHERE.search(entries):
        return None
    if re.search(rf"^ {{0,{indent - 1}}}[^\s#]", entries, re.MULTILINE):
        return None
    heads = list(re.finditer(rf"^ {{{indent}}}((?!- |-$)[^\s#][^\n]*)$", entries, re.MULTILINE))
    found: list[tuple[str, str]] = []
    names: set[str] = set()
    for place, head in enumerate(heads):
        named = _NAME.fullmatch(head[1])
        if named is None or named[1] in names:
            return None
        names.add(named[1])
        ends = heads[place + 1].start() if place + 1 < len(heads) else len(entries)
        block = entries[head.end() : ends]
        if named[2] and block.strip():
            return None
        found.append((named[1], block))
    return found


def _of_lines(block: str) -> list[tuple[str | None, str | None]] | None:
    """Return version and name of each entry of a chart, from the lines that say them; None if YAML has to be read.

    What belongs to a key, a text of several lines among it, stands further in than the key, but for lists (`- a`).
    """
    item = _ITEM.search(block)
    if item is None:
        return None if block.strip() else []
    dash, inner = len(item[1]), len(item[1]) + 2 + len(item[2])
    lines = re.compile(
        rf"^(?: {{{dash}}}(?P<dash>-) {{{inner - dash - 1}}}| {{{inner}}})(?P<key>[A-Za-z][\w.-]*):(?P<value>(?: [^\n]*)?)$"
        rf"|^ {{0,{inner}}}(?P<odd>[^\s#-])|^ {{0,{inner - 1}}}(?P<other>-)",
        re.MULTILINE,
    )
    found: list[list[str | None]] = []
    for line in lines.finditer(block):
        if line["other"] or line["odd"]:
            return None
        if line["dash"]:
            found.append([None, None])
        if line["key"] in ("version", "name"):
            scalar = _SCALAR.fullmatch(line["value"].strip(" "))
            if scalar is None or not found:
                return None
            found[-1][line["key"] == "name"] = scalar[1] or scalar[2] or scalar[3] or ""
    return [(version, name) for version, name in found]


def _of_items(items: Any) -> Iterable[tuple[Any, Any]]:
    """Return version and name of each entry that was read."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item.get("version"), item.get("name")
        else:
            yield None, None
