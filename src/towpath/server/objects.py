"""Answers made of stored objects: their JSON is passed on as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Stored

JSON = "application/json; charset=utf-8"


def one(stored: Stored, *, status: int = 200) -> Response:
    """Return the answer that is an object."""
    return Response(stored.raw, status_code=status, media_type=JSON)


def several(kind: Kind, items: Iterable[Stored], revision: int) -> Response:
    """Return the answer that is a list of objects of one kind, as of a revision of the store."""
    head = (
        f'{{"apiVersion":"{kind.api_version}","kind":"{kind.name}List",'
        f'"metadata":{{"resourceVersion":"{revision}"}},"items":['
    )
    return Response(
        b"".join((head.encode(), b",".join(item.raw for item in items), b"]}")), media_type=JSON
    )
