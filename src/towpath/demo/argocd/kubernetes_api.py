"""The Kubernetes API in front of Applications and AppProjects: what Argo CD's CRDs offer, and what a client needs beside.

Lists with `limit` and `continue`, watches from a resource version with bookmarks, merge and JSON patches, optimistic
locking, core Events, SelfSubjectAccessReviews, discovery. Answers are as those of an API server.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.demo.argocd import accounts, kubernetes_discovery, kubernetes_tables, required_fields
from towpath.demo.argocd.front import Exchange, body_of, json_answer
from towpath.demo.argocd.keys import Document, Key
from towpath.demo.argocd.kubernetes_watch import KubernetesWatch
from towpath.demo.argocd.streams import Selection
from towpath.demo.argocd.surroundings import API_VERSION, APPLICATIONS, EVENTS, GROUP, PROJECTS
from towpath.errors import BadRequest, Expired, Forbidden, NotFound, TowpathError, Unsupported
from towpath.resources.patches import json_patch, merge_patch
from towpath.rules.rbac import Attributes
from towpath.server.kube import selectors, status

if TYPE_CHECKING:
    from aiohttp import web

    from towpath.demo.argocd.accounts import Account
    from towpath.demo.argocd.surroundings import InstallationParts

_NAME: Final = r"[a-z0-9][a-z0-9.-]*"
_OBJECTS: Final = re.compile(
    rf"/apis/argoproj\.io/v1alpha1(?:/namespaces/(?P<namespace>{_NAME}))?"
    rf"/(?P<plural>applications|appprojects)(?:/(?P<name>{_NAME}))?"
)
_EVENTS: Final = re.compile(rf"/api/v1/namespaces/(?P<namespace>{_NAME})/events")
_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_KINDS: Final = {"applications": "Application", "appprojects": "AppProject"}
_VERBS: Final = {
    "GET": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
    "POST": "create",
}
_PATCHES: Final = {
    "application/merge-patch+json": merge_patch.apply,
    "application/json-patch+json": json_patch.apply,
}


@dataclass(frozen=True, slots=True)
class _Target:
    """What a request is about."""

    plural: str
    namespace: str
    name: str

    @property
    def kind(self) -> str:
        return _KINDS[self.plural]

    @property
    def resource(self) -> str:
        return {"applications": APPLICATIONS, "appprojects": PROJECTS}[self.plural]

    @property
    def key(self) -> Key:
        return Key(self.resource, self.namespace, self.name)


class KubernetesAPI:
    """Answers as the API server of the cluster that holds the Applications."""

    name = "kubernetes"

    def __init__(self, around: InstallationParts) -> None:
        self._around = around
        self._objects = around.objects

    def failure(self, status_code: int, message: str) -> tuple[int, Document]:
        """See `API.failure`."""
        reasons = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}  # fmt: skip
        return status_code, status.document(
            status="Failure",
            message=message,
            reason=reasons.get(status_code, "InternalError"),
            code=status_code,
        )

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """See `API.respond`."""
        about, body = None, None
        try:
            account = self._around.accounts.caller(request.headers.get("Authorization", ""))
            if found := _OBJECTS.fullmatch(request.path):
                target = _Target(found["plural"], found["namespace"] or "", found["name"] or "")
                about = status.About(GROUP, target.plural, target.name)
                if _is_watch(request, target):
                    return await self._watch(request, account, target).answer(request)
                body = await body_of(request)
                answer = self._objects_answer(request, account, target, body)
                if kubernetes_tables.is_wanted(request.headers.get("Accept", "")):
                    answer = answer[0], _tabulated(answer[1])
            elif found := _EVENTS.fullmatch(request.path):
                body = await body_of(request)
                answer = self._event(account, request.method, found["namespace"], body)
            elif request.path == _REVIEWS:
                body = await body_of(request)
                answer = 201, _reviewed(account, body)
            else:
                answer = 200, kubernetes_discovery.document(request.path)
        except TowpathError as error:
            answer = error.status, status.failure(error, about)
        self._around.observe(
            Exchange(self.name, request.method, request.path, request.query_string, body, *answer)
        )
        return json_answer(answer[1], answer[0])

    def _objects_answer(
        self, request: web.BaseRequest, account: Account, target: _Target, body: Any
    ) -> tuple[int, Document]:
        verb = _VERBS.get(request.method, "")
        if verb == "get" and not target.name:
            verb = "list"
        attributes = Attributes(GROUP, target.plural, target.namespace, target.name)
        accounts.check(account, verb, attributes)
        match verb:
            case "get":
                return 200, self._objects.there(target.key)
            case "list":
                return 200, self._list(target, request.query)
            case "create":
                made = target if target.name else _named(target, body)
                _check(made, body)
                kept = self._objects.create(made.key, body | {"apiVersion": API_VERSION, "kind": made.kind})  # fmt: skip
                return 201, kept
            case "update":
                return 200, self._replace(target, body)
            case "patch":
                kind = request.headers.get("Content-Type", "").partition(";")[0].strip()
                return 200, self._patch(target, kind, body)
            case "delete":
                self._objects.delete(target.key)
                about = {"name": target.name, "group": GROUP, "kind": target.plural}
                return 200, status.success(about)
        raise BadRequest(f"the server does not allow {request.method} here")

    def _list(self, target: _Target, query: Any) -> Document:
        selection = _selection(target, query)
        revision, after = _continued(query.get("continue", ""), self._objects.revision)
        self._objects.since(revision)
        limit = int(query.get("limit") or 0)
        found = [
            (key, document)
            for key, document in self._objects.items(selection.resource, selection.namespace)
            if selection.covers(key, document) and [key.namespace, key.name] > after
        ]
        metadata: Document = {"resourceVersion": str(revision)}
        if limit and len(found) > limit:
            rest = len(found) - limit
            found = found[:limit]
            last = found[-1][0]
            token = msgspec.json.encode([revision, [last.namespace, last.name]])
            metadata["continue"] = base64.urlsafe_b64encode(token).decode()
            if not selection.labels:
                metadata["remainingItemCount"] = rest
        return {
            "apiVersion": API_VERSION,
            "kind": f"{target.kind}List",
            "metadata": metadata,
            "items": [document for _, document in found],
        }

    def _watch(
        self, request: web.BaseRequest, account: Account, target: _Target
    ) -> KubernetesWatch:
        attributes = Attributes(GROUP, target.plural, target.namespace, target.name)
        accounts.check(account, "watch", attributes)
        if self._around.faults.refuses_watches:
            raise Forbidden(
                f'{target.plural}.{GROUP} is forbidden: User "{account.name}" cannot watch'
            )
        query = request.query
        seconds = float(query.get("timeoutSeconds") or self._around.settings.watch_seconds)
        return KubernetesWatch(
            self._around,
            _selection(target, query),
            target.kind,
            query.get("resourceVersion", ""),
            bookmarks=query.get("allowWatchBookmarks") in ("true", "1"),
            seconds=min(seconds, self._around.settings.watch_seconds),
        )

    def _replace(self, target: _Target, body: Any) -> Document:
        _check(target, body)
        wanted = body | {"apiVersion": API_VERSION, "kind": target.kind}
        expected = body["metadata"].get("resourceVersion")
        return self._objects.write(target.key, wanted, expected=expected)

    def _patch(self, target: _Target, kind: str, patch: Any) -> Document:
        apply = _PATCHES.get(kind)
        if apply is None:
            raise Unsupported(
                "the body of the request was in an unknown format - accepted media types include: "
                + ", ".join(sorted(_PATCHES))
            )
        before = self._objects.there(target.key)
        after = apply(before, patch)
        _check(target, after)
        expected = after["metadata"].get("resourceVersion")
        return self._objects.write(target.key, after, expected=expected)

    def _event(
        self, account: Account, method: str, namespace: str, body: Any
    ) -> tuple[int, Document]:
        if method == "GET":
            accounts.check(account, "list", Attributes("", EVENTS, namespace))
            found = [document for _, document in self._objects.items(EVENTS, namespace)]
            metadata = {"resourceVersion": str(self._objects.revision)}
            return 200, {"apiVersion": "v1", "kind": "EventList", "metadata": metadata, "items": found}  # fmt: skip
        accounts.check(account, "create", Attributes("", EVENTS, namespace))
        metadata = (body or {}).get("metadata") or {}
        name = metadata.get("name") or f"{metadata.get('generateName', '')}{self._objects.revision}"
        involved = (body or {}).get("involvedObject") or {}
        if involved.get("namespace", "") not in ("", namespace):
            raise BadRequest("involvedObject.namespace: does not match event.namespace")
        made = self._objects.create(Key(EVENTS, namespace, name), body | {"apiVersion": "v1", "kind": "Event"})  # fmt: skip
        return 201, made


def _tabulated(answer: Document) -> Document:
    """Return an Application, or a list of them, as a table; anything else as it is."""
    match answer.get("kind"):
        case "ApplicationList":
            return kubernetes_tables.table(answer["items"], answer["metadata"])
        case "Application":
            version = answer["metadata"]["resourceVersion"]
            return kubernetes_tables.table([answer], {"resourceVersion": version})
    return answer


def _is_watch(request: web.BaseRequest, target: _Target) -> bool:
    return (
        request.method == "GET" and not target.name and request.query.get("watch") in ("true", "1")
    )


def _selection(target: _Target, query: Any) -> Selection:
    labels = selectors.labels(query.get("labelSelector", ""))
    name = selectors.name_of(query.get("fieldSelector", ""))
    return Selection(target.resource, target.namespace, labels, name)


def _continued(token: str, revision: int) -> tuple[int, list[str]]:
    """Return the revision of a list that is continued, and after which object; of one that begins: now, at the first."""
    if not token:
        return revision, []
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(token), type=tuple[int, list[str]])
    except (binascii.Error, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadRequest("continue key is not valid") from error
    if found[0] > revision:
        raise Expired("The provided continue parameter is too old to display a consistent list result")  # fmt: skip
    return found


def _named(target: _Target, body: Any) -> _Target:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise BadRequest("name or generateName is required")
    return _Target(target.plural, target.namespace, name)


def _check(target: _Target, document: Any) -> None:
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        raise BadRequest("the body is no object with metadata")
    if not target.namespace:
        raise NotFound(status.NO_SUCH_RESOURCE)
    if target.plural == "applications":
        required_fields.check(target.name, document)


def _reviewed(account: Account, review: Any) -> Document:
    """Return a SelfSubjectAccessReview with its answer."""
    wanted = ((review or {}).get("spec") or {}).get("resourceAttributes") or {}
    attributes = Attributes(
        wanted.get("group", ""),
        wanted.get("resource", ""),
        wanted.get("namespace", ""),
        wanted.get("name", ""),
        wanted.get("subresource", ""),
    )
    allowed = accounts.may(account, wanted.get("verb", ""), attributes)
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        **(review or {}),
        "status": {"allowed": allowed},
    }
