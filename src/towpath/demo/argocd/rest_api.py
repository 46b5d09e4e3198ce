"""Argo CD's own API, as far as somebody needs it who promotes: Applications, their sync, streams, projects, who I am.

Status codes, messages and what is left out (`apiVersion` and `kind`, operations in a patch) are as Argo CD's server
has them (its `assets/swagger.json`; server/application in its sources).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd import accounts, rest_errors, rest_sync, sources, sync_windows
from towpath.demo.argocd.front import Exchange, body_of, json_answer
from towpath.demo.argocd.keys import Document, Key
from towpath.demo.argocd.policies import allowed
from towpath.demo.argocd.rest_stream import ApplicationStream
from towpath.demo.argocd.spec_checks import spec_errors
from towpath.demo.argocd.streams import Selection
from towpath.demo.argocd.surroundings import (
    APPLICATIONS,
    PROJECTS,
    REFRESH,
    application_key,
    project_of,
)
from towpath.errors import BadRequest, Conflict, Forbidden, NotFound, TowpathError
from towpath.resources.patches import json_patch, merge_patch
from towpath.server.kube import selectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from towpath.demo.argocd.accounts import Account
    from towpath.demo.argocd.git_sources import GitSources
    from towpath.demo.argocd.surroundings import InstallationParts

_APPLICATION: Final = re.compile(
    r"/api/v1/applications/(?P<name>[a-z0-9][a-z0-9.-]*)(?:/(?P<part>sync|operation|syncwindows|spec))?"
)
_PROJECT: Final = re.compile(r"/api/v1/projects/(?P<name>[a-z0-9][a-z0-9.-]*)")


class RestAPI:
    """Answers as Argo CD's server."""

    name = "rest"

    def __init__(self, around: InstallationParts, git: GitSources) -> None:
        self._around = around
        self._objects = around.objects
        self._git = git

    def failure(self, status: int, message: str) -> tuple[int, Document]:
        """See `API.failure`."""
        return rest_errors.of_status(status, message)

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """See `API.respond`."""
        body = None
        try:
            if request.path == "/api/version":
                answer = 200, {"Version": "v3.6.0+towpath-demo", "GitTreeState": "clean"}
            else:
                account = self._around.accounts.caller(request.headers.get("Authorization", ""))
                if request.path == "/api/v1/stream/applications":
                    return await self._stream(request, account).answer(request)
                body = await body_of(request)
                answer = 200, await self._answer(request, account, body or {})
        except TowpathError as error:
            answer = rest_errors.failure(error)
        self._around.observe(
            Exchange(self.name, request.method, request.path, request.query_string, body, *answer)
        )
        return json_answer(answer[1], answer[0])

    async def _answer(self, request: web.BaseRequest, account: Account, body: Document) -> Any:
        path, method, query = request.path, request.method, request.query
        if path == "/api/v1/session/userinfo":
            return {"loggedIn": True, "username": account.name, "iss": "argocd"}
        if path == "/api/v1/applications" and method == "GET":
            return self._list(account, query)
        if (found := _PROJECT.fullmatch(path)) and method == "GET":
            accounts.check_policy(account, "projects", "get", found["name"])
            key = Key(PROJECTS, self._around.settings.namespace, found["name"])
            return shown(self._objects.there(key))
        found = _APPLICATION.fullmatch(path)
        if found is None:
            raise NotFound("Not Found")
        given = {**query, **body} if method in ("POST", "PATCH") else query
        acting = {
            ("GET", None): ("get", self._get),
            ("PATCH", None): ("update", self._patch),
            ("POST", "sync"): ("sync", self._sync),
            ("DELETE", "operation"): ("sync", self._terminate),
            ("GET", "syncwindows"): ("get", self._windows),
        }.get((method, found["part"]))
        if acting is None:
            raise NotFound("Not Found")
        action, act = acting
        key = self._authorized(account, action, found["name"], given)
        return await act(key, given, account.name)

    def _authorized(self, account: Account, action: str, name: str, given: Any) -> Key:
        """Return the Application that somebody may act on.

        One that is not there is forbidden, too, unless its project is named: else anybody would be told what there is.
        """
        own = self._around.settings.namespace
        key = application_key(given.get("appNamespace") or own, name)
        project = given.get("project") or ""
        application = self._objects.get(key)
        if project:
            accounts.check_policy(account, "applications", "get", self._named(key, project))
            if application is None:
                raise NotFound(f'applications.argoproj.io "{name}" not found')
        if application is None:
            raise Forbidden("permission denied")
        actual = str((application.get("spec") or {}).get("project") or "default")
        if project and project != actual:
            raise NotFound(f'applications.argoproj.io "{name}" not found')
        accounts.check_policy(account, "applications", action, self._named(key, actual))
        return key

    def _named(self, key: Key, project: str) -> str:
        if key.namespace == self._around.settings.namespace:
            return f"{project}/{key.name}"
        return f"{project}/{key.namespace}/{key.name}"

    def may_see(self, account: Account, key: Key, application: Document) -> bool:
        """Whether an Application is shown to somebody in lists and streams."""
        project = str((application.get("spec") or {}).get("project") or "default")
        return allowed(account.policies, "applications", "get", self._named(key, project))

    def _list(self, account: Account, query: Any) -> Document:
        wanted = selection(query)
        projects = {*query.getall("projects", ()), *query.getall("project", ())}
        found = [
            shown(document)
            for key, document in self._objects.items(wanted.resource, wanted.namespace)
            if wanted.covers(key, document)
            and (not projects or (document.get("spec") or {}).get("project") in projects)
            and self.may_see(account, key, document)
        ]
        return {
            "metadata": {"resourceVersion": str(self._objects.revision)},
            "items": found or None,
        }

    async def _get(self, key: Key, given: Any, _: str) -> Document:
        kind = given.get("refresh")
        if kind:
            document = self._objects.there(key)
            self._objects.write(key, _annotated(document, "hard" if kind == "hard" else "normal"))
            while REFRESH in (self._objects.there(key)["metadata"].get("annotations") or {}):
                await self._objects.beyond(self._objects.revision)
        return shown(self._objects.there(key))

    async def _patch(self, key: Key, given: Any, _: str) -> Document:
        """Change spec, labels, annotations and finalizers; operation and status are not to be had this way."""
        apply: Callable[[Any, Any], Any] | None = {
            "json": json_patch.apply,
            "merge": merge_patch.apply,
        }.get(given.get("patchType") or "json")
        if apply is None:
            raise BadRequest(f"Patch type '{given.get('patchType')}' is not supported")
        before = self._objects.there(key)
        after = apply(shown(before), _decoded(given.get("patch")))
        metadata = dict(before["metadata"])
        for field in ("labels", "annotations", "finalizers"):
            metadata.pop(field, None)
            if value := (after.get("metadata") or {}).get(field):
                metadata[field] = value
        changed = before | {"metadata": metadata, "spec": after.get("spec") or {}}
        wrong = spec_errors(changed, project_of(self._around, changed))
        if wrong:
            raise BadRequest(f"application spec for {key.name} is invalid: {'; '.join(wrong)}")
        expected = (after.get("metadata") or {}).get("resourceVersion")
        return shown(self._objects.write(key, changed, expected=expected))

    async def _sync(self, key: Key, given: Any, username: str) -> Document:
        application = self._objects.there(key)
        rest_sync.check(self._around, application, given)
        wanted = given.get("revisions") or []
        revisions = []
        for number, source in enumerate(sources.of(application)):
            named = wanted[number] if number < len(wanted) else given.get("revision")
            revisions.append(await self._git.resolved_or_empty(source, named))
        # Somebody may have been faster while revisions were looked up.
        application = self._objects.there(key)
        rest_sync.check(self._around, application, given)
        asked = rest_sync.operation(application, given, username, revisions)
        return shown(self._objects.write(key, rest_sync.requested(application, asked)))

    async def _terminate(self, key: Key, _given: Any, _: str) -> Document:
        application = self._objects.there(key)
        state = (application.get("status") or {}).get("operationState")
        if application.get("operation") is None or not state:
            raise BadRequest("Unable to terminate operation. No operation is in progress")
        status = application["status"] | {"operationState": state | {"phase": "Terminating"}}
        self._objects.write(key, application | {"status": status})
        return {}

    async def _windows(self, key: Key, _given: Any, _: str) -> Document:
        application = self._objects.there(key)
        project = project_of(self._around, application)
        if project is None:
            raise Conflict("the project of the Application is not there")
        verdict = sync_windows.verdict(project, application, self._around.now())
        fields = ("kind", "schedule", "duration", "manualSync")
        return {
            "canSync": verdict.allows(manual=True),
            "assignedWindows": [{name: each[name] for name in fields if name in each} for each in verdict.assigned],
            "activeWindows": [{name: each[name] for name in fields if name in each} for each in verdict.active],
        }  # fmt: skip

    def _stream(self, request: web.BaseRequest, account: Account) -> ApplicationStream:
        if self._around.faults.refuses_watches:
            raise Forbidden("permission denied")
        return ApplicationStream(
            self._around,
            selection(request.query),
            request.query.get("resourceVersion", ""),
            lambda key, document: self.may_see(account, key, document),
            shown,
        )


def selection(query: Any) -> Selection:
    """Return which Applications a query is about."""
    return Selection(
        APPLICATIONS,
        query.get("appNamespace", ""),
        selectors.labels(query.get("selector", "")),
        query.get("name", ""),
    )


def shown(document: Document) -> Document:
    """Return an object as Argo CD's API has it: without `apiVersion` and `kind`."""
    return {name: value for name, value in document.items() if name not in ("apiVersion", "kind")}


def _annotated(document: Document, refresh: str) -> Document:
    metadata = document["metadata"]
    annotations = dict(metadata.get("annotations") or {}) | {REFRESH: refresh}
    return document | {"metadata": metadata | {"annotations": annotations}}


def _decoded(patch: Any) -> Any:
    import json

    try:
        return json.loads(patch)
    except (TypeError, ValueError) as error:
        raise BadRequest(f"error unmarshalling patch: {error}") from error
