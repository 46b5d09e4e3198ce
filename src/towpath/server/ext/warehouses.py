"""Why a Warehouse finds what it finds, and what it would find by other rules: `…/warehouses/{name}/explain`.

Who may see the Warehouse is told what is known without asking anybody. A look, which asks other servers in the Warehouse's
name, is for those who may change the Warehouse: they could have it looked at by any rules anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import moments, scheme, subscribed
from towpath.resources.meta import condition
from towpath.resources.warehouse import (
    ChartDiscoveryResult,
    DiscoveryResult,
    Warehouse,
    subscription_type,
)
from towpath.rules import bursts, discovery
from towpath.rules.rbac import Attributes
from towpath.rules.webhooks import silence
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import warehouse_shapes
from towpath.server.requests import LARGE_BODY
from towpath.server.wire import Body, Reply
from towpath.webhooks.silent_wakers import silent_wakers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.artifacts.discoverer import Explained
    from towpath.artifacts.explaining import Explanation
    from towpath.artifacts.look_ledger import Spent
    from towpath.artifacts.verdicts import CandidateVerdict
    from towpath.resources.warehouse import DiscoveredArtifacts
    from towpath.server.services import Services
    from towpath.store.contract import Stored


async def _known(request: Request, services: Services) -> Response:
    """Answer with what is known of a Warehouse; nobody is asked."""
    stored = await requests.named(request, services.store, scheme.WAREHOUSE)
    warehouse = stored.view(Warehouse)
    found = services.warehouses.kept(warehouse)
    silent = await _silent(request, services, stored)
    return JSONResponse(_document(stored, warehouse, found, services, silent))


async def _look(request: Request, services: Services) -> Response:
    """Look at a Warehouse, or at what it would be by another manifest, which is not stored."""
    stored = await requests.named(request, services.store, scheme.WAREHOUSE)
    given = await requests.large_json_object(request, services.aside)
    warehouse = stored.view(Warehouse)
    if given:
        warehouse = await _edited(request, services, stored, given)
    found = await services.warehouses.explain(warehouse, is_stored=not given)
    silent = await _silent(request, services, stored)
    return JSONResponse(_document(stored, warehouse, found, services, silent, edited=bool(given)))


async def _silent(request: Request, services: Services, stored: Stored) -> list[dict[str, Any]]:
    """Return the receivers that used to have a Warehouse look and are silent; of others' configurations not by name."""
    now = services.clock.now()
    found = await silent_wakers(
        services.store,
        services.webhooks.receivers,
        stored.ref,
        frozenset(subscribed.urls(stored.document)),
        now,
    )
    told = []
    for each in found:
        config, name = each.receiver.config, each.receiver.name
        flag = f"-p {config.namespace}" if config.namespace else "--cluster"
        remedy = f"{silence.REMEDY}; towpath webhooks receipts {name} {flag} says what came"
        on = Attributes(config.kind.group, config.kind.plural, config.namespace)
        user = caller.of(request).user
        if not (await services.authorizer.allowed(user, "get", on)).allowed:
            name, remedy = "", f"ask somebody who may see the {config.kind.name}"
        told.append(
            {
                "name": name,
                "of": config.kind.name,
                "since": moments.whole_seconds(each.silence.since),
                "usualSeconds": each.silence.usual_seconds,
                "said": each.silence.lasting,
                "remedy": remedy,
            }
        )
    return told


async def _edited(
    request: Request, services: Services, stored: Stored, given: dict[str, Any]
) -> Warehouse:
    """Return the Warehouse as it would be admitted. Raises BadRequest, Invalid."""
    metadata = given.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if given.get("kind") != scheme.WAREHOUSE.name or name != stored.ref.name:
        raise BadRequest(
            f"the body must be the manifest of Warehouse {stored.ref.name}, with its kind and name"
        )
    asked = {
        "apiVersion": scheme.WAREHOUSE.api_version,
        "kind": scheme.WAREHOUSE.name,
        "metadata": {
            "name": stored.ref.name,
            "namespace": stored.ref.namespace,
            "annotations": metadata.get("annotations") or {} if isinstance(metadata, dict) else {},
        },
        "spec": given.get("spec"),
    }
    written = await services.writer.update(asked, caller.of(request), dry_run=True)
    return written.stored.view(Warehouse)


def _document(
    stored: Stored,
    warehouse: Warehouse,
    found: Explanation | None,
    services: Services,
    silent: list[dict[str, Any]],
    *,
    edited: bool = False,
) -> dict[str, Any]:
    now_is = stored.view(Warehouse)
    status = now_is.status
    conditions = status.conditions if status else []
    artifacts = status.discovered_artifacts if status else None
    looked = moments.read(artifacts.discovered_at) if artifacts is not None else None
    waiting, due = services.waiting(stored.ref), services.due(stored.ref)
    if found is not None:
        subscriptions = [_subscription(each) for each in found.subscriptions]
    else:
        subscriptions = [
            _from_status(place, item, artifacts)
            for place, item in enumerate(warehouse.spec.subscriptions)
        ]
    healthy = condition(conditions, discovery.HEALTHY)
    failing = None
    if healthy is not None and healthy.status == "False":
        failing = {
            "since": healthy.last_transition_time,
            "reason": healthy.reason,
            "message": healthy.message,
        }
    return {
        "warehouse": stored.ref.name,
        "edited": edited,
        "explainedAt": moments.whole_seconds(found.at) if found is not None else None,
        "lastLook": moments.whole_seconds(looked) if looked is not None else None,
        "nextLook": moments.whole_seconds(due) if due is not None else None,
        "waitingFor": waiting.reason or "" if waiting is not None else "",
        "failing": failing,
        "settling": _settling(now_is),
        "silentReceivers": silent,
        "spent": _spent(services.warehouses.spent(now_is)),
        "freight": _outcome(found) if found is not None else None,
        "subscriptions": subscriptions,
    }


def _settling(warehouse: Warehouse) -> dict[str, str] | None:
    burst = bursts.burst_of(warehouse.status.conditions) if warehouse.status else None
    span = bursts.span_of(warehouse)
    if burst is None or span is None:
        return None
    told = {
        "began": burst.began,
        "changed": burst.changed,
        "until": burst.until(span),
        "latest": burst.latest(span),
    }
    return {key: moments.whole_seconds(moment) for key, moment in told.items()}


def _spent(spent: Spent | None) -> dict[str, Any] | None:
    if spent is None:
        return None
    return {
        "since": moments.whole_seconds(spent.since),
        "looks": spent.looks,
        "requests": spent.requests,
        "bytes": spent.bytes,
        "lastRequests": spent.last_requests,
        "lastBytes": spent.last_bytes,
    }


def _outcome(found: Explanation) -> dict[str, str]:
    outcome = found.outcome
    return {
        "state": outcome.state,
        "message": outcome.message,
        "name": outcome.name,
        "alias": outcome.alias,
    }


def _subscription(told: Explained) -> dict[str, Any]:
    verdicts = told.verdicts
    offered = [_candidate(each) for each in verdicts.offered]
    if not offered and told.found is not None:
        offered = _plain(_names(told.found))
    return _head(told.place, told.item) | {
        "error": told.failure,
        "notes": list(told.notes),
        "candidates": [*offered, *(_candidate(each) for each in verdicts.excluded)],
        "excluded": [
            {"rule": rule, "count": count}
            for rule, count in verdicts.counts.most_common(_MOST_RULES)
        ],
        "leftOut": verdicts.left_out,
    }


def _from_status(place: int, item: Any, found: DiscoveredArtifacts | None) -> dict[str, Any]:
    """Return what the last look found of a subscription, the first of which Freight is made of."""
    head = _head(place, item)
    results: list[Any] = [*found.git, *found.images, *found.charts, *found.results] if found else []
    first = next((each for each in results if _is_of(each, item, head)), None)
    candidates = _plain(_names(first)) if first is not None else []
    return head | {
        "error": "",
        "notes": [],
        "candidates": candidates,
        "excluded": [],
        "leftOut": 0,
    }


def _is_of(found: Any, item: Any, head: Mapping[str, Any]) -> bool:
    """Whether a result is that of a subscription."""
    if isinstance(found, DiscoveryResult):
        return bool(found.name == head["name"])
    if (found.subscription_name, found.repo_url) != (head["name"], head["repoURL"]):
        return False
    if not isinstance(found, ChartDiscoveryResult):
        return True
    # A repository of charts has many.
    wanted = item[head["type"]].get("name") or ""
    return bool(found.name == wanted)


def _head(place: int, item: Any) -> dict[str, Any]:
    type_ = subscription_type(item) or ""
    config = item.get(type_) if isinstance(item, dict) and type_ else None
    url = config.get("repoURL") if isinstance(config, dict) else None
    return {
        "place": place,
        "type": type_,
        "name": str(item.get("name") or "") if isinstance(item, dict) else "",
        "repoURL": str(url or ""),
    }


def _candidate(verdict: CandidateVerdict) -> dict[str, str]:
    told = {
        "name": verdict.name,
        "outcome": verdict.outcome,
        "rule": verdict.rule,
        "reason": verdict.reason,
        "detail": verdict.detail,
    }
    return {key: value for key, value in told.items() if value}


def _plain(names: Iterable[str]) -> list[dict[str, str]]:
    return [
        {"name": name, "outcome": "offered" if place else "wins"}
        for place, name in enumerate(names)
    ]


def _names(found: Any) -> list[str]:
    """Return what a result holds, as people call it."""
    for field in ("commits", "references", "versions", "artifact_references"):
        items = getattr(found, field, None)
        if items is not None:
            return [_name(each) for each in items][:_MOST_NAMES]
    return []


def _name(item: Any) -> str:
    if isinstance(item, str):
        return item
    return str(
        getattr(item, "tag", "") or getattr(item, "version", "") or getattr(item, "id", "")[:12]
    )


_MOST_RULES: Final = 50
_MOST_NAMES: Final = 100
_PATH: Final = "/towpath/v1/projects/{project}/warehouses/{name}/explain"
ENDPOINTS = (
    Endpoint(
        "GET",
        _PATH,
        _known,
        Right("get", scheme.WAREHOUSE),
        answers=Reply(warehouse_shapes.ExplainedWarehouse),
    ),
    Endpoint(
        "POST",
        _PATH,
        _look,
        Right("update", scheme.WAREHOUSE),
        takes=Body(dict[str, Any], LARGE_BODY, required=False),
        answers=Reply(warehouse_shapes.ExplainedWarehouse),
    ),
)
