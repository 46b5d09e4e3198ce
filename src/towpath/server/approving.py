"""Approving Freight for a Stage on behalf of a caller."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

from towpath.admission.authority import REST_MANAGER
from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.resources.annotations import APPROVAL_REASONS
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.gates import availability
from towpath.server import requests, rights
from towpath.server.auth import caller

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Document, Stored

_REASONS_BYTES: Final = 4096
"""Of the reasons that Freight keeps; the oldest go, which history has."""


async def approve(
    request: Request, services: Services, freight: Stored, stage: str, reason: str = ""
) -> bool:
    """Approve Freight for a Stage; return whether it was not yet. Whoever asks may patch its status.

    Raises Forbidden for who may not get the Stage and promote to it, NotFound where there is none, BadRequest where it does
    not take such Freight.
    """
    ref = Ref(scheme.STAGE, freight.ref.namespace, stage)
    for verb in ("get", "promote"):
        await rights.ask(request, services, verb, scheme.STAGE, ref.namespace, stage)
    wanted = (await requests.one(services.store, ref)).view(Stage)
    view = freight.view(Freight)
    if availability.request_for(wanted, view.origin.key) is None:
        raise BadRequest(f"Stage {stage} requests no Freight of {view.origin.key}")
    requester = caller.of(request)
    if reason and not (view.status and stage in view.status.approved_for):
        # Before it is approved: history has why beside who.
        text = _with_reason(view.metadata.annotations.get(APPROVAL_REASONS, ""), stage, reason)
        await services.writer.annotate(freight.ref, {APPROVAL_REASONS: text}, requester)
    at = moments.whole_seconds(services.clock.now())
    written = await services.writer.change(
        freight.ref,
        functools.partial(_approved, stage, at),
        requester,
        manager=REST_MANAGER,
        subresource="status",
    )
    if not written.unchanged:
        await services.events.freight_approved(written.stored, stage, requester)
    return not written.unchanged


def _approved(stage: str, at: str, document: Document) -> Document:
    """Return Freight that is approved for a Stage since then, or as long as it was."""
    status = document.get("status") or {}
    known = status.get("approvedFor") or {}
    if stage in known:
        return document
    return {**document, "status": {**status, "approvedFor": {**known, stage: {"approvedAt": at}}}}


def _with_reason(before: str, stage: str, reason: str) -> str:
    try:
        found = json.loads(before or "{}")
    except (ValueError, RecursionError):
        found = {}
    known = (
        {key: each for key, each in found.items() if key != stage}
        if isinstance(found, dict)
        else {}
    )
    while known and len(json.dumps({**known, stage: reason})) > _REASONS_BYTES:
        del known[next(iter(known))]
    return json.dumps({**known, stage: reason})
