"""Receivers of webhooks: how they fare, what came to them, and what would come of a delivery."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.server import item_fields, list_pages, requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import webhook_shapes
from towpath.server.wire import Body, Reply
from towpath.webhooks import telling
from towpath.webhooks.receiving import LARGEST

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.webhooks.telling import ToldReceiver

_LARGEST: Final = 3 * LARGEST
"""Bytes of a delivery to try out: what it holds may have to be escaped."""
_MOST_HEADERS: Final = 100


async def _list(request: Request, services: Services) -> Response:
    """Answer with the receivers."""
    config = await requests.config(request, services.store)
    now = services.clock.now()
    found = await telling.every(services.store, services.webhooks.receivers, config, now)
    items, cursor = list_pages.page(request, found, key=_name, named=_name)
    told = list_pages.answer([_told(each) for each in items], cursor)
    page = {**told, "at": moments.whole_seconds(now)}
    return JSONResponse(item_fields.chosen(request, page, webhook_shapes.ToldWebhookReceiver))


def _name(each: ToldReceiver) -> str:
    return each.receiver.name


def _told(each: ToldReceiver) -> dict[str, Any]:
    taken = each.taken
    return {
        "name": each.receiver.name,
        "type": each.receiver.type,
        "path": each.path,
        "url": each.url,
        "problem": each.problem,
        "last": moments.whole_seconds(taken[0].time) if taken else None,
        "lastStatus": each.heard[0].status if each.heard else None,
        "taken": len(taken),
        "refused": len(each.heard) - len(taken),
        "usualSeconds": each.usual_seconds,
        "silentSeconds": each.silence.seconds if each.silence is not None else None,
        "warning": each.warning,
    }


async def _receipts(request: Request, services: Services) -> Response:
    """Answer with what came to a receiver."""
    config = await requests.config(request, services.store)
    receiver = await telling.named(services.store, config, str(request.path_params["receiver"]))
    found = await telling.receipts(services.store, receiver)
    shown = [{**each, "time": moments.precise(each["time"])} for each in found]
    items, cursor = list_pages.page(
        request, shown, key=lambda each: f"{each['time']}/{each['id']}", newest_first=True
    )
    page = {"receiver": receiver.name, **list_pages.answer(items, cursor)}
    return JSONResponse(item_fields.chosen(request, page, webhook_shapes.WebhookReceipt))


async def _try(request: Request, services: Services) -> Response:
    """Answer with what would come of a delivery; nobody is woken, and nothing is kept."""
    config = await requests.config(request, services.store)
    receiver = await telling.named(services.store, config, str(request.path_params["receiver"]))
    given = await requests.large_json_object(request, services.aside)
    headers = requests.texts_of(given, "headers")
    if len(headers) > _MOST_HEADERS:
        raise BadRequest(f"headers: {len(headers)} are given; {_MOST_HEADERS} at most")
    body = given.get("body")
    text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    answer, came = await services.webhooks.rehearse(
        receiver,
        list(headers.items()),
        text.encode("utf-8", "replace"),
        services.access.way_in.address(request.scope),
    )
    receipt = {
        "time": moments.precise(came.time),
        "taken": came.is_taken,
        "status": came.status,
        **came.record(),
    }
    return JSONResponse({"receipt": receipt, "answer": answer.body})


_OF_PROJECT: Final = "/towpath/v1/projects/{project}/webhooks"
_OF_ALL: Final = "/towpath/v1/webhooks"
_SEES: Final = Right("get", scheme.PROJECT_CONFIG)
_SEES_ALL: Final = Right("get", scheme.CLUSTER_CONFIG, is_named=False)
_TRIES: Final = Body(webhook_shapes.TriedWebhook, _LARGEST)
_WAREHOUSES: Final = Right("list", scheme.WAREHOUSE)

ENDPOINTS = tuple(
    each
    for base, sees in ((_OF_PROJECT, _SEES), (_OF_ALL, _SEES_ALL))
    for each in (
        Endpoint(
            "GET",
            base,
            _list,
            sees,
            query=(*list_pages.QUERY, item_fields.FIELDS),
            answers=item_fields.reply(webhook_shapes.ToldWebhookReceivers),
        ),
        Endpoint(
            "GET",
            f"{base}/{{receiver}}/receipts",
            _receipts,
            (sees, _WAREHOUSES),
            query=(list_pages.LIMIT, list_pages.CURSOR, item_fields.FIELDS),
            answers=item_fields.reply(webhook_shapes.WebhookReceipts),
        ),
        Endpoint(
            "POST",
            f"{base}/{{receiver}}/test",
            _try,
            (sees, _WAREHOUSES),
            takes=_TRIES,
            answers=Reply(webhook_shapes.WebhookTrial),
        ),
    )
)
