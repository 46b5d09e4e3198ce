"""What Argo CD's CRD requires of an Application: an API server refuses what lacks it, whoever writes.

Types and the rest of the schema are not looked at here; the tests hold documents against the CRD itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "": ("metadata", "spec"),
    "spec": ("destination", "project"),
    "spec.source": ("repoURL",),
    "spec.sources[]": ("repoURL",),
    "operation.info[]": ("name", "value"),
    "operation.sync.resources[]": ("kind", "name"),
    "status.conditions[]": ("message", "type"),
    "status.history[]": ("deployedAt", "id"),
    "status.sync": ("status",),
    "status.sync.comparedTo": ("destination",),
    "status.operationState": ("operation", "phase", "startedAt"),
    "status.operationState.syncResult": ("revision",),
}


def check(name: str, document: dict[str, Any]) -> None:
    """Raise Invalid naming every field that is required and not there."""
    missing = [
        FieldError(where, "FieldValueRequired", "Required value")
        for path, fields in _REQUIRED.items()
        for at, part in _parts(document, path)
        for field in fields
        if field not in part
        for where in [f"{at}.{field}".lstrip(".")]
    ]
    if missing:
        raise Invalid.of("Application.argoproj.io", name, missing)


def _parts(document: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects at a path, with where they are."""
    found: list[tuple[str, Any]] = [("", document)]
    for word in filter(None, path.split(".")):
        name = word.removesuffix("[]")
        inner = [
            (f"{at}.{name}".lstrip("."), part.get(name))
            for at, part in found
            if isinstance(part, dict)
        ]
        if word.endswith("[]"):
            inner = [
                (f"{at}[{number}]", item)
                for at, part in inner
                if isinstance(part, list)
                for number, item in enumerate(part)
            ]
        found = inner
    yield from ((at, part) for at, part in found if isinstance(part, dict))
