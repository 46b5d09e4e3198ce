"""Manifests, many at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk import answers
from towpath.sdk.call import ApiCall, Query, described
from towpath.sdk.paths import API
from towpath.sdk.refusals import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.document import Document

_PATH: Final = f"{API}/resources"
_ITEM: Final = {
    "createdResourceManifest": "created",
    "updatedResourceManifest": "configured",
    "deletedResourceManifest": "deleted",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one manifest."""

    verb: str
    """created, configured, unchanged or deleted; empty if it was refused."""
    document: Document
    """The object as it is now, or was; empty if it was refused."""
    error: errors.TowpathError | None = None
    warnings: tuple[str, ...] = ()


class ManifestCalls:
    """Calls that take manifests."""

    @described
    def apply(self, documents: Sequence[Document]) -> ApiCall[list[Outcome]]:
        """Create or replace objects; one outcome for each, in order. Unknown fields are refused.

        Put Projects first: the server takes them first, and answers in the order it took them.
        """
        return _sent("PUT", documents, {"upsert": "true", "fieldValidation": "Strict"})

    @described
    def create(self, documents: Sequence[Document]) -> ApiCall[list[Outcome]]:
        """Create objects that must not exist; otherwise as `apply`."""
        return _sent("POST", documents, {"fieldValidation": "Strict"})

    @described
    def delete_all(self, documents: Sequence[Document]) -> ApiCall[list[Outcome]]:
        """Delete the objects that manifests name. Put Projects last: the server takes them last."""
        return _sent("DELETE", documents, None)


def _sent(
    method: str, documents: Sequence[Document], query: Query | None
) -> ApiCall[list[Outcome]]:
    def read(answer: Any) -> list[Outcome]:
        items = answers.items_of(answer, "results")
        if len(items) != len(documents):
            raise errors.Unavailable(
                f"{len(documents)} documents were sent and {len(items)} answered for; is it a Towpath server?"
            )
        return [_outcome(item) for item in items]

    def refused(error: errors.TowpathError) -> list[Outcome]:
        if len(documents) != 1 or not isinstance(error, REFUSALS):
            raise error
        return [Outcome("", {}, error)]

    sent = json.dumps(documents[0] if len(documents) == 1 else list(documents))
    return ApiCall(
        method=method, path=_PATH, query=query, manifest=sent, read=read, refused=refused
    )


def _outcome(item: Document) -> Outcome:
    warnings = item.get("warnings")
    told = tuple(map(str, warnings)) if isinstance(warnings, list) else ()
    if item.get("error"):
        return Outcome("", {}, errors.BadRequest(str(item["error"])), told)
    for key, verb in _ITEM.items():
        if isinstance(item.get(key), dict):
            return Outcome(
                "unchanged" if item.get("unchanged") is True else verb, item[key], None, told
            )
    raise errors.Unavailable("the server answered for a document without saying what became of it")
