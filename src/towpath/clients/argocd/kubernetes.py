"""Argo CD by the Kubernetes API of the cluster that holds its Applications.

Lists and watches as https://kubernetes.io/docs/reference/using-api/api-concepts/ states them: a list in pages, then a watch
from its version; bookmarks; 410 where a version is too old.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.argocd import lines, reading, statuses
from towpath.clients.argocd.contract import ApplicationEvent, EventKind
from towpath.clients.argocd.requests import Remedies, path
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from towpath.clients.argocd.requests import ServerRequests
    from towpath.clock import Clock

API: Final = "/apis/argoproj.io/v1alpha1"
REMEDIES: Final = Remedies(
    unauthenticated="the token or certificate is not accepted, or has ended: renew it",
    forbidden="its account lacks a right: deploy/argocd/kubernetes.yaml has those that are needed",
    missing="check the namespace and, if nothing is found at all, that Argo CD is installed there",
)
MANAGER: Final = "towpath"
_PAGE: Final = 200
_MOST_PAGES: Final = 5_000
"""Of one list: no server has a million Applications."""
_WATCH_SECONDS: Final = 300
"""After which the server ends a watch, plus up to as much again: watches of many do not end together."""
_SLACK_SECONDS: Final = 30.0
_QUIET_SECONDS: Final = 150.0
"""Bookmarks come about every minute; where nothing has come for so long the other side may be gone."""


class KubernetesArgoCD:
    """See `contract.ArgoCD`."""

    def __init__(self, requests: ServerRequests, clock: Clock, *, namespace: str = "") -> None:
        """`namespace`: in which Applications are watched; empty: in all."""
        self._requests = requests
        self._clock = clock
        self._namespace = namespace

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.get`."""
        return await self._object(namespace, "applications", name, "Application")

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.project`."""
        return await self._object(namespace, "appprojects", name, "AppProject")

    async def _object(
        self, namespace: str, plural: str, name: str, kind: str
    ) -> Mapping[str, Any] | None:
        try:
            return await self._requests.call(
                "GET",
                API + path("namespaces", namespace, plural, name),
                f"{kind} {namespace}/{name}",
            )
        except errors.NotFound:
            return None

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """See `ArgoCD.find`."""
        query = {"labelSelector": selector} if selector else {}
        what = f"Applications of namespace {namespace} that match {selector or 'anything'}"
        where = API + path("namespaces", namespace, "applications")
        return await reading.gathered(self._pages(where, what, query), self._requests.about(what))

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `ArgoCD.patch`."""
        return await self._requests.call(
            "PATCH",
            API + path("namespaces", namespace, "applications", name),
            f"patch of Application {namespace}/{name}",
            query={"fieldManager": MANAGER},
            body=patch,
            content_type="application/merge-patch+json",
        )

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """See `ArgoCD.event`."""
        metadata = application.get("metadata")
        about: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
        namespace, name = str(about.get("namespace") or ""), str(about.get("name") or "")
        now = moments.whole_seconds(self._clock.now())
        await self._requests.call(
            "POST",
            "/api/v1" + path("namespaces", namespace, "events"),
            f"Event about Application {namespace}/{name}",
            body={
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"generateName": f"{name[:200]}.", "namespace": namespace},
                "involvedObject": {
                    "apiVersion": "argoproj.io/v1alpha1",
                    "kind": "Application",
                    "namespace": namespace,
                    "name": name,
                    "uid": str(about.get("uid") or ""),
                    "resourceVersion": str(about.get("resourceVersion") or ""),
                },
                "reason": reason,
                "message": message[:1000],
                "type": "Normal",
                "count": 1,
                "firstTimestamp": now,
                "lastTimestamp": now,
                "source": {"component": MANAGER},
                "reportingComponent": MANAGER,
            },
        )

    async def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """See `ArgoCD.watch`."""
        where = API + (
            path("namespaces", self._namespace, "applications")
            if self._namespace
            else "/applications"
        )
        place = f"namespace {self._namespace}" if self._namespace else "all namespaces"
        version = since
        if not version:
            yield ApplicationEvent(EventKind.LISTING)
            listed = self._pages(where, f"list of Applications of {place}", {})
            try:
                async for event in listed:
                    if event.kind is EventKind.LISTED:
                        version = event.version
                    yield event
            finally:
                await listed.aclose()
        seconds = _WATCH_SECONDS + random.randrange(_WATCH_SECONDS)  # noqa: S311 - nobody need not guess it
        what = f"watch of Applications of {place}"
        changes = reading.lines_of(
            self._requests,
            where,
            what,
            query={
                "watch": "1",
                "allowWatchBookmarks": "true",
                "resourceVersion": version,
                "timeoutSeconds": seconds,
            },
            seconds=seconds + _SLACK_SECONDS,
            quiet_seconds=_QUIET_SECONDS,
        )
        try:
            async for line in changes:
                if line:
                    yield self._told(line, what)
                else:
                    yield ApplicationEvent(EventKind.BOOKMARK, version=version)
        finally:
            await changes.aclose()

    def _told(self, line: bytes, what: str) -> ApplicationEvent:
        """Return what a line of a watch tells. Raises Expired, and Unavailable for whatever else has gone wrong."""
        kind, document = lines.watched(line)
        if kind == "ERROR" or not kind:
            raise self._failure(document, what)
        namespace, name, version = lines.named(document)
        if kind == "BOOKMARK":
            return ApplicationEvent(EventKind.BOOKMARK, version=version)
        is_gone = kind == "DELETED"
        return ApplicationEvent(
            EventKind.DELETED if is_gone else EventKind.CHANGED,
            namespace,
            name,
            version,
            document,
        )

    def _failure(self, said: bytes, what: str) -> errors.TowpathError:
        status = statuses.read(said)
        message = str(status.get("message") or "a line of it is no change of an object")
        is_expired = status.get("code") == 410 or statuses.is_ahead(status)
        error = errors.Expired if is_expired else errors.Unavailable
        return error(
            self._requests.about(f"{what}: it broke off: {self._requests.quoted(message)}")
        )

    async def _pages(
        self, where: str, what: str, query: Mapping[str, Any]
    ) -> AsyncGenerator[ApplicationEvent]:
        """Yield the objects of a list, and at its end its version."""
        going_on = ""
        for _ in range(_MOST_PAGES):
            is_empty = True
            page = reading.ListPage(self._requests, where, what)
            asked = {**query, "limit": _PAGE}
            if going_on:
                asked["continue"] = going_on
            async for event in page.events(asked):
                is_empty = False
                yield event
            if page.going_on and (is_empty or page.going_on == going_on):
                break
            going_on = page.going_on
            if not going_on:
                yield ApplicationEvent(EventKind.LISTED, version=page.version)
                return
        raise errors.Unavailable(
            self._requests.about(f"{what}: its pages lead in a circle; check the address")
        )
