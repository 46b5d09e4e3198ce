"""The comparison loop of the application controller: what Git says beside what is live, and what becomes of that."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import application_status, auto_sync, comparison, operations, sync_windows
from towpath.demo.argocd.source_error import RepositoryError, SourceError
from towpath.demo.argocd.spec_checks import spec_errors
from towpath.demo.argocd.surroundings import project_of
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.argocd.cluster import Cluster
    from towpath.demo.argocd.comparison import ComparedObject
    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.manifests import Manifests
    from towpath.demo.argocd.surroundings import InstallationParts

_PADDED: Final = "https://padding.invalid/"


class Level(enum.IntEnum):
    """How much is looked at anew."""

    RECENT = 1
    """What is live; revisions as they were. `reconciledAt` does not move."""
    LATEST = 2
    """Revisions, too."""
    HARD = 3
    """What was made of them, too."""


class Comparing:
    """Compares Applications."""

    def __init__(self, around: InstallationParts, cluster: Cluster, manifests: Manifests) -> None:
        self._around = around
        self._cluster = cluster
        self._manifests = manifests
        self._failing: dict[Key, datetime] = {}
        """Since when the repository of an Application gives errors that nobody was told of."""

    async def compare(self, key: Key, level: Level) -> None:
        """Compare an Application, and write what came of it. A request for a refresh is answered by that."""
        application = self._around.objects.get(key)
        if application is None:
            return
        asked = application_status.refresh_of(application)
        project = project_of(self._around, application)
        if wrong := spec_errors(application, project):
            self._write_failure(key, asked, "InvalidSpecError", wrong)
            return
        try:
            self._around.faults.check_comparison()
            former = _revisions(application) if level is Level.RECENT else ()
            revisions = former or await self._manifests.resolve(application)
            made = await self._manifests.make(application, revisions, anew=level is Level.HARD)
        except SourceError as error:
            if not asked and isinstance(error, RepositoryError) and self._is_excused(key):
                return
            message = f"Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = {error}"  # fmt: skip
            self._write_failure(key, asked, "ComparisonError", [message])
            return
        self._failing.pop(key, None)
        application = self._around.objects.get(key)
        if application is None:
            return
        found = self.found(key, application, made.manifests)
        stamp = self._around.stamp()
        status = dict(application.get("status") or {})
        told = application_status.after_comparison(status, application, made, found, stamp=stamp)
        if level >= Level.LATEST or not told.get("reconciledAt"):
            told["reconciledAt"] = stamp
        told["controllerNamespace"] = self._around.settings.namespace
        if padding := self._around.faults.padding_bytes:
            told["summary"] = told["summary"] | {"externalURLs": [_PADDED + "x" * padding]}
        changed = self._automated(application | {"status": told}, found, made.revisions, project)
        self._around.objects.write(key, application_status.without_refresh(changed, asked))

    def found(
        self, key: Key, application: Document, manifests: Sequence[Document]
    ) -> list[ComparedObject]:
        """Return every object of an Application, as Git has it and as it is."""
        spec = application.get("spec") or {}
        namespace = str((spec.get("destination") or {}).get("namespace") or "default")
        live = self._cluster.live(self.owner(key))
        return comparison.compared(manifests, live, namespace, spec.get("ignoreDifferences") or ())

    def owner(self, key: Key) -> str:
        """Return by which name an Application's objects are known to be its own."""
        own = self._around.settings.namespace
        return key.name if key.namespace == own else f"{key.namespace}_{key.name}"

    def _write_failure(self, key: Key, asked: str, kind: str, messages: Sequence[str]) -> None:
        application = self._around.objects.get(key)
        if application is None:
            return
        stamp = self._around.stamp()
        health = "Unknown"
        if kind == "ComparisonError":
            health = comparison.health_of(
                [each for each in self.found(key, application, ()) if each.live is not None]
            )
        told = application_status.after_failure(
            dict(application.get("status") or {}), application, kind, messages, health, stamp=stamp
        )
        changed = application | {"status": told | {"reconciledAt": stamp}}
        self._around.objects.write(key, application_status.without_refresh(changed, asked))

    def _is_excused(self, key: Key) -> bool:
        """Whether an error of a repository is not told yet."""
        since = self._failing.setdefault(key, self._around.now())
        grace = timedelta(seconds=self._around.settings.repository_error_grace_seconds)
        return self._around.now() - since < grace

    def _automated(
        self,
        application: Document,
        found: Sequence[ComparedObject],
        revisions: Sequence[str],
        project: Document | None,
    ) -> Document:
        """Return an Application with the operation that Argo CD begins by itself, or with why it does not."""
        status = application["status"]
        policy = auto_sync.policy(application)
        errors: list[tuple[str, str]] = []
        wanted = (
            policy is not None
            and status["sync"]["status"] == "OutOfSync"
            and application.get("operation") is None
            and project is not None
            and (policy.get("prune") or not _only_extra(found))
            and sync_windows.verdict(project, application, self._around.now()).allows(manual=False)
        )
        if wanted and auto_sync.was_attempted(application, revisions):
            state = status["operationState"]
            if state.get("phase") in ("Failed", "Error"):
                errors = [("SyncError", f"Failed last sync attempt to {list(revisions)}: {state.get('message', '')}")]  # fmt: skip
                wanted = False
            elif not (policy and policy.get("selfHeal")) or not self._may_heal(state):
                wanted = False
        elif status["sync"]["status"] == "OutOfSync" and policy is not None and not wanted:
            errors = [
                (each["type"], each["message"])
                for each in status.get("conditions") or ()
                if each["type"] == "SyncError"
            ]
        told = application_status.with_conditions(status, ["SyncError"], errors, self._around.stamp())  # fmt: skip
        changed = application | {"status": told}
        return changed | {"operation": auto_sync.operation(application, revisions)} if wanted else changed  # fmt: skip

    def heals_in(self, application: Document) -> timedelta | None:
        """Return in what time an Application may be healed by itself; None if that is not what it waits for."""
        status = application.get("status") or {}
        state = status.get("operationState") or {}
        policy = auto_sync.policy(application)
        if not policy or not policy.get("selfHeal") or not operations.is_complete(state):
            return None
        if (status.get("sync") or {}).get("status") != "OutOfSync" or self._may_heal(state):
            return None
        finished = moments.exact(state.get("finishedAt")) or moments.FIRST
        return finished + timedelta(seconds=auto_sync.SELF_HEAL_SECONDS) - self._around.now()

    def _may_heal(self, state: Document) -> bool:
        finished = moments.exact(state.get("finishedAt"))
        pause = timedelta(seconds=auto_sync.SELF_HEAL_SECONDS)
        return finished is None or self._around.now() - finished >= pause


def _revisions(application: Document) -> tuple[str, ...]:
    """Return the revisions of the last comparison, if it came to its end and was for the same spec."""
    sync = (application.get("status") or {}).get("sync") or {}
    if sync.get("status") not in ("Synced", "OutOfSync"):
        return ()
    if sync.get("comparedTo") != application_status.compared_to(application):
        return ()
    return tuple(sync.get("revisions") or [sync.get("revision", "")])


def _only_extra(found: Sequence[ComparedObject]) -> bool:
    """Whether all that differs is extra: without pruning there is nothing to do."""
    return all(each.is_extra for each in found if each.counts and each.differs)
