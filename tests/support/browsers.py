"""An application as browsers see it: what keeps its cookies, and signs in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import serving
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

    from tests.support.pipeline import Pipeline
    from towpath.server.services import Services

SESSION = "/towpath/v1/session"
"""Where browsers sign in and out."""


def serve(world: Pipeline, access: Any = None) -> tuple[ASGIApp, Services]:
    """Return an application, and what its handlers work with."""
    found = serving.services(world)
    if access is not None:
        object.__setattr__(found, "access", access)
    return application(found, AdminToken(serving.TOKEN), Readiness(reason=None)), found


@asynccontextmanager
async def browser(app: ASGIApp, url: str = "http://test") -> AsyncIterator[httpx.AsyncClient]:
    """Yield what keeps cookies."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    """Sign in with the password, and show the session's token from then on."""
    answer = await client.post(SESSION, json={"password": serving.PASSWORD}, **more)
    if answer.status_code == 201:
        client.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
    return answer
