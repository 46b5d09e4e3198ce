"""Routes of Kargo's API that this server knows and does not have yet: 501, so that nobody takes it for a missing object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

_PROJECT: Final = "/v1beta1/projects/{project}"
_SYSTEM: Final = "/v1beta1/system"

UNBUILT: Final[tuple[tuple[str, str], ...]] = (
    *(
        row
        for base in (_PROJECT, _SYSTEM)
        for row in (
            ("POST", f"{base}/roles/{{name}}/api-tokens"),
            ("GET", f"{base}/api-tokens"),
            ("GET", f"{base}/api-tokens/{{name}}"),
            ("DELETE", f"{base}/api-tokens/{{name}}"),
        )
    ),
)
"""Methods and paths; a test holds them against Kargo's own description of its API."""


def routes() -> Iterator[Route]:
    """Yield a route for each."""
    for method, path in UNBUILT:
        yield Route(path, _refuse, methods=[method])


async def _refuse(request: Request) -> Response:
    path = request.scope["path"]
    raise errors.NotImplemented(
        f"{request.method} {path}: this route of Kargo's API is not built in this server; "
        "the Kubernetes API and /v1beta1/resources have the objects (docs/reference/api.md)"
    )
