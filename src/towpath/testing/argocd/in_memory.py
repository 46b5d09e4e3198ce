"""An Argo CD that lies in memory: Applications, patches to them, and faults on demand. Nothing is reconciled."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Conflict, Forbidden, NotFound, Unavailable
from towpath.resources.patches import merge_patch as merging
from towpath.rules.argocd.application import read

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from towpath.clients.argocd import ApplicationEvent

NAME: Final = "in-memory"
_TERM: Final = re.compile(r"(!?)([^\s,!]+)(?: (in|notin) \(([^()]*)\))?(?:,|$)")
"""A term of a selector as `selectors.text` writes it."""


class InMemoryArgoCD:
    """See `clients.argocd.ArgoCD`, and `promotion.doors.argocd.ServingArgoCD` for the rest."""

    def __init__(
        self,
        applications: Sequence[Mapping[str, Any]] = (),
        *,
        namespace: str = "argocd",
        projects: Sequence[Mapping[str, Any]] = (),
        faults: Mapping[str, Any] | None = None,
    ) -> None:
        """`faults`: `discovery` and `conflicts` are numbers of failures, `forbidden` and `unreadable` names, `list` a flag."""
        self.name = NAME
        self.namespace = namespace
        self.api = self
        self.events: list[dict[str, str]] = []
        self.is_unreachable = False
        """Whether the last call found nobody."""
        given = faults or {}
        self._undiscovered = int(given.get("discovery") or 0)
        self._conflicts = dict(given.get("conflicts") or {})
        self._forbidden = set(given.get("forbidden") or ())
        self._unreadable = set(given.get("unreadable") or ())
        self._no_list = bool(given.get("list"))
        self._projects = {_key(each): each for each in projects}
        self._before: dict[str, dict[str, Any]] = {}
        self._there: dict[str, dict[str, Any]] = {}
        for each in applications:
            document = copy.deepcopy(dict(each))
            metadata = document.setdefault("metadata", {})
            metadata.setdefault("namespace", namespace)
            self._before[_key(document)] = copy.deepcopy(document)
            metadata.setdefault("resourceVersion", "1")
            self._there[_key(document)] = document

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an Application."""
        key = f"{namespace}/{name}"
        self._discover()
        if key in self._unreadable:
            raise Forbidden(f"Application {key} may not be read")
        found = self._there.get(key)
        return copy.deepcopy(found) if found is not None else None

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """Return the Applications that a selector matches."""
        self._discover()
        if self._no_list:
            raise Forbidden(f"Applications of namespace {namespace} may not be listed")
        return [
            copy.deepcopy(each)
            for _, each in sorted(self._there.items())
            if read(each).namespace == namespace and _matches(selector, read(each).labels)
        ]

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change an Application by a merge patch."""
        key = f"{namespace}/{name}"
        if key in self._forbidden:
            raise Forbidden(f"Application {key} may not be changed")
        if key not in self._there:
            raise NotFound(f"there is no Application {key}")
        before = self._there[key]
        version = before["metadata"]["resourceVersion"]
        wanted = (patch.get("metadata") or {}).get("resourceVersion")
        if wanted is not None and int(self._conflicts.get(key) or 0) > 0:
            self._conflicts[key] -= 1
            raise Conflict(f"Application {key} was changed meanwhile")
        if wanted not in (None, version):
            raise Conflict(f"Application {key} is at version {version}, not {wanted}")
        after = merging.apply(before, copy.deepcopy(dict(patch)))
        after["metadata"]["resourceVersion"] = str(int(version) + 1)
        self._there[key] = after
        return copy.deepcopy(after)

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an AppProject."""
        return self._projects.get(f"{namespace}/{name}")

    async def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """Tell nothing: nothing happens here by itself."""
        del since
        events: tuple[ApplicationEvent, ...] = ()
        for each in events:
            yield each

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """Record an Event."""
        del message
        found = read(application)
        self.events.append({"namespace": found.namespace, "name": found.name, "reason": reason})

    async def refresh(self, namespace: str, name: str, kind: str) -> bool:
        """Ask for a comparison, which nobody makes."""
        await self.patch(
            namespace, name, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}
        )
        return True

    async def application(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an Application."""
        return await self.get(namespace, name)

    def link(self, namespace: str, name: str) -> str:
        """Return nothing: there are no pages."""
        del namespace, name
        return ""

    async def serving(self, project: str, stage: str) -> InMemoryArgoCD:
        """Return itself: it serves everybody."""
        del project, stage
        return self

    def changed(self) -> dict[str, dict[str, Any]]:
        """Return what became of the Applications that were given, as merge patches by `NAMESPACE/NAME`."""
        found = {}
        for key, before in self._before.items():
            after = copy.deepcopy(self._there[key])
            if "resourceVersion" not in before["metadata"]:
                del after["metadata"]["resourceVersion"]
            if difference := merge_patch(before, after):
                found[key] = difference
        return found

    def _discover(self) -> None:
        self.is_unreachable = self._undiscovered > 0
        if self.is_unreachable:
            self._undiscovered -= 1
            raise Unavailable("the API does not know Applications yet")


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch (RFC 7396) that makes one object of the other."""
    found: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            if inner := merge_patch(old, value):
                found[key] = inner
        elif key not in before or old != value:
            found[key] = value
    return found


def _key(document: Mapping[str, Any]) -> str:
    metadata = document["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"


def _matches(selector: str, labels: Mapping[str, str]) -> bool:
    for absent, key, operator, values in _TERM.findall(selector):
        is_in = labels.get(key) in values.split(",") if operator else key in labels
        if is_in == bool(absent or operator == "notin"):
            return False
    return True
