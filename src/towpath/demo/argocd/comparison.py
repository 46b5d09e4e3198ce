"""Compares what Git says with what is live: which objects differ, are missing or extra, and how well they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd import cluster, health, hooks, workloads
from towpath.resources.copying import copied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.demo.argocd.health import ObjectHealth
    from towpath.demo.argocd.keys import Document, Key

OPTIONS: Final = "argocd.argoproj.io/compare-options"
WAVE: Final = "argocd.argoproj.io/sync-wave"
_OURS: Final = "demo.towpath.dev/"


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """One object: as Git has it, as it is, or both."""

    key: Key
    desired: Document | None
    live: Document | None
    differs: bool
    health: ObjectHealth | None

    @property
    def manifest(self) -> Document:
        """Whichever there is."""
        return self.desired or self.live or {}

    @property
    def is_extra(self) -> bool:
        """Whether it is live and not in Git."""
        return self.desired is None

    @property
    def is_hook(self) -> bool:
        """Whether it is a hook, which does not count."""
        return hooks.is_hook(self.manifest)

    @property
    def counts(self) -> bool:
        """Whether it counts for the sync status."""
        ignored = "IgnoreExtraneous" in _annotation(self.manifest, OPTIONS)
        return not self.is_hook and not (self.is_extra and ignored)

    def status(self) -> Document:
        """Return it as `status.resources` has it."""
        group, _, version = str(self.manifest.get("apiVersion", "")).rpartition("/")
        told: Document = {
            "kind": self.manifest.get("kind", ""),
            "version": version,
            "name": self.key.name,
        }
        told |= {"group": group} if group else {}
        told |= {"namespace": self.key.namespace} if self.key.namespace else {}
        if self.is_hook:
            told["hook"] = True
        else:
            told["status"] = "OutOfSync" if self.differs else "Synced"
        if self.is_extra and not self.is_hook:
            told["requiresPruning"] = True
        if wave := wave_of(self.manifest):
            told["syncWave"] = wave
        if self.health is not None and not self.is_hook:
            told["health"] = {"status": self.health.status}
            if self.health.message:
                told["health"]["message"] = self.health.message
        elif self.live is None and not self.is_hook:
            told["health"] = {"status": "Missing"}
        return told


def compared(
    desired: Sequence[Document], live: Mapping[Key, Document], namespace: str, ignored: Sequence[Document] = ()
) -> list[ComparedObject]:  # fmt: skip
    """Return every object of an Application, those of Git first. `ignored`: `spec.ignoreDifferences`."""
    found: dict[Key, ComparedObject] = {}
    for manifest in desired:
        key = cluster.key_of(manifest, namespace)
        there = live.get(key)
        differs = there is None or _differs(manifest, there, ignored)
        found[key] = ComparedObject(key, manifest, there, differs, None if there is None else health.of(there))  # fmt: skip
    for key, there in live.items():
        if key not in found:
            found[key] = ComparedObject(key, None, there, differs=True, health=health.of(there))
    return list(found.values())


def sync_status(found: Sequence[ComparedObject]) -> str:
    """Return `Synced`, or `OutOfSync` when anything that counts differs, is missing or extra."""
    return "OutOfSync" if any(each.differs for each in found if each.counts) else "Synced"


def health_of(found: Sequence[ComparedObject]) -> str:
    """Return how well an Application is: all missing is Missing, one that is missing does not count."""
    counting = [each for each in found if not each.is_hook]
    if counting and all(each.live is None for each in counting):
        return "Missing"
    return health.worst(each.health for each in counting if each.health is not None)


def images_of(found: Sequence[ComparedObject]) -> list[str]:
    """Return the images that run, by name."""
    return sorted({image for each in found if each.live for image in workloads.images(each.live)})


def wave_of(manifest: Document) -> int:
    """Return the wave in which an object is synced."""
    text = _annotation(manifest, WAVE)
    return int(text) if text.lstrip("-").isdecimal() else 0


def _differs(desired: Document, live: Document, ignored: Sequence[Document]) -> bool:
    pointers = [
        pointer
        for each in ignored
        if _is_about(each, desired)
        for pointer in each.get("jsonPointers") or ()
    ]
    return _essence(desired, pointers) != _essence(live, pointers)


def _essence(document: Document, pointers: Sequence[str]) -> Document:
    """Return what is compared: all but status and what a cluster adds to the metadata."""
    metadata = document.get("metadata") or {}
    annotations = {
        name: value
        for name, value in (metadata.get("annotations") or {}).items()
        if name != cluster.TRACKING and not name.startswith(_OURS)
    }
    made = {name: value for name, value in document.items() if name not in ("metadata", "status")}
    made["metadata"] = {"labels": metadata.get("labels") or {}, "annotations": annotations}
    if pointers:
        made = copied(made)
        for pointer in pointers:
            _remove(made, [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]])  # fmt: skip
    return made


def _remove(value: Any, path: Sequence[str]) -> None:
    for part in path[:-1]:
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return
    if isinstance(value, dict):
        value.pop(path[-1], None)


def _is_about(rule: Document, manifest: Document) -> bool:
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    name = (manifest.get("metadata") or {}).get("name")
    return (
        rule.get("kind") in ("*", manifest.get("kind"))
        and rule.get("group", "") in ("*", group)
        and rule.get("name", name) == name
    )


def _annotation(manifest: Document, name: str) -> str:
    found = ((manifest.get("metadata") or {}).get("annotations") or {}).get(name, "")
    return found if isinstance(found, str) else ""
