"""The paths of kinds in OpenAPI: what can be done to them, and with which parameters.

kubectl looks for the patch of a kind that takes `fieldValidation` before it leaves validation to the server, and for
operations by `x-kubernetes-group-version-kind`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import components, scheme
from towpath.resources.reviews import REVIEWS, TOKEN_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind


JSON: Final = "application/json"
_BODIES: Final = (JSON, "application/yaml", "application/vnd.kubernetes.protobuf")
_PATCHES: Final = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
)
_STRATEGIC: Final = "application/strategic-merge-patch+json"
_CALLED: Final = {
    "deletecollection": "deleteCollection",
    "get": "read",
    "post": "create",
    "put": "replace",
}
"""How operations are called in their ids, where it is not as the action."""


def paths(kinds: Iterable[Kind]) -> Document:
    """Return the paths of kinds of one group and version, in order."""
    found: Document = {}
    for kind in kinds:
        found |= _of_review(kind) if kind in REVIEWS else _of_kind(kind)
    return dict(sorted(found.items()))


def _of_review(kind: Kind) -> Document:
    where = (_NAMESPACE,) if kind.namespaced else ()
    return {_collection(kind): _path(kind, "", where, post=("post", _WRITING))}


def _of_kind(kind: Kind) -> Document:
    where = (_NAMESPACE,) if kind.namespaced else ()
    named = (_NAME, *where)
    collection = _collection(kind)
    one = f"{collection}/{{name}}"
    found = {
        collection: _path(
            kind,
            "",
            where,
            get=("list", _LISTING),
            post=("post", _WRITING),
            delete=("deletecollection", (*_LISTING, *_DELETING)),
        ),
        one: _path(
            kind,
            "",
            named,
            get=("get", (_parameter("resourceVersion", "At least this revision is read."),)),
            put=("put", _WRITING),
            patch=("patch", (*_WRITING, _FORCE)),
            delete=("delete", _DELETING),
        ),
    }
    if kind.namespaced:
        everywhere = f"{_root(kind)}/{kind.plural}"
        found[everywhere] = _path(kind, "ForAllNamespaces", (), get=("list", _LISTING))
    if kind.status:
        found[f"{one}/status"] = _path(
            kind,
            "Status",
            named,
            get=("get", ()),
            put=("put", _WRITING),
            patch=("patch", (*_WRITING, _FORCE)),
        )
    if kind is scheme.NAMESPACE:
        del found[collection]["delete"]  # Kubernetes does not offer it
        found[f"{one}/finalize"] = _path(kind, "Finalize", named, put=("put", _WRITING))
    if kind is scheme.SERVICE_ACCOUNT:
        item = _path(kind, "Token", named, post=("post", _WRITING), of=TOKEN_REQUEST)
        found[f"{one}/token"] = item
    return found


def _root(kind: Kind) -> str:
    return f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"


def _collection(kind: Kind) -> str:
    where = "/namespaces/{namespace}" if kind.namespaced else ""
    return f"{_root(kind)}{where}/{kind.plural}"


def _parameter(name: str, about: str, type_: str = "string", *, at: str = "query") -> Document:
    told: Document = {"name": name, "in": at, "description": about, "schema": {"type": type_}}
    return told | ({"required": True} if at == "path" else {})


_NAME: Final = _parameter("name", "Name of the object.", at="path")
_NAMESPACE: Final = _parameter("namespace", "The Project the objects live in.", at="path")
_FORCE: Final = _parameter(
    "force", "Whether server-side apply takes fields that others own.", "boolean"
)
_WRITING: Final = (
    _parameter("dryRun", "`All`: everything is checked and nothing kept."),
    _parameter("fieldManager", "Who writes, for the record of who owns which field."),
    _parameter(
        "fieldValidation",
        "What becomes of unknown and repeated fields: `Strict` refuses, `Warn` tells, `Ignore` drops them.",
    ),
)
_DELETING: Final = (
    _parameter("dryRun", "`All`: everything is checked and nothing kept."),
    _parameter("gracePeriodSeconds", "Taken and not needed.", "integer"),
    _parameter(
        "propagationPolicy", "What becomes of dependents: Background, Foreground or Orphan."
    ),
)
_LISTING: Final = (
    _parameter("allowWatchBookmarks", "Whether a watch may have bookmarks.", "boolean"),
    _parameter("continue", "Where a list in pages goes on."),
    _parameter("fieldSelector", "Which objects, by fields."),
    _parameter("labelSelector", "Which objects, by labels."),
    _parameter("limit", "How many objects a page has at most.", "integer"),
    _parameter("resourceVersion", "The revision that is wanted."),
    _parameter("resourceVersionMatch", "`Exact` or `NotOlderThan`."),
    _parameter("sendInitialEvents", "Whether a watch begins with what there is.", "boolean"),
    _parameter("timeoutSeconds", "How long a watch goes on.", "integer"),
    _parameter("watch", "Whether changes are told as they happen.", "boolean"),
)


def _path(
    kind: Kind,
    part: str,
    parameters: Iterable[Document],
    *,
    of: Kind | None = None,
    **operations: tuple[str, Iterable[Document]],
) -> Document:
    """Return a path with operations by method: what each is called, and its parameters.

    `part` tells the path from others of the kind, in ids; `of` is the kind of what is sent, if it is another.
    """
    item: Document = {
        method: _operation(of or kind, action, told) | {"operationId": _id(kind, action, part)}
        for method, (action, told) in operations.items()
    }
    return item | {"parameters": list(parameters)}


def _id(kind: Kind, action: str, part: str) -> str:
    """Return what no other operation is called, such as `readKargoAkuityIoV1alpha1NamespacedStageStatus`."""
    group = (kind.group or "core").removesuffix(".k8s.io")
    titled = "".join(word.capitalize() for word in (*group.split("."), kind.version))
    in_one = kind.namespaced and part != "ForAllNamespaces"
    return f"{_CALLED.get(action, action)}{titled}{'Namespaced' if in_one else ''}{kind.name}{part}"


def _operation(kind: Kind, action: str, parameters: Iterable[Document]) -> Document:
    name = components.name(kind)
    own = components.reference(name)
    told: Document = {
        "description": f"{action} {kind.plural}",
        "parameters": list(parameters),
        "responses": _responses(name, action),
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {
            "group": kind.group,
            "kind": kind.name,
            "version": kind.version,
        },
    }
    if action in ("post", "put"):
        told["requestBody"] = _body(own, _BODIES, required=True)
    if action == "patch":
        types = (*_PATCHES, _STRATEGIC) if kind.group in scheme.BUILT_IN else _PATCHES
        told["requestBody"] = _body(
            components.reference(components.PATCH), sorted(types), required=True
        )
    if action in ("delete", "deletecollection"):
        options = components.reference(components.DELETE_OPTIONS)
        told["requestBody"] = _body(options, _BODIES, required=False)
    return told


def _body(schema: Document, types: Iterable[str], *, required: bool) -> Document:
    made: Document = {"content": {each: {"schema": schema} for each in types}}
    return made | ({"required": True} if required else {})


def _responses(name: str, action: str) -> Document:
    """Return the answers to an action on the kind whose schema has this name."""
    own = components.reference(name)
    status = components.reference(components.STATUS)
    match action:
        case "list" | "deletecollection":
            answers = {"200": components.reference(f"{name}List")}
        case "post":
            answers = {"201": own}
        case "put" | "patch":
            answers = {"200": own, "201": own}
        case "delete":
            answers = {"200": status}
        case _:
            answers = {"200": own}
    made = {code: _answer(_DONE[code], schema) for code, schema in answers.items()}
    return made | {"default": _answer("It failed.", status)}


def _answer(about: str, schema: Document) -> Document:
    return {"description": about, "content": {JSON: {"schema": schema}}}


_DONE: Final = {"200": "OK", "201": "Created"}
