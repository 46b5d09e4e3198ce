"""In which order a sync does what: hooks before, objects by wave, hooks after (Argo CD's page "Sync Phases and Waves"). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import comparison, hooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.argocd.comparison import ComparedObject
    from towpath.demo.argocd.keys import Document

_FIRST_KINDS: Final = (
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount", "Secret", "ConfigMap", "StorageClass",
    "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Role",
    "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicaSet", "Deployment", "StatefulSet", "Job", "CronJob", "Ingress",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """One object that a sync brings to what it should be, or takes away."""

    compared: ComparedObject
    phase: str
    is_hook: bool


@dataclass(frozen=True, slots=True)
class SyncStep:
    """What is done at once; the next step waits until it has come to be."""

    phase: str
    wave: int
    tasks: tuple[Task, ...]


def steps(found: Sequence[ComparedObject], wanted: Sequence[Document] = ()) -> list[SyncStep]:
    """Return the steps of a sync. `wanted`: `sync.resources`, if only some are synced; hooks are not run then."""
    tasks: list[Task] = []
    for each in found:
        if wanted and not any(_is_meant(each, one) for one in wanted):
            continue
        if not each.is_hook:
            tasks.append(Task(each, "Sync", is_hook=False))
        elif not wanted and each.desired is not None:
            phases = [phase for phase in hooks.phases_of(each.manifest) if phase in hooks.PHASES]
            tasks += [Task(each, phase, is_hook=True) for phase in phases]
    ordered = sorted(tasks, key=_place)
    grouped: dict[tuple[str, int], list[Task]] = {}
    for task in ordered:
        grouped.setdefault((task.phase, _wave(task)), []).append(task)
    return [SyncStep(phase, wave, tuple(group)) for (phase, wave), group in grouped.items()]


def _place(task: Task) -> tuple[int, int, int, str, str]:
    kind = str(task.compared.manifest.get("kind", ""))
    order = _FIRST_KINDS.index(kind) if kind in _FIRST_KINDS else len(_FIRST_KINDS)
    key = task.compared.key
    return hooks.PHASES.index(task.phase), _wave(task), order, key.namespace, key.name


def _wave(task: Task) -> int:
    return comparison.wave_of(task.compared.manifest)


def _is_meant(compared: ComparedObject, wanted: Document) -> bool:
    group = str(compared.manifest.get("apiVersion", "")).rpartition("/")[0]
    return (
        wanted.get("kind") == compared.manifest.get("kind")
        and wanted.get("group", "") == group
        and wanted.get("name") == compared.key.name
        and wanted.get("namespace") in (None, "", compared.key.namespace)
    )
