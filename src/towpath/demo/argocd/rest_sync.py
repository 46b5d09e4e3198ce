"""What Argo CD's own API makes of a request to sync: an operation in the name of whoever asks, judged as a person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.demo.argocd import auto_sync, sources, sync_windows
from towpath.demo.argocd.surroundings import project_of
from towpath.errors import BadRequest, Conflict, Forbidden

if TYPE_CHECKING:
    from towpath.demo.argocd.keys import Document
    from towpath.demo.argocd.surroundings import InstallationParts

_COPIED = ("prune", "dryRun", "resources", "manifests")


def check(around: InstallationParts, application: Document, request: Document) -> None:
    """Raise for what stands against a sync: deletion, sync windows, another operation, automation. Conflict, Forbidden."""
    if application["metadata"].get("deletionTimestamp"):
        raise Conflict("application is deleting")
    project = project_of(around, application)
    if project is None:
        spec = application.get("spec") or {}
        raise BadRequest(f'app project "{spec.get("project")}" not found')
    verdict = sync_windows.verdict(project, application, around.now())
    if not verdict.allows(manual=True):
        raise Forbidden("cannot sync: blocked by sync window")
    target = request.get("revision")
    automated = auto_sync.policy(application)
    wanted = sources.of(application)[0].get("targetRevision") or "HEAD" if sources.of(application) else ""  # fmt: skip
    if automated is not None and target and target != wanted:
        raise Conflict(f"cannot sync to {target}: auto-sync currently set to {wanted}")
    if application.get("operation") is not None:
        raise Conflict("another operation is already in progress")


def operation(application: Document, request: Document, username: str, revisions: list[str]) -> Document:  # fmt: skip
    """Return the operation that is asked for. `revisions`: what each source resolves to, empty where it does not."""
    sync: Document = {name: request[name] for name in _COPIED if request.get(name)}
    if options := ((request.get("syncOptions") or {}).get("items")):
        sync["syncOptions"] = options
    sync["syncStrategy"] = request.get("strategy") or {"hook": {}}
    if sources.is_multiple(application):
        sync["revisions"] = revisions
    elif revisions and revisions[0]:
        sync["revision"] = revisions[0]
    made: Document = {"initiatedBy": {"username": username}, "sync": sync}
    if retry := request.get("retryStrategy"):
        made["retry"] = retry
    if infos := request.get("infos"):
        made["info"] = infos
    return made


def requested(application: Document, operation: Document) -> Document:
    """Return an Application of which an operation is asked; what the last one came to is forgotten."""
    status: dict[str, Any] = dict(application.get("status") or {})
    status.pop("operationState", None)
    return application | {"operation": operation, "status": status}
