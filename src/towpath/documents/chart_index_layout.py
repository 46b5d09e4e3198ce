"""How indexes of chart repositories (`index.yaml`) are laid out: the lines of each chart, to be read by themselves. Pure.

An index may be tens of megabytes long, and to read all of it as YAML takes as long as everybody who wants one chart of it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar as it is written: `version: 1.10` is 1.10 and not a number."""
_ENTRIES: Final = re.compile(r"^entries:[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_OUTER: Final = re.compile(r"^[^\s#]", re.MULTILINE)
_FIRST: Final = re.compile(r"^( *)[^\s#]", re.MULTILINE)
_NAME: Final = re.compile(r"([A-Za-z0-9][\w.-]*):[ \t]*(\[\]|\{\}|null|~)?[ \t]*")
_ELSEWHERE: Final = re.compile(r"[:-] +[&*!][^\s]|^ *<<:", re.MULTILINE)
"""Anchors, aliases, tags and merges: a chart's lines alone do not say what they mean."""


def read(text: str) -> Any:
    """Return a text of YAML as texts, lists and dicts. Raises yaml.YAMLError, ValueError, RecursionError, OverflowError."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - it makes nothing else


def blocks(text: str) -> list[tuple[str, str]] | None:
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
