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
from towpath.documents import chart_index_layout
from towpath.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_VERSIONS: Final = 500_000
"""In one index."""
MOST_CHARTS: Final = 50_000
_LONGEST: Final = 250
"""Characters of a name or a version."""
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
        blocks = chart_index_layout.blocks(text)
        if blocks is None:
            document = chart_index_layout.read(text)
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
                told = _of_items(chart_index_layout.read(block))
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
