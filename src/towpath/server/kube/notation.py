"""Answers in the notation that was negotiated: JSON as it is, or YAML, which is made aside where there is much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from towpath.resources.manifests.rendering import yaml_of
from towpath.server.auth import caller
from towpath.server.kube import accept

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.kube.forms import Rendering
    from towpath.server.services import Services

_PER_UNIT: Final = 4
"""Bytes that are written as YAML weigh less than bytes of YAML that are read."""
_SECONDS: Final = 15.0
"""Of processor time, enough for the longest list that is written as YAML."""


async def response(
    request: Request, services: Services, rendering: Rendering, text: bytes, *, status: int = 200
) -> Response:
    """Return the answer that is a text of JSON, in what the caller takes.

    Raises TooLarge where it takes more memory than there is for one request.
    """
    if rendering.media_type == accept.YAML:
        text = await services.aside.run(
            yaml_of,
            text,
            weight=len(text) // _PER_UNIT,
            what="an answer in YAML",
            caller=caller.of(request).user.name,
            seconds=_SECONDS,
        )
    return Response(text, status_code=status, media_type=rendering.media_type)
