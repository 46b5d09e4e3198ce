"""Whether Argo CD syncs by itself (its page "Automated Sync Policy"): only what is OutOfSync, and not the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.demo.argocd import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.argocd.keys import Document

RETRY_LIMIT = 5
"""Of operations that Argo CD begins itself, where the policy says nothing."""
SELF_HEAL_SECONDS = 5.0


def policy(application: Document) -> Document | None:
    """Return the automation of an Application; None if it has none, or if that is switched off."""
    spec = application.get("spec") or {}
    found = (spec.get("syncPolicy") or {}).get("automated")
    if not isinstance(found, dict) or found.get("enabled") is False:
        return None
    return found


def was_attempted(application: Document, revisions: Sequence[str]) -> bool:
    """Whether the last operation was for the same revisions and sources."""
    state = (application.get("status") or {}).get("operationState") or {}
    result = state.get("syncResult")
    if not result:
        return False
    synced = result.get("revisions") or [result.get("revision", "")]
    compared = result.get("sources") or [result.get("source")]
    return list(synced) == list(revisions) and compared == sources.of(application)


def operation(application: Document, revisions: Sequence[str]) -> Document:
    """Return the operation that Argo CD begins by itself."""
    spec = application.get("spec") or {}
    sync_policy = spec.get("syncPolicy") or {}
    sync: Document = {"prune": bool((sync_policy.get("automated") or {}).get("prune"))}
    if sources.is_multiple(application):
        sync["revisions"] = list(revisions)
    else:
        sync["revision"] = revisions[0] if revisions else ""
    if options := sync_policy.get("syncOptions"):
        sync["syncOptions"] = options
    retry = sync_policy.get("retry") or {"limit": RETRY_LIMIT}
    return {"sync": sync, "retry": retry, "initiatedBy": {"automated": True}}
