"""Where config maps and credentials lie: in a Project, with what all Projects share, with what the system uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest
from towpath.resources.annotations import DESCRIPTION, REPLICATE_TO
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES
from towpath.rules.replicas import ALL
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import GONE, ListOf, Reply, created

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from towpath.resources.kinds import Kind
    from towpath.server.endpoint import Handler
    from towpath.server.services import Services
    from towpath.server.wire import Body
    from towpath.store.contract import Document

PROJECT: Final = "/v1beta1/projects/{project}"
PLACES: Final = {
    PROJECT: "",
    "/v1beta1/shared": SHARED,
    "/v1beta1/system": SYSTEM_RESOURCES,
}
"""The namespaces of paths; that of a Project has its name."""
_OF_ONE: Final = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OF_MANY: Final = {"GET": "list", "POST": "create"}


def endpoints(
    collection: str,
    kind: Kind,
    *,
    several: Mapping[str, Handler],
    one: Mapping[str, Handler],
    places: Mapping[str, str] = PLACES,
    takes: Mapping[str, Body],
) -> Iterator[Endpoint]:
    """Yield the routes of a collection in each place; `several` and `one` have the handlers by method, `takes` the bodies."""
    for base, namespace in places.items():
        for handlers, verbs, end in ((several, _OF_MANY, ""), (one, _OF_ONE, "/{name}")):
            for method, handler in handlers.items():
                right = Right(verbs[method], kind, namespace=namespace)
                yield Endpoint(
                    method,
                    f"{base}/{collection}{end}",
                    handler,
                    right,
                    takes=takes.get(method),
                    answers=_answer(method, end, kind),
                )


def _answer(method: str, end: str, kind: Kind) -> Reply:
    """Return what a method of a collection, or at its `end` of one object, answers."""
    if method == "DELETE":
        return GONE
    if method == "POST":
        return created(kind)
    return Reply(kind if end else ListOf(kind))


async def namespace(request: Request, services: Services) -> str:
    """Return the namespace of a request's path. Raises Missing for a Project that is not there."""
    if "project" in request.path_params:
        return await requests.project(request, services.store)
    base = "/".join(request.scope["path"].split("/")[:3])
    return PLACES[base]


async def ref(request: Request, services: Services, kind: Kind) -> Ref:
    """Return which object a request's path names. Raises as `namespace`."""
    return Ref(kind, await namespace(request, services), str(request.path_params["name"]))


def metadata(body: Document, place: str) -> dict[str, Any]:
    """Return the metadata of a new object that a body describes. Raises BadRequest."""
    name, said = requests.text_of(body, "name"), requests.text_of(body, "description")
    if not name:
        raise BadRequest("name: it is missing: say what it is to be called")
    noted = {DESCRIPTION: said} if said else {}
    if wants_copies(body, place):
        noted[REPLICATE_TO] = ALL
    found: dict[str, Any] = {"name": name, "namespace": place}
    return found | ({"annotations": noted} if noted else {})


def wants_copies(body: Document, place: str) -> bool:
    """Whether copies in all Projects are asked for. Raises BadRequest where that is no object which all of them share."""
    found = requests.flag_of(body, "replicate")
    if found and place != SHARED:
        raise BadRequest(
            f"replicate: only what lies in the namespace {SHARED} is copied into Projects: make it under /v1beta1/shared"
        )
    return found


def described(document: Document, said: str | None) -> Document:
    """Return an object with a description; an empty one takes it away, None leaves it as it is."""
    if said is None:
        return document
    kept = dict(document["metadata"].get("annotations") or {})
    kept.pop(DESCRIPTION, None)
    found = kept | ({DESCRIPTION: said} if said else {})
    return {**document, "metadata": {**document["metadata"], "annotations": found}}


def with_copies(document: Document, *, wanted: bool) -> Document:
    """Return an object that is replaced, of which there are to be copies, or none any more."""
    kept = dict(document["metadata"].get("annotations") or {})
    kept.pop(REPLICATE_TO, None)
    if wanted:
        kept[REPLICATE_TO] = ALL
    return {**document, "metadata": {**document["metadata"], "annotations": kept}}


def said_of(body: Document) -> str | None:
    """Return the description in a patch, None if it holds none. Raises BadRequest."""
    return None if body.get("description") is None else requests.text_of(body, "description")


def removed(body: Document) -> list[str]:
    """Return the keys that a patch takes away. Raises BadRequest."""
    found = body.get("removeKeys") or []
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise BadRequest("removeKeys: it must be a list of strings")
    return found
