"""Argo CD by its own API, as its server describes it (`/swagger.json`).

What it does not offer is done by what it does: a change of the spec is a patch of its own, an operation is a request to sync,
and a wish to compare anew is a question (`refresh`), for which the right to read is enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.argocd import lines, reading, statuses
from towpath.clients.argocd.contract import ApplicationEvent, EventKind
from towpath.clients.argocd.requests import CALL_SECONDS, Remedies, path
from towpath.clients.argocd.rest_patch import RestPatch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from towpath.clients.argocd.requests import ServerRequests
    from towpath.clock import Clock

API: Final = "/api/v1"
REMEDIES: Final = Remedies(
    unauthenticated="the token is not accepted, or has ended: make a new one with `argocd account generate-token` or "
    "`argocd proj role create-token`",
    forbidden="the token lacks a right, or there is no such Application: deploy/argocd/rest.yaml has the rights that "
    "are needed",
    missing="check its name and namespace",
)
_REFRESH_SECONDS: Final = 20.0
"""It answers when it has compared anew, which may take longer than anybody should wait: it goes on with that all the same."""
_STREAM_SECONDS: Final = 3600.0
_QUIET_SECONDS: Final = 600.0
_SETTLE_SECONDS: Final = 10.0
"""After a stream was asked for: it says nothing until there is something to say, not even that it has begun, so that what
happened between the list and its beginning is found by another list."""
_RELIST_SECONDS: Final = 600.0


class RestArgoCD:
    """See `contract.ArgoCD`."""

    def __init__(self, requests: ServerRequests, clock: Clock) -> None:
        self._requests = requests
        self._clock = clock

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.get`."""
        try:
            return await self._application(namespace, name, f"Application {namespace}/{name}")
        except errors.NotFound:
            return None

    async def _application(
        self, namespace: str, name: str, what: str, refresh: str = ""
    ) -> Mapping[str, Any]:
        query = {"appNamespace": namespace} | ({"refresh": refresh} if refresh else {})
        where = API + path("applications", name)
        seconds = _REFRESH_SECONDS if refresh else CALL_SECONDS
        return await self._requests.call("GET", where, what, query=query, seconds=seconds)

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """See `ArgoCD.find`."""
        what = f"Applications of namespace {namespace} that match {selector or 'anything'}"
        query = {"appNamespace": namespace} | ({"selector": selector} if selector else {})
        page = reading.ListPage(self._requests, f"{API}/applications", what)
        return await reading.gathered(page.events(query), self._requests.about(what))

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.project`: there is one namespace of AppProjects, Argo CD's own."""
        del namespace
        try:
            return await self._requests.call(
                "GET", API + path("projects", name), f"AppProject {name}"
            )
        except errors.NotFound:
            return None

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `ArgoCD.patch`."""
        what = f"Application {namespace}/{name}"
        asked = RestPatch.of(patch)
        where = API + path("applications", name)
        found = await self._application(namespace, name, what)
        if asked.version and asked.version != _version(found):
            raise errors.Conflict(
                self._requests.about(f"patch of {what}: it has changed meanwhile; read it again")
            )
        if changes := asked.changes(found):
            body = {
                "name": name,
                "appNamespace": namespace,
                "patchType": "json",
                "patch": json.dumps(changes, separators=(",", ":")),
            }
            try:
                found = await self._requests.call("PATCH", where, f"patch of {what}", body=body)
            except (errors.Unavailable, errors.BadRequest) as error:
                # Which code a test that does not hold comes with, its versions do not agree about.
                if _version(await self._application(namespace, name, what)) == _version(found):
                    raise
                raise errors.Conflict(error.message) from error
        elif asked.refresh:
            # One that takes long has begun all the same.
            with contextlib.suppress(errors.Timeout):
                found = await self._application(
                    namespace, name, f"refresh of {what}", asked.refresh
                )
        if asked.is_withdrawal:
            await self._requests.call(
                "DELETE",
                where + "/operation",
                f"operation of {what}",
                query={"appNamespace": namespace},
            )
            found = await self._application(namespace, name, what)
        elif asked.operation is not None:
            body = asked.request(name, namespace)
            found = await self._requests.call("POST", where + "/sync", f"sync of {what}", body=body)
        return found

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """See `ArgoCD.event`: this API takes none, and records its own."""

    async def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """See `ArgoCD.watch`: it cannot resume, so that a snapshot always comes first."""
        del since
        what = "stream of Applications"
        version = ""
        async for event in self._snapshot():
            version = event.version if event.kind is EventKind.LISTED else version
            yield event
        changes = reading.lines_of(
            self._requests,
            f"{API}/stream/applications",
            what,
            query={"resourceVersion": version or "0"},
            seconds=_STREAM_SECONDS,
            quiet_seconds=_QUIET_SECONDS,
        )
        taking = asyncio.ensure_future(anext(changes, None))
        due = asyncio.ensure_future(self._clock.sleep(_SETTLE_SECONDS))
        try:
            while True:
                await asyncio.wait((taking, due), return_when=asyncio.FIRST_COMPLETED)
                if taking.done():
                    line = taking.result()
                    if line is None:
                        return
                    if line:
                        yield self._told(line, what)
                    taking = asyncio.ensure_future(anext(changes, None))
                if due.done():
                    async for event in self._snapshot():
                        yield event
                    due = asyncio.ensure_future(self._clock.sleep(_RELIST_SECONDS))
        finally:
            due.cancel()
            taking.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await taking
            await changes.aclose()

    async def _snapshot(self) -> AsyncGenerator[ApplicationEvent]:
        page = reading.ListPage(self._requests, f"{API}/applications", "list of Applications")
        yield ApplicationEvent(EventKind.LISTING)
        async for event in page.events({}):
            yield event
        yield ApplicationEvent(EventKind.LISTED, version=page.version)

    def _told(self, line: bytes, what: str) -> ApplicationEvent:
        kind, document = lines.streamed(line)
        if kind == "ERROR" or not kind:
            raise self._failure(document, what)
        namespace, name, version = lines.named(document)
        is_gone = kind == "DELETED"
        return ApplicationEvent(
            EventKind.DELETED if is_gone else EventKind.CHANGED, namespace, name, version, document
        )

    def _failure(self, said: bytes, what: str) -> errors.TowpathError:
        found = statuses.read(said)
        code = found.get("grpc_code")
        message = str(found.get("message") or "a line of it is no change of an Application")
        kinds: dict[object, type[errors.TowpathError]] = {
            7: errors.Forbidden,
            16: errors.Unauthenticated,
        }
        kind = kinds.get(code, errors.Unavailable) if isinstance(code, int) else errors.Unavailable
        return kind(self._requests.about(f"{what}: it broke off: {self._requests.quoted(message)}"))


def _version(application: Mapping[str, Any]) -> str:
    metadata = application.get("metadata")
    return str(metadata.get("resourceVersion") or "") if isinstance(metadata, dict) else ""
