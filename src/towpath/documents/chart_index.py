"""The index of a chart repository (`index.yaml`): which versions of a chart there are, and where. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from towpath.errors import BadRequest
from towpath.resources.manifests.safe_loader import SAFE_LOADER

_ENTRIES: Final = re.compile(r"^entries:[ \t]*\n", re.MULTILINE)
_OUTER: Final = re.compile(r"^[^\s#]", re.MULTILINE)
_INNER: Final = re.compile(r"^ {1,2}[^\s#-]", re.MULTILINE)
_INNER_LINE: Final = re.compile(r"^ {1,2}[^\s#-].*$", re.MULTILINE)
_NAME: Final = re.compile(r"  [A-Za-z0-9][A-Za-z0-9._-]*:[ \t]*")
_ALIAS: Final = re.compile(r"[:-] +[&*][^\s]")


@dataclass(frozen=True, slots=True)
class IndexedChart:
    """One version of a chart."""

    version: str
    urls: tuple[str, ...]
    """Where its archive is; relative ones are so to the repository."""
    digest: str = ""
    """SHA-256 of the archive in hexadecimal digits; empty if the index does not say."""


def versions(data: bytes, name: str, source: str) -> list[IndexedChart]:
    """Return the versions of a chart, in the order of the index. Raises BadRequest naming `source`.

    An index is long and one chart is wanted: as Helm writes indexes, only that chart's lines are read.
    """
    text = data.decode("utf-8", "replace")
    try:
        found = _of_one(text, name)
        if found is None:
            document = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - a safe loader, in C where there is one
            entries = document.get("entries") if isinstance(document, dict) else None
            if not isinstance(entries, dict):
                raise BadRequest(f"{source}: it has no entries, so it is no index of charts")
            found = entries.get(name)
    except yaml.YAMLError as error:
        raise BadRequest(f"{source}: it is no YAML: {error}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadRequest(f"{source}: it cannot be read: {error}") from error
    return (
        [each for item in found or () if (each := _entry(item)) is not None]
        if isinstance(found, list)
        else []
    )


def _of_one(text: str, name: str) -> Any:
    """Return the list of one chart's versions, read by itself; None if the index is laid out otherwise."""
    begins = list(_ENTRIES.finditer(text))
    if len(begins) != 1:
        return None
    start = begins[0].end()
    end = _OUTER.search(text, start)
    entries = f"\n{text[start : end.start() if end else len(text)]}"
    if _ALIAS.search(entries):  # which lead elsewhere
        return None
    key = f"\n  {name}:"
    at = entries.find(key)
    if at < 0:
        return [] if _is_plain(entries) else None
    after = entries.find("\n", at + 1)
    if entries.find(key, at + 1) >= 0 or after < 0 or entries[at + len(key) : after].strip():
        return None
    last = _INNER.search(entries, after)
    lines = entries[after : last.start() if last else len(entries)]
    found = yaml.load(lines, Loader=SAFE_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    return found if isinstance(found, list) else None


def _is_plain(entries: str) -> bool:
    """Whether each chart's name stands on a line of its own, without quotes."""
    return all(_NAME.fullmatch(found[0]) for found in _INNER_LINE.finditer(entries))


def _entry(item: Any) -> IndexedChart | None:
    """Return one version, None for what none can be fetched by."""
    if not isinstance(item, dict) or not isinstance(item.get("urls"), list):
        return None
    version, digest = item.get("version"), item.get("digest")
    urls = tuple(url for url in item["urls"] if isinstance(url, str) and url)
    if not isinstance(version, str) or not urls:
        return None
    told = digest.strip().lower().removeprefix("sha256:") if isinstance(digest, str) else ""
    return IndexedChart(version, urls, told)
