"""Trying a Promotion again: a new one of the same Stage, Freight and steps, from the step that failed or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme
from towpath.resources.annotations import RETRY_FROM, RETRY_OF
from towpath.resources.promotion import Promotion
from towpath.server import promoting, requests, stored_objects
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import waiting_shapes
from towpath.server.wire import Body, created

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services


async def _retry(request: Request, services: Services) -> Response:
    """Answer with the new Promotion; its annotations say where it begins, and why not where the other one ended."""
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    given = await requests.json_object(request)
    step = requests.text_of(given, "fromStep")
    spec = stored.view(Promotion).spec
    annotations = {RETRY_OF: stored.ref.name} | ({RETRY_FROM: step} if step else {})
    wanted = {"stage": spec.stage, "freight": spec.freight}
    made = await promoting.create(request, services, stored.ref.namespace, wanted, annotations)
    return stored_objects.one(made, status=201)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/towpath/v1/projects/{project}/promotions/{name}/retry",
        _retry,
        (Right("get", scheme.PROMOTION), Right("create", scheme.PROMOTION)),
        also="`promote` on its Stage",
        takes=Body(waiting_shapes.WantedRetry, required=False),
        answers=created(scheme.PROMOTION),
    ),
)
