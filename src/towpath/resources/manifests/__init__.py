"""Reading manifests: YAML or JSON text to documents, whatever the text is like.

A text may hold several documents; lists (`kind: List`, `StageList`, a JSON array) are flattened. What is
wrong is told with its place. Nothing here costs more than in proportion to a bounded input: size, depth and
the growth that aliases cause are limited.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest
from towpath.resources.manifests import json_documents, yaml_documents
from towpath.resources.manifests.bounds import (
    DEEPEST,
    MOST_NODES,
    OF_FILE,
    OF_REQUEST,
    ManifestBounds,
    ManifestBudget,
)
from towpath.resources.manifests.decoding import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST_BYTES: Final = 4 << 20
_ALIAS: Final = re.compile(rb"(?:^|[\s\[{,:-])\*[^\s*]")
"""What may be an alias."""
_FEW_ALIASES: Final = 8
"""They make a text at most sixteen times as long, as four in one another that each double it."""
_OF_ALIASES: Final = 1 << 20
_LONG: Final = 64 << 10
"""Bytes, from which on a text is not looked through for aliases."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document and where it was."""

    document: dict[str, Any]
    source: str
    """Name of the file, or what else the text came from."""
    index: int
    """Place of the document in the text, from 1, empty ones counted; items of a list share their list's."""
    line: int
    """Where the document begins, from 1."""


def weight(text: bytes) -> int:
    """Return how much work a text is to read, in bytes of YAML: a few aliases make a short one stand for very much.

    A long one is much work whatever it holds. It is not gone through: that takes 50 ms a MiB, which whoever asks has to
    wait for.
    """
    if len(text) > _LONG:
        return max(len(text), _OF_ALIASES)
    aliases = sum(1 for _ in islice(_ALIAS.finditer(text), _FEW_ALIASES + 1))
    return len(text) if aliases <= _FEW_ALIASES else max(len(text), _OF_ALIASES)


def read(
    text: bytes | str,
    source: str = "input",
    *,
    largest: int = LARGEST_BYTES,
    bounds: ManifestBounds = OF_FILE,
) -> list[Manifest]:
    """Return the documents of a text in order; empty ones are left out.

    `largest` is in bytes. Raises BadRequest naming source, line and column for what cannot be read, TooLarge
    for what is too big, too much, too deep or grows too much.
    """
    found = read_json(text, source, largest=largest, bounds=bounds)
    if found is not None:
        return found
    parsed = yaml_documents.documents(
        decoded(text, source, largest), source, ManifestBudget(bounds)
    )
    return _manifests(parsed, source, bounds)


def read_json(
    text: bytes | str,
    source: str = "input",
    *,
    largest: int = LARGEST_BYTES,
    bounds: ManifestBounds = OF_FILE,
) -> list[Manifest] | None:
    """Return the documents of a text that is JSON, one or several after another; None if it is not. Raises as `read`."""
    parsed = json_documents.documents(
        decoded(text, source, largest), source, ManifestBudget(bounds)
    )
    return None if parsed is None else _manifests(parsed, source, bounds)


def _manifests(
    parsed: Iterable[tuple[Any, int]], source: str, bounds: ManifestBounds
) -> list[Manifest]:
    found: list[Manifest] = []
    budget = ManifestBudget(bounds)  # the items of lists are documents too
    for index, (value, line) in enumerate(parsed, 1):
        place = Manifest({}, source, index, line)
        for manifest in _flattened(value, place, top=True):
            budget.take_document(source)
            _refuse_unwritable(manifest)
            found.append(manifest)
    return found


def _flattened(
    value: Any, place: Manifest, *, top: bool, item_kind: tuple[str, str] | None = None
) -> Iterator[Manifest]:
    if value is None and top:
        return
    if isinstance(value, list) and top:
        for item in value:
            yield from _flattened(item, place, top=False)
        return
    if not isinstance(value, dict):
        what = json.dumps(value)[:60] if not isinstance(value, list) else "a list"
        raise BadRequest(
            f"{place.source}: line {place.line}: a manifest is an object with apiVersion and kind, not {what}"
        )
    if _is_list(value):
        kind, version = value["kind"], value.get("apiVersion")
        named = None
        if kind != "List" and isinstance(version, str):
            named = (version, kind.removesuffix("List"))
        for item in value.get("items") or []:
            yield from _flattened(item, place, top=False, item_kind=named)
        return
    if item_kind is not None and "kind" not in value:
        value = {"apiVersion": item_kind[0], "kind": item_kind[1], **value}
    yield Manifest(value, place.source, place.index, place.line)


def _is_list(value: dict[str, Any]) -> bool:
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind.endswith("List"):
        return False
    items = value.get("items", [] if kind == "List" else "none")
    return items is None or isinstance(items, list)


def _refuse_unwritable(manifest: Manifest) -> None:
    try:
        msgspec.json.encode(manifest.document)
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(
            f"{manifest.source}: line {manifest.line}: the document holds what JSON cannot carry: {error}"
        ) from error


__all__ = [
    "DEEPEST",
    "LARGEST_BYTES",
    "MOST_NODES",
    "OF_REQUEST",
    "Manifest",
    "ManifestBounds",
    "read",
    "read_json",
]
