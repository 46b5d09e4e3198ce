"""Asking for a Promotion on behalf of a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import BadRequest, Invalid
from towpath.resources import scheme
from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Stored
    from towpath.store.touched import Untouched


async def create(
    request: Request,
    services: Services,
    project: str,
    spec: dict[str, Any],
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    untouched: Untouched | None = None,
) -> Stored:
    """Return the Promotion that was made.

    Raises BadRequest for what may not be promoted there, Touched where something was written to what was to be untouched.
    """
    metadata: dict[str, Any] = {"namespace": project, "generateName": "promo-"}
    if annotations:
        metadata["annotations"] = dict(annotations)
    if labels:
        metadata["labels"] = dict(labels)
    document = {
        "apiVersion": scheme.PROMOTION.api_version,
        "kind": scheme.PROMOTION.name,
        "metadata": metadata,
        "spec": spec,
    }
    try:
        written = await services.writer.create(document, caller.of(request), untouched=untouched)
    except Invalid as error:
        # What is wrong is not the document, which is ours: it is what was asked for.
        told = "; ".join(str(cause) for cause in error.causes)
        raise BadRequest(told or error.message) from error
    return written.stored
