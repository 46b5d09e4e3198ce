"""Claims on a ServiceAccount: of whom it says that they are mapped to it, and may do what it may.

The annotation `rbac.kargo.akuity.io/claims` holds a JSON object, claim to a value or a list of them; the older form is an
annotation for each claim, `rbac.kargo.akuity.io/claim.NAME`, with values between commas. What is neither a text nor a
list of texts maps nobody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.annotations import CLAIM_PREFIX, CLAIMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.resources.document import Document

INDEX: Final = "claims[]"
"""The name of the index by which accounts are found for a claim; its values are those of `key`."""


def of(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the claims of an account, by name in order, each value once."""
    metadata = document.get("metadata")
    noted = metadata.get("annotations") if isinstance(metadata, dict) else None
    found: dict[str, list[str]] = {}
    for claim, value in _pairs(noted) if isinstance(noted, dict) else ():
        if value and value not in found.setdefault(claim, []):
            found[claim].append(value)
    return {claim: found[claim] for claim in sorted(found) if found[claim]}


def key(claim: str, value: str) -> str:
    """Return by what an account is found that maps whoever has this value of a claim."""
    return json.dumps([claim, value], ensure_ascii=False)


def keys(document: Mapping[str, Any]) -> list[str]:
    """Return the keys of an account."""
    return [key(claim, value) for claim, values in of(document).items() for value in values]


def noted(document: Document, claims: Mapping[str, list[str]]) -> Document:
    """Return an account with these claims and no others, in the newer form."""
    metadata = document["metadata"]
    kept = {
        name: value
        for name, value in (metadata.get("annotations") or {}).items()
        if name != CLAIMS and not name.startswith(CLAIM_PREFIX)
    }
    if claims:
        kept[CLAIMS] = json.dumps({name: list(values) for name, values in claims.items()})
    return {**document, "metadata": {**metadata, "annotations": kept}}


def _pairs(annotations: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    text = annotations.get(CLAIMS)
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        told = None
    for claim, given in told.items() if isinstance(told, dict) else ():
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, str):
                yield claim, value
    for name, listed in annotations.items():
        if name.startswith(CLAIM_PREFIX) and isinstance(listed, str):
            for value in listed.split(","):
                yield name.removeprefix(CLAIM_PREFIX), value.strip()
