"""GraphQL: a request, and the data of an answer. A refusal comes with status 200 as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import messages
from towpath.errors import Unavailable
from towpath.verification import json_answer
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TOLD: Final = 3


def asking(
    url: str,
    query: str,
    variables: Mapping[str, Any],
    *,
    headers: Sequence[tuple[str, str]] = (),
    seconds: float,
) -> MeasuringRequest:
    """Return the request for a query."""
    kind = "application/json; charset=utf-8"
    return MeasuringRequest(
        url=url,
        method="POST",
        headers=[("Content-Type", kind), ("Accept", kind), *headers],
        body=msgspec.json.encode({"query": query, "variables": variables}),
        seconds=seconds,
        follows=False,
    )


def data(body: bytes) -> Any:
    """Return the data of an answer, None where it has none. Raises Unavailable for errors, in the server's words."""
    found = json_answer.value(body)
    if not isinstance(found, dict) or not found.keys() & {"data", "errors"}:
        raise Unavailable("the answer is JSON, but not of GraphQL: it has neither data nor errors")
    errors = found.get("errors")
    if errors:
        raise Unavailable(f"the query is refused: {_said(errors)}")
    return found.get("data")


def _said(errors: Any) -> str:
    told = [
        each["message"]
        for each in (errors if isinstance(errors, list) else ())
        if isinstance(each, dict) and isinstance(each.get("message"), str)
    ]
    said = messages.statements(told, _TOLD) or "it does not say why"
    return messages.cut(messages.plain(said), messages.FOREIGN_BYTES)
