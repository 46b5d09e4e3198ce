"""What is sent to have Argo CD sync an Application: one merge patch (RFC 7396) of the object.

Argo CD's own API would refuse and check more; a patch does what its API does besides: it takes the state of the former
operation away, because the controller would report the old result as that of the new one.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.annotations import PROMOTION
from towpath.rules.argocd.application import REFRESH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.argocd.application import Application

STARTED: Final = "OperationStarted"
"""Reason of the Event about an operation that was begun."""
CONTROLLER: Final = "kargo-controller"
"""Who begins operations of Promotions that nobody asked for; rules of Argo CD's users name it."""
_REASON: Final = "Promotion triggered a sync of this Application resource."


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What is synced and how, where a step says so; None: as the Application's own policy has it."""

    resources: tuple[Mapping[str, str], ...] = ()
    """Objects that are synced alone, each `{group, kind, name, namespace}`; none: all."""
    prune: bool | None = None
    dry_run: bool = False
    options: tuple[str, ...] | None = None
    """Such as `ServerSideApply=true`, in the place of the policy's own."""
    strategy: str = ""
    """`apply` or `hook`; empty: Argo CD's own choice, hooks."""
    force: bool = False


def patch(
    application: Application,
    *,
    promotion: str,
    actor: str,
    spec: Mapping[str, Any] | None = None,
    options: SyncOptions | None = None,
) -> dict[str, Any]:
    """Return the patch that begins an operation on this version of an Application.

    `actor`: who asked for the Promotion, whose sync counts as manual; empty: nobody did, it counts as automated, and sync
    windows treat the two differently. `spec`: what is changed besides.
    """
    whole: dict[str, Any] = {
        "metadata": {
            "annotations": {REFRESH: "hard"},
        },
        "operation": _operation(application, promotion, actor, options or SyncOptions()),
    }
    if application.version:
        whole["metadata"]["resourceVersion"] = application.version
    given = application.document.get("spec")
    required: dict[str, Any] = {"project": "", "destination": {}}  # by the CRD
    there = given if isinstance(given, dict) else {}
    if said := {key: each for key, each in required.items() if key not in there} | dict(spec or {}):
        whole["spec"] = said
    if application.state is not None:
        whole["status"] = {"operationState": None}
    return whole


def refresh(kind: str = "hard") -> dict[str, Any]:
    """Return the patch that has Argo CD compare an Application anew: `hard` without its cache, `normal` with it."""
    return {"metadata": {"annotations": {REFRESH: kind}}}


def withdrawal(application: Application, promotion: str) -> dict[str, Any] | None:
    """Return the patch that takes back an operation of a Promotion; None where there is none that has not begun.

    Argo CD takes up an operation while none is under way, and leaves it in its place until it is complete: then its state
    names the same Promotion.
    """
    pending, state = application.pending, application.state
    if pending is None or pending.promotion != promotion:
        return None
    if state is not None and not state.is_complete and state.operation.promotion == promotion:
        return None
    whole: dict[str, Any] = {"operation": None}
    if application.version:
        whole["metadata"] = {"resourceVersion": application.version}
    return whole


def message(sources: Sequence[Mapping[str, Any]]) -> str:
    """Return what the Event about an operation says."""
    said = f"{CONTROLLER} initiated sync"
    if len(sources) == 1:
        return f"{said} to {sources[0].get('targetRevision') or 'HEAD'}"
    return f"{said} to {len(sources)} sources" if sources else said


def _operation(
    application: Application, promotion: str, actor: str, options: SyncOptions
) -> dict[str, Any]:
    policy = _mapping(_mapping(application.document.get("spec")).get("syncPolicy"))
    automated = policy.get("automated")
    prune = options.prune
    if prune is None and isinstance(automated, dict) and automated.get("enabled") is not False:
        # Without it, objects that are gone from the sources stay, and auto-sync does not try the same revision again.
        prune = automated.get("prune") is True
    sync: dict[str, Any] = {}
    if options.options is not None:
        sync["syncOptions"] = list(options.options)
    elif policy.get("syncOptions"):
        sync["syncOptions"] = copy.deepcopy(policy["syncOptions"])
    if prune:
        sync["prune"] = True
    if options.resources:
        sync["resources"] = [dict(each) for each in options.resources]
    if options.dry_run:
        sync["dryRun"] = True
    if options.strategy or options.force:
        sync["syncStrategy"] = {
            options.strategy or "hook": {"force": True} if options.force else {}
        }
    retry = _mapping(policy.get("retry"))
    return {
        "initiatedBy": {"username": actor, "automated": False}
        if actor
        else {"username": CONTROLLER, "automated": True},
        "info": [
            {"name": "Reason", "value": _REASON},
            {"name": PROMOTION, "value": promotion},
        ],
        "retry": {key: retry[key] for key in ("limit", "backoff") if retry.get(key)},
        "sync": sync,
    }


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
