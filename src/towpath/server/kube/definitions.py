"""CustomResourceDefinitions, to be read: the kinds there are beside Kubernetes' own.

kubectl looks through them before it sends what has no patch, such as a review; people and installers ask whether a kind
is there. They are part of the program, so that they are the same at every read, and nobody writes them.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response

from towpath.errors import BadRequest, NotFound
from towpath.resources import crd
from towpath.resources.scheme import BUILT_IN, SCHEME
from towpath.server.kube import accept, selectors
from towpath.server.kube.status import NO_SUCH_RESOURCE, MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind
    from towpath.server.kube.paths import ResourcePath

GROUP: Final = "apiextensions.k8s.io"
VERSION: Final = "v1"
PLURAL: Final = "customresourcedefinitions"
KIND: Final = "CustomResourceDefinition"
_REVISION: Final = "1"
_NAMES: Final = uuid.UUID("9a0e4b9e-6a33-5d0c-8f0a-7d2f6c1b5e40")


def is_about(target: ResourcePath) -> bool:
    """Whether a request is about definitions."""
    return (target.group, target.version, target.resource) == (GROUP, VERSION, PLURAL)


def answer(request: Request, target: ResourcePath, verb: str) -> Response:
    """Answer with a definition, or with those that are selected by name.

    Raises NotFound, BadRequest; MethodNotAllowed for all else, a watch as well, which would never tell anything.
    """
    if target.namespace or target.subresource:
        raise NotFound(NO_SUCH_RESOURCE)
    if verb == "list":
        return Response(_list(_selected(request.query_params)), media_type=accept.JSON)
    if verb != "get":
        raise MethodNotAllowed(
            "definitions are part of the program: they are read, and neither written nor watched"
        )
    kind = _custom().get(target.name)
    if kind is None:
        raise NotFound(f'{PLURAL}.{GROUP} "{target.name}" not found')
    return Response(_written(kind), media_type=accept.JSON)


def document(kind: Kind) -> Document:
    """Return the definition of a kind as it is read: with an identity, and a status that says that it is served."""
    made = crd.definition(kind)
    name = made["metadata"]["name"]
    return {
        **made,
        "metadata": {
            "name": name,
            "uid": str(uuid.uuid5(_NAMES, name)),
            "resourceVersion": _REVISION,
            "generation": 1,
        },
        "status": {
            "acceptedNames": made["spec"]["names"],
            "conditions": [
                {"type": condition, "status": "True", "reason": reason, "message": message}
                for condition, reason, message in _CONDITIONS
            ],
            "storedVersions": [kind.version],
        },
    }


_CONDITIONS: Final = (
    ("NamesAccepted", "NoConflicts", "no conflicts found"),
    ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
)


def _selected(query: QueryParams) -> list[Kind]:
    """Return the kinds whose definitions are selected; definitions have no labels. Raises BadRequest."""
    labels = selectors.labels(query.get("labelSelector", ""))
    fields = selectors.fields(query.get("fieldSelector", ""))
    for term in fields:
        if term.path != "metadata.name":
            raise BadRequest(f"field label not supported: {term.path}")
    if not all(term.matches({}) for term in labels):
        return []
    return [
        kind
        for name, kind in _custom().items()
        if all((term.value == name) != term.negated for term in fields)
    ]


def _list(kinds: Iterable[Kind]) -> bytes:
    head = {
        "kind": f"{KIND}List",
        "apiVersion": f"{GROUP}/{VERSION}",
        "metadata": {"resourceVersion": _REVISION},
    }
    items = b",".join(map(_written, kinds))
    return msgspec.json.encode(head)[:-1] + b',"items":[' + items + b"]}"


@cache
def _written(kind: Kind) -> bytes:
    return msgspec.json.encode(document(kind))


@cache
def _custom() -> dict[str, Kind]:
    found = {kind.resource: kind for kind in SCHEME if kind.group not in BUILT_IN}
    return dict(sorted(found.items()))
