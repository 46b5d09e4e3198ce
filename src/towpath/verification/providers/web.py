"""`web`: asks a server, and takes what a JSONPath finds in its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from towpath.documents import jsonpath
from towpath.errors import BadRequest
from towpath.expressions import gotext
from towpath.resources.analysis_template import WebMetric
from towpath.verification import authentication, json_answer, request
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

_SECONDS: Final = 10.0
_WHOLE: Final = "{$}"
_READING: Final = ("", "GET")


class Web(BaseProvider):
    """Asks a server."""

    name: ClassVar[str] = "web"
    config: ClassVar[type[Struct]] = WebMetric

    async def measure(self, context: MeasureContext, config: WebMetric) -> Answer:
        """Ask; the result is what the JSONPath finds first, or the text where the body is no JSON."""
        path = config.json_path or _WHOLE
        jsonpath.parse(path)  # what cannot be read is told before anything is sent
        asking = await authentication.authenticated(
            context, requested(config), config.authentication
        )
        answer = await asking.succeed(context)
        found, shown = await json_answer.read(
            context,
            answer,
            result,
            path,
            what=asking.shown,
            cost=json_answer.cost_of_path(len(path)),
        )
        return Measured(value=found, shown=shown)


def requested(config: WebMetric) -> MeasuringRequest:
    """Return what is sent. Raises BadRequest for what contradicts itself."""
    headers = request.pairs(config.headers)
    body = config.body.encode() if config.body else None
    if config.json_body is not None:
        if body is not None:
            raise BadRequest("web: write body or jsonBody, not both")
        body = msgspec.json.encode(config.json_body)
        headers = [each for each in headers if each[0].lower() != "content-type"]
        headers.append(("Content-Type", "application/json"))
    if body is not None and config.method in _READING:
        raise BadRequest("web: a body is sent with method POST or PUT; write one of them")
    return MeasuringRequest(
        url=config.url,
        method=config.method or "GET",
        headers=headers,
        body=body,
        seconds=request.seconds(config.timeout_seconds, _SECONDS, field="web.timeoutSeconds"),
        insecure=config.insecure,
    )


def result(body: bytes, path: str) -> tuple[Any, str]:
    """Return what a JSONPath finds first in a body, and its JSON; the body as text, twice, where it is no JSON.

    Raises BadRequest where it finds nothing.
    """
    try:
        document = json_answer.value(body)
    except json_answer.NoJson:
        text = body.decode("utf-8", "replace")
        return text, text
    found = jsonpath.first(jsonpath.parse(path), document)
    return found, gotext.json_text(found)
