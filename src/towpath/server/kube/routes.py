"""The paths of the Kubernetes API, who may use them, and what answers.

What a request wants to do to which resource is told by method and path alone, and is authorised before anything is
read: who may not see a resource does not learn whether it exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from towpath.clients.http.on_behalf import on_behalf
from towpath.errors import NotFound, TowpathError
from towpath.rules.rbac import Attributes
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.kube import (
    account_tokens,
    definitions,
    deletions,
    paths,
    reads,
    reviews,
    selectors,
    status,
    writes,
)
from towpath.server.kube.described import DESCRIBED
from towpath.server.kube.status import About, MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.kube.paths import ResourcePath
    from towpath.server.services import Services

    Handler = Callable[[Request, Services], Awaitable[Response]]
    OfTarget = Callable[[Request, Services, ResourcePath], Awaitable[Response]]

OBJECT_PATHS: Final = ("/api/{version}/{rest:path}", "/apis/{group}/{version}/{rest:path}")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OF_ONE: Final = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OF_MANY: Final = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_HANDLERS: Final[dict[str, OfTarget]] = {
    "get": reads.get,
    "list": reads.collection,
    "watch": reads.collection,
    "create": writes.create,
    "update": writes.replace,
    "patch": writes.patch,
    "delete": deletions.delete,
    "deletecollection": deletions.delete_collection,
}
_PREFIXES: Final = ("/api", "/apis", "/openapi", "/version")


def routes(services: Services) -> Iterator[Route]:
    """Yield the routes of the Kubernetes API."""
    for path, handler in DESCRIBED:
        yield Route(path, _answering(services, _of_path(handler)), methods=["GET"])
    for path in OBJECT_PATHS:
        yield Route(path, _answering(services, _of_objects), methods=list(_METHODS))


def is_about(path: str) -> bool:
    """Whether a path is one of the Kubernetes API: then errors are told as a `Status`."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in _PREFIXES)


def refusal(error: Exception) -> Response:
    """Return the answer to a caller who was refused before any route."""
    return status.answer(error)


def unrouted(code: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a path or method that no route has."""
    error = NotFound(status.NO_SUCH_RESOURCE) if code == 404 else MethodNotAllowed()
    answer = status.answer(error)
    answer.headers.update(headers or {})
    return answer


def _answering(services: Services, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers errors as a `Status`."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request, services)
        except TowpathError as error:
            return status.answer(error, _about(request))
        except Exception as error:  # noqa: BLE001 - whatever it is: clients of this API read a Status
            return status.answer(error)

    return answer


def _of_path(handler: Handler) -> Handler:
    """Return a handler for those who may get its path."""

    async def answer(request: Request, services: Services) -> Response:
        user = caller.of(request).user
        await services.authorizer.authorize(user, "get", request.scope["path"])
        return await handler(request, services)

    return answer


async def _of_objects(request: Request, services: Services) -> Response:
    """Answer a request about a resource."""
    target = paths.parse(request.scope["path"])
    verb = _verb(request, target)
    await caller.authorize(request, services.authorizer, verb, _resource(request, target, verb))
    with on_behalf(target.namespace):
        return await _done(request, services, target, verb)


async def _done(request: Request, services: Services, target: ResourcePath, verb: str) -> Response:
    """Do to a resource what the caller may do to it."""
    review = reviews.REVIEWS.get((target.group, target.version, target.resource))
    if review is not None:
        if verb != "create" or target.name:
            raise MethodNotAllowed
        return await review(request, services)
    if definitions.is_about(target):
        return definitions.answer(request, target, verb)
    if account_tokens.is_about(target):
        if verb != "create":
            raise MethodNotAllowed
        return await account_tokens.create(request, services, target)
    _refuse_unknown(target, verb)
    return await _HANDLERS[verb](request, services, target)


def _verb(request: Request, target: ResourcePath) -> str:
    """Return what is to be done, as RBAC calls it. Raises MethodNotAllowed.

    HEAD asks for what GET answers, without the body; of a watch there would be nothing but the body.
    """
    method = "GET" if request.method == "HEAD" else request.method
    if method == "POST" and target.subresource:
        return "create"
    verb = (_OF_ONE if target.name else _OF_MANY).get(method)
    if verb is None:
        raise MethodNotAllowed
    verb = "watch" if verb == "list" and requests.flag(request, "watch") else verb
    if verb == "watch" and request.method == "HEAD":
        raise MethodNotAllowed
    return verb


def _resource(request: Request, target: ResourcePath, verb: str) -> Attributes:
    """Return what it is to be done to. A list that selects one name is about that name."""
    name, namespace = target.name, target.namespace
    if verb in ("list", "watch", "deletecollection"):
        name = selectors.name_of(request.query_params.get("fieldSelector", ""))
    if (target.group, target.resource) == ("", "namespaces"):
        namespace = target.name
    return Attributes(target.group, target.resource, namespace, name, target.subresource)


def _refuse_unknown(target: ResourcePath, verb: str) -> None:
    """Raise NotFound for what is not served, MethodNotAllowed for what a resource does not offer."""
    kind = target.kind
    is_status = target.subresource == writes.STATUS and kind.status
    is_finalize = target.subresource == writes.FINALIZE and kind.plural == "namespaces"
    if target.subresource and not is_status and not is_finalize:
        raise NotFound(status.NO_SUCH_RESOURCE)
    if target.name and kind.namespaced != bool(target.namespace):
        raise NotFound(status.NO_SUCH_RESOURCE)
    if not kind.namespaced and target.namespace:
        raise NotFound(status.NO_SUCH_RESOURCE)
    if verb == "create" and kind.namespaced and not target.namespace:
        raise MethodNotAllowed
    if target.subresource and verb in ("create", "delete"):
        raise MethodNotAllowed


def _about(request: Request) -> About | None:
    """Return what a request is about: as its path tells, and the object in its body where the path names none."""
    try:
        target = paths.parse(request.scope["path"])
    except NotFound:
        return None
    return About(target.group, target.resource, target.name or getattr(request.state, "name", ""))
