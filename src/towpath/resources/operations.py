"""The paths of kinds in OpenAPI: what can be done to them, and with which parameters.

kubectl looks for the patch of a kind that takes `fieldValidation` before it leaves validation to the server, and for
operations by `x-kubernetes-group-version-kind` (engineering-notes.md §8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.resources.openapi import schema_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.kinds import Kind

Document = dict[str, Any]

JSON: Final = "application/json"
_BODIES: Final = (JSON, "application/yaml", "application/vnd.kubernetes.protobuf")
_PATCHES: Final = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
)
_STRATEGIC: Final = "application/strategic-merge-patch+json"


def paths(kinds: Iterable[Kind]) -> Document:
    """Return the paths of kinds of one group and version, in order."""
    found: Document = {}
    for kind in kinds:
        root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        where = f"{root}/namespaces/{{namespace}}" if kind.namespaced else root
        collection, one = f"{where}/{kind.plural}", f"{where}/{kind.plural}/{{name}}"
        found[collection] = _path(
            kind,
            () if not kind.namespaced else (_NAMESPACE,),
            get=("list", _LISTING),
            post=("post", _WRITING),
            delete=("deletecollection", (*_LISTING, *_DELETING)),
        )
        if kind.namespaced:
            found[f"{root}/{kind.plural}"] = _path(kind, (), get=("list", _LISTING))
        named = (_NAME, _NAMESPACE) if kind.namespaced else (_NAME,)
        found[one] = _path(
            kind,
            named,
            get=("get", (_parameter("resourceVersion", "At least this revision is read."),)),
            put=("put", _WRITING),
            patch=("patch", (*_WRITING, _FORCE)),
            delete=("delete", _DELETING),
        )
        if kind.status:
            found[f"{one}/status"] = _path(
                kind,
                named,
                get=("get", ()),
                put=("put", _WRITING),
                patch=("patch", (*_WRITING, _FORCE)),
            )
    return dict(sorted(found.items()))


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
    kind: Kind, parameters: Iterable[Document], **operations: tuple[str, Iterable[Document]]
) -> Document:
    """Return a path with operations by method: what each is called, and its parameters."""
    item: Document = {
        method: _operation(kind, action, told) for method, (action, told) in operations.items()
    }
    return item | {"parameters": list(parameters)}


def _operation(kind: Kind, action: str, parameters: Iterable[Document]) -> Document:
    name = schema_name(kind)
    answer = f"{name}List" if action == "list" else name
    reference = {"$ref": f"#/components/schemas/{answer}"}
    code = "201" if action == "post" else "200"
    told: Document = {
        "description": f"{action} {kind.plural}",
        "parameters": list(parameters),
        "responses": {code: {"description": "OK", "content": {JSON: {"schema": reference}}}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {
            "group": kind.group,
            "kind": kind.name,
            "version": kind.version,
        },
    }
    if action in ("post", "put"):
        told["requestBody"] = {"content": {each: {"schema": reference} for each in _BODIES}}
    if action == "patch":
        types = (*_PATCHES, _STRATEGIC) if kind.group in scheme.BUILT_IN else _PATCHES
        told["requestBody"] = {"content": {each: {"schema": {"type": "object"}} for each in types}}
    return told
