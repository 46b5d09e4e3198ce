"""The operation loop of the application controller: takes what `operation` asks for and brings it to an end."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import application_status, operations, sources, sync_steps, sync_windows
from towpath.demo.argocd.source_error import SourceError
from towpath.demo.argocd.spec_checks import spec_errors
from towpath.demo.argocd.surroundings import project_of
from towpath.demo.argocd.sync_run import Progress, SyncRun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.demo.argocd.cluster import Cluster
    from towpath.demo.argocd.comparing import Comparing
    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.manifests import Made, Manifests
    from towpath.demo.argocd.surroundings import InstallationParts

_BLOCKED: Final = "Sync operation blocked by sync window"
_LOOK_AGAIN: Final = timedelta(seconds=5)
_HISTORY: Final = 10


@dataclasses.dataclass(slots=True)
class _Try:
    """One try that is under way, in memory alone: after a restart it is begun anew, which is harmless."""

    run: SyncRun
    made: Made
    began: datetime
    result: Document


class Operating:
    """Brings operations to their ends."""

    def __init__(
        self,
        around: InstallationParts,
        cluster: Cluster,
        manifests: Manifests,
        comparing: Comparing,
    ) -> None:
        self._around = around
        self._cluster = cluster
        self._manifests = manifests
        self._comparing = comparing
        self._tries: dict[Key, _Try] = {}

    async def operate(self, key: Key) -> tuple[bool, timedelta | None]:
        """Go on with the operation of an Application as far as it goes.

        Returns whether it has come to its end now, and in what time to look again (None: when something changes).
        """
        application = self._around.objects.get(key)
        operation = (application or {}).get("operation")
        if application is None or not isinstance(operation, dict):
            self._tries.pop(key, None)
            return False, None
        state = (application.get("status") or {}).get("operationState")
        if self._around.faults.hides_operation_state:
            state = self._hidden(key, operation)
        if state is None or operations.is_complete(state):
            self._tries.pop(key, None)
            state = operations.begun(operation, self._around.now())
            self._write(key, state)
        if state.get("phase") == "Terminating":
            return self._conclude(key, state, Progress("Failed", "Operation terminated")), None
        if operations.is_between_tries(state):
            left = operations.retry_at(state) - self._around.now()
            if left > timedelta():
                return False, left
            state = operations.again(state)
            self._tries.pop(key, None)
            self._write(key, state)
        return await self._go_on(key, state)

    async def _go_on(self, key: Key, state: Document) -> tuple[bool, timedelta | None]:
        application = self._around.objects.there(key)
        operation = state["operation"]
        if not isinstance(operation.get("sync"), dict):
            wrong = Progress("Error", "Invalid operation request: no operation specified")
            return self._conclude(key, state, wrong), None
        project = project_of(self._around, application)
        faults = self._around.faults.of(f"{key.namespace}/{key.name}")
        if project is None or faults.ends_without_result:
            name = (application.get("spec") or {}).get("project")
            why = f"Failed to load application project: error getting app project {name!r}: not found"  # fmt: skip
            return self._conclude(key, state, Progress("Error", why)), None
        started = key in self._tries
        manual = not (operation.get("initiatedBy") or {}).get("automated")
        verdict = sync_windows.verdict(project, application, self._around.now())
        if not verdict.allows(manual=manual, started=started):
            self._write(key, state | {"message": _BLOCKED})
            return False, _LOOK_AGAIN
        if not started:
            failed = await self._begin(key, application, state, project)
            if failed is not None:
                return self._conclude(key, *failed), None
            if key not in self._tries:
                return False, None  # it is gone, or has another operation
        seconds = max(faults.seconds, self._around.settings.sync_seconds)
        return self._advance(key, state, seconds)

    async def _begin(
        self, key: Key, application: Document, state: Document, project: Document
    ) -> tuple[Document, Progress] | None:
        """Begin a try; return what it failed with before it had begun."""
        wanted = state["operation"]["sync"]
        result: Document = _sources_of(application)
        empty = state | {"syncResult": {"revision": "", **result}}
        if wrong := spec_errors(application, project):
            return empty, Progress("Error", "; ".join(f"InvalidSpecError: {each}" for each in wrong))  # fmt: skip
        try:
            self._around.faults.check_comparison()
            given = wanted.get("revisions") or [wanted.get("revision") or ""]
            kept = (state.get("syncResult") or {}) if state.get("retryCount") else {}
            given = kept.get("revisions") or [kept.get("revision") or given[0], *given[1:]]
            revisions = await self._manifests.resolve(application, given)
            made = await self._manifests.make(application, revisions)
        except SourceError as error:
            why = f"ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = {error}"  # fmt: skip
            return empty, Progress("Error", why)
        now = self._around.objects.get(key)
        if now is None or now.get("operation") != application.get("operation"):
            return None
        told = application_status.revisions_of(application, made.revisions)
        found = self._comparing.found(key, application, made.manifests)
        faults = self._around.faults.of(f"{key.namespace}/{key.name}")
        run = SyncRun(
            self._cluster,
            self._comparing.owner(key),
            sync_steps.steps(found, wanted.get("resources") or ()),
            faults,
            prune=bool(wanted.get("prune")),
            dry_run=bool(wanted.get("dryRun")),
        )
        self._tries[key] = _Try(run, made, self._around.now(), {"revision": "", **told, **result})
        return None

    def _advance(self, key: Key, state: Document, seconds: float) -> tuple[bool, timedelta | None]:
        trying = self._tries[key]
        left = trying.began + timedelta(seconds=seconds) - self._around.now()
        if left > timedelta():
            self._write(key, state | {"syncResult": trying.result})
            return False, left
        seen = self._around.now()
        progress = trying.run.advance()
        told = state | {"syncResult": trying.result | {"resources": [dict(each) for each in trying.run.resources]}}  # fmt: skip
        if progress.phase == "Running":
            self._write(key, told | {"message": progress.message})
            return False, self._left(key, seen)
        return self._conclude(key, told, progress), None

    def _left(self, key: Key, seen: datetime) -> timedelta:
        """Return in what time to look at what is waited for again."""
        left = self._cluster.next_change(self._comparing.owner(key), seen)
        return _LOOK_AGAIN if left is None else left

    def _conclude(self, key: Key, state: Document, progress: Progress) -> bool:
        """End a try; return whether the operation is over with that."""
        self._tries.pop(key, None)
        ended = operations.concluded(state, progress.phase, progress.message, self._around.now())
        self._write(key, ended)
        return operations.is_complete(ended)

    def _write(self, key: Key, state: Document) -> None:
        """Write a state; with one that is complete, the operation goes, and a successful full sync enters the history."""
        application = self._around.objects.get(key)
        if application is None:
            return
        status = dict(application.get("status") or {})
        status["operationState"] = state
        if self._around.faults.hides_operation_state:
            status.pop("operationState")
        changed = application | {"status": status}
        if operations.is_complete(state):
            changed.pop("operation", None)
            if state["phase"] == "Succeeded" and _is_full(state["operation"]):
                limit = (application.get("spec") or {}).get("revisionHistoryLimit", _HISTORY)
                status["history"] = operations.history(status, _entry(state), limit)
        self._around.objects.write(key, changed)

    def _hidden(self, key: Key, operation: Document) -> Document | None:
        """Return the state of an operation that is not written anywhere."""
        trying = self._tries.get(key)
        return None if trying is None else operations.begun(operation, trying.began)


def _sources_of(application: Document) -> Document:
    found = sources.of(application)
    if sources.is_multiple(application):
        return {"sources": found}
    return {"source": found[0]} if found else {}


def _is_full(operation: Document) -> bool:
    sync = operation.get("sync") or {}
    return not sync.get("dryRun") and not sync.get("resources")


def _entry(state: Document) -> Document:
    result = state["syncResult"]
    entry: Document = {
        "deployedAt": state["finishedAt"],
        "deployStartedAt": state["startedAt"],
        "initiatedBy": state["operation"].get("initiatedBy") or {},
    }
    fields: Sequence[str] = ("revision", "revisions", "source", "sources")
    return entry | {name: result[name] for name in fields if result.get(name)}
