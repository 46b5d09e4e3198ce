"""The index of a chart repository (`index.yaml`): which versions of a chart there are, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from towpath.documents import chart_index_layout
from towpath.errors import BadRequest

_NOTHING: Final = frozenset({"null", "Null", "NULL", "~"})


@dataclass(frozen=True, slots=True)
class IndexedChart:
    """One version of a chart."""

    version: str
    urls: tuple[str, ...]
    """Where its archive is; relative ones are so to the repository."""
    digest: str = ""
    """SHA-256 of the archive in hexadecimal digits; empty if the index does not say."""


def versions(data: bytes, name: str, source: str) -> list[IndexedChart]:
    """Return the versions of a chart, in the order of the index, as they are written. Raises BadRequest naming `source`.

    An index is long and one chart is wanted: as Helm writes indexes, only that chart's lines are read.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    try:
        blocks = chart_index_layout.blocks(text)
        if blocks is None:
            document = chart_index_layout.read(text)
            entries = document.get("entries") if isinstance(document, dict) else None
            if not isinstance(entries, dict):
                raise BadRequest(f"{source}: it has no entries, so it is no index of charts")
            found = entries.get(name)
        else:
            found = chart_index_layout.read(dict(blocks).get(name, ""))
    except yaml.YAMLError as error:
        raise BadRequest(f"{source}: it is no YAML: {error}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadRequest(f"{source}: it cannot be read: {error}") from error
    return (
        [each for item in found or () if (each := _entry(item)) is not None]
        if isinstance(found, list)
        else []
    )


def _entry(item: Any) -> IndexedChart | None:
    """Return one version, None for what none can be fetched by."""
    if not isinstance(item, dict) or not isinstance(item.get("urls"), list):
        return None
    version, digest = item.get("version"), item.get("digest")
    urls = tuple(url for url in item["urls"] if isinstance(url, str) and url)
    if not isinstance(version, str) or not version or not urls:
        return None
    told = "" if not isinstance(digest, str) or digest in _NOTHING else digest.strip().lower()
    return IndexedChart(version, urls, told.removeprefix("sha256:"))
