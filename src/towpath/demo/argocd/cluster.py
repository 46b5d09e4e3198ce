"""The simulated cluster that Applications are deployed to: what was applied lies there, and comes to be by time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import workloads
from towpath.demo.argocd.keys import Document, Key
from towpath.demo.argocd.objects import Objects
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.demo.argocd.object_files import ObjectFiles
    from towpath.demo.argocd.workloads import Pace

TRACKING: Final = "argocd.argoproj.io/tracking-id"
_CHANGED: Final = "demo.towpath.dev/changed-at"
"""When what an object runs was changed last."""


def key_of(manifest: Document, namespace: str) -> Key:
    """Return the key of what a manifest describes. `namespace`: of those that name none."""
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    metadata = manifest.get("metadata") or {}
    kind = str(manifest.get("kind", ""))
    return Key(
        f"{kind}.{group}" if group else kind,
        "" if kind in _CLUSTERED else str(metadata.get("namespace") or namespace),
        str(metadata.get("name") or metadata.get("generateName") or ""),
    )


_CLUSTERED: Final = frozenset(
    {"Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "StorageClass"}
)  # fmt: skip


class Cluster:
    """Objects that were applied, with their status as it is now."""

    def __init__(
        self,
        now: Callable[[], datetime],
        pace: Callable[[], Pace],
        *,
        files: ObjectFiles | None = None,
    ) -> None:
        self._now = now
        self._pace = pace
        self._objects = Objects(now, files=files, kept_changes=1)
        self._of: dict[str, dict[Key, None]] = {}
        self._owners: dict[Key, str] = {}
        for key in tuple(self._objects.keys()):
            self._remember(key, self._objects.there(key))

    def live(self, owner: str) -> dict[Key, Document]:
        """Return the objects of an Application, each with its status."""
        return {key: self._seen(self._objects.there(key)) for key in self._of.get(owner, ())}

    def get(self, key: Key) -> Document | None:
        """Return an object with its status."""
        found = self._objects.get(key)
        return None if found is None else self._seen(found)

    def apply(self, key: Key, manifest: Document, owner: str) -> bool:
        """Bring an object to what a manifest says; return whether that made it or changed it."""
        before = self._objects.get(key)
        annotations = dict((manifest.get("metadata") or {}).get("annotations") or {})
        annotations[TRACKING] = _tracking(owner, key)
        annotations[_CHANGED] = moments.precise(self._now())
        if before is not None and not _runs_otherwise(before, manifest):
            annotations[_CHANGED] = before["metadata"]["annotations"][_CHANGED]
        metadata = dict(manifest.get("metadata") or {}) | {"annotations": annotations}
        wanted = manifest | {"metadata": metadata}
        if before is None:
            self._objects.create(key, wanted)
            self._remember(key, wanted)
            return True
        after = self._objects.write(key, wanted)
        self._remember(key, after)
        return after is not before

    def delete(self, key: Key) -> None:
        """Take an object away, if it is there."""
        if self._objects.get(key) is not None:
            self._objects.delete(key)
            self._of[self._owners.pop(key)].pop(key)

    def change(self, key: Key, document: Document) -> None:
        """Change an object as somebody with access to the cluster does. Raises NotFound."""
        self._objects.write(key, document)

    def next_change(self, owner: str, seen: datetime) -> timedelta | None:
        """Return in what time the status of an Application's objects is another than at a moment; None: never.

        `seen`: when it was looked at. What has changed since then is to be looked at now.
        """
        pace, now = self._pace(), self._now()
        found = (
            workloads.next_change(document, self._since(document, seen), pace)
            for document in (self._objects.there(key) for key in self._of.get(owner, ()))
        )
        soonest = min((each for each in found if each is not None), default=None)
        return None if soonest is None else max(soonest - (now - seen), timedelta())

    def _seen(self, document: Document) -> Document:
        status = workloads.status(document, self._since(document, self._now()), self._pace())
        return document | {"status": status} if status else document

    def _since(self, document: Document, moment: datetime) -> timedelta:
        """Return for how long an object had been as it is at a moment."""
        changed = moments.exact(document["metadata"]["annotations"].get(_CHANGED))
        return moment - (changed or moments.FIRST)

    def _remember(self, key: Key, document: Document) -> None:
        owner = document["metadata"]["annotations"].get(TRACKING, "").partition(":")[0]
        former = self._owners.get(key)
        if former is not None and former != owner:
            self._of[former].pop(key)
        self._owners[key] = owner
        self._of.setdefault(owner, {})[key] = None


def _tracking(owner: str, key: Key) -> str:
    kind, _, group = key.resource.partition(".")
    return f"{owner}:{group}/{kind}:{key.namespace}/{key.name}"


def _runs_otherwise(before: Document, manifest: Document) -> bool:
    """Whether Pods are made anew, or more of them: the spec differs."""
    return bool(before.get("spec") != manifest.get("spec"))
