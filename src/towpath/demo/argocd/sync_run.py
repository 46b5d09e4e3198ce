"""One try of a sync: applies step after step to the cluster, and waits where the next one has to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import health, hooks, workloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.argocd.cluster import Cluster
    from towpath.demo.argocd.faults import OperationFaults
    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.sync_steps import SyncStep, Task

_UNSUCCESSFUL: Final = "one or more synchronization tasks completed unsuccessfully"
_DELETION: Final = "argocd.argoproj.io/hook-delete-policy"
_OPTIONS: Final = "argocd.argoproj.io/sync-options"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a try has come."""

    phase: str
    message: str


@dataclass(slots=True)
class SyncRun:
    """One try. `advance` goes as far as it can, and is called again when time has passed."""

    cluster: Cluster
    owner: str
    steps: Sequence[SyncStep]
    faults: OperationFaults
    prune: bool = False
    dry_run: bool = False
    results: dict[tuple[Key, str], Document] = field(default_factory=dict)
    _at: int = 0
    _is_applied: bool = False

    def advance(self) -> Progress:
        """Return how far it is."""
        while self._at < len(self.steps):
            step = self.steps[self._at]
            if not self._is_applied:
                if why := self._apply(step):
                    return Progress("Failed", why)
                self._is_applied = True
            waiting = self._waiting(step, is_last=self._at + 1 == len(self.steps))
            if waiting is not None:
                return waiting
            self._at += 1
            self._is_applied = False
        tasks = "all tasks run" if self.steps else "no more tasks"
        return Progress("Succeeded", f"successfully synced ({tasks})")

    @property
    def resources(self) -> list[Document]:
        """What became of each object, as `syncResult.resources` has it."""
        return list(self.results.values())

    def _apply(self, step: SyncStep) -> str:
        """Do what a step says; return why that failed, empty if it did not."""
        if self.faults.failures > 0 and step.phase == "Sync":
            self.faults.failures -= 1
            for task in step.tasks:
                self._tell(task, "SyncFailed", self.faults.message, hook_phase="Failed")
            return self.faults.message
        for task in step.tasks:
            if task.compared.is_extra:
                self._take_away(task)
            elif self.dry_run:
                self._tell(task, "Synced", "dry run", hook_phase="Succeeded")
            else:
                self._bring(task)
        return ""

    def _bring(self, task: Task) -> None:
        key, manifest = task.compared.key, task.compared.manifest
        if task.is_hook:
            self.cluster.delete(key)
        was_there = self.cluster.get(key) is not None
        changed = self.cluster.apply(key, manifest, self.owner)
        verb = "unchanged" if not changed else "configured" if was_there else "created"
        kind = key.resource.lower()
        self._tell(
            task,
            "" if task.is_hook else "Synced",
            f"{kind}/{key.name} {verb}",
            hook_phase="Running",
        )

    def _take_away(self, task: Task) -> None:
        if self.prune and "Prune=false" not in _annotation(task.compared.manifest, _OPTIONS):
            if not self.dry_run:
                self.cluster.delete(task.compared.key)
            self._tell(task, "Pruned", "pruned", hook_phase="Succeeded")
        else:
            self._tell(task, "PruneSkipped", "ignored (requires pruning)", hook_phase="Succeeded")

    def _waiting(self, step: SyncStep, *, is_last: bool) -> Progress | None:
        """Return what a step waits for or failed with, None if it is done."""
        if self.dry_run:
            return None
        waited: list[tuple[str, str]] = []
        failed: list[str] = []
        for task in step.tasks:
            live = self.cluster.get(task.compared.key)
            if live is None or task.compared.is_extra:
                continue
            found = health.of(live)
            matters = task.is_hook or not is_last
            status = found.status if found is not None else "Healthy"
            if status == "Degraded" and matters:
                message = found.message if found is not None else ""
                failed.append(f"{task.compared.key.resource}/{task.compared.key.name}: {message}")
                self._update(task, "Failed", message)
            elif status == "Progressing" and matters:
                what = "completion of hook" if task.is_hook else "healthy state of"
                waited.append((what, _named(task)))
            else:
                self._update(task, "Succeeded" if task.is_hook else "", "")
                self._clear(task)
        if failed:
            return Progress("Failed", f"{_UNSUCCESSFUL}, reason: {'; '.join(failed)}")
        if waited:
            what, first = waited[0]
            more = f" and {len(waited) - 1} more resources" if len(waited) > 1 else ""
            return Progress("Running", f"waiting for {what} {first}{more}")
        return None

    def _clear(self, task: Task) -> None:
        """Take away a hook that has succeeded, where its policy says so."""
        if task.is_hook and "HookSucceeded" in _annotation(task.compared.manifest, _DELETION):
            self.cluster.delete(task.compared.key)

    def _tell(self, task: Task, status: str, message: str, *, hook_phase: str) -> None:
        manifest, key = task.compared.manifest, task.compared.key
        group, _, version = str(manifest.get("apiVersion", "")).rpartition("/")
        told: Document = {
            "group": group,
            "version": version,
            "kind": manifest.get("kind", ""),
            "namespace": key.namespace,
            "name": key.name,
            "message": message,
            "hookPhase": hook_phase,
            "syncPhase": task.phase,
        }
        if status:
            told["status"] = status
        if task.is_hook:
            told["hookType"] = ",".join(hooks.phases_of(manifest))
        if images := workloads.images(manifest):
            told["images"] = images
        self.results[key, task.phase] = told

    def _update(self, task: Task, hook_phase: str, message: str) -> None:
        told = self.results.get((task.compared.key, task.phase))
        if told is not None and hook_phase:
            told["hookPhase"] = hook_phase
            told["message"] = message or told["message"]


def _named(task: Task) -> str:
    group = str(task.compared.manifest.get("apiVersion", "")).rpartition("/")[0]
    return f"{group}/{task.compared.manifest.get('kind')}/{task.compared.key.name}"


def _annotation(manifest: Document, name: str) -> str:
    return str(((manifest.get("metadata") or {}).get("annotations") or {}).get(name, ""))
