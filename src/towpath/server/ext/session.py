"""Signing in and out of the web UI: by the administrator's password, or through the identity provider."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from towpath.admission import requester
from towpath.admission.requester import ADMIN
from towpath.errors import BadRequest, Forbidden, NotFound, Unauthenticated, Unavailable
from towpath.resources import moments
from towpath.server import requests
from towpath.server.auth import caller, csrf, session_cookie, sessions
from towpath.server.auth.authenticator import Presented
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import access_shapes
from towpath.server.wire import GONE, Body, Reply, created

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.rules.rbac import User
    from towpath.server.auth.access import Access, Oidc
    from towpath.server.services import Services

_PATH = session_cookie.SIGN_IN_PATH
_CALLBACK = "/login"
"""The page of the web UI to which the identity provider sends people back, as Kargo's has it."""
_LONGEST = 4_096
_log = logging.getLogger(__name__)


async def _begin(request: Request, services: Services) -> Response:
    """Begin a session of who shows the administrator's password, or a code of the identity provider."""
    access = services.access
    _check_page(request, access)
    asked = await requests.json_object(request)
    password, code = requests.text_of(asked, "password"), requests.text_of(asked, "code")
    if bool(password) == bool(code):
        raise BadRequest("give a password, or the code and state of the identity provider")
    address = access.way_in.address(request.scope)
    most, way = float("inf"), "/"
    user: User = ADMIN.user
    try:
        if password:
            await access.check_password(password, address)
        else:
            user, way = await _vouched_for(request, access, code, requests.text_of(asked, "state"))
    except (Forbidden, Unauthenticated):
        _log.warning("a sign-in was refused", extra={"address": address})
        raise
    secure = access.way_in.is_https(request.scope)
    # One that lay in the browser before is never taken over.
    await access.sessions.end_shown(Presented(cookies=access.way_in.cookies(request.scope)))
    issue = await access.sessions.begin(
        user, address=address, agent=request.headers.get("user-agent", ""), most_seconds=most
    )
    _log.info("somebody signed in", extra={"actor": issue.kept.owner, "address": address})
    told = _told(user, sessions.csrf(issue.secret), moments.written(issue.kept.expires))
    answer = _private({**told, "redirectTo": way}, 201)
    session_cookie.set_session(answer, issue.secret, is_https=secure)
    session_cookie.drop_sign_in(answer, base=access.way_in.base_path)
    return answer


async def _vouched_for(request: Request, access: Access, code: str, state: str) -> tuple[User, str]:
    """Return for whom the identity provider vouches, and from which page they came."""
    oidc = _oidc(access)
    if len(code) > _LONGEST or len(state) > _LONGEST:
        raise BadRequest("code, state: they are too long to be what the identity provider has sent")
    with access.exchanges.begin("oidc", access.way_in.address(request.scope)) as attempt:
        try:
            kept = session_cookie.sign_in(request.scope)
            signed_in = await oidc.flow.finish(code, state, kept)
        except Unavailable:
            attempt.undecided()
            raise
        attempt.succeeded()
    return oidc.tokens.user(signed_in.claims), signed_in.redirect_to


async def _to_provider(request: Request, services: Services) -> Response:
    """Begin a sign-in through the identity provider: answer with the page to go to."""
    access = services.access
    _check_page(request, access)
    oidc, way_in = _oidc(access), access.way_in
    asked = await requests.json_object(request)
    begun = await oidc.flow.begin(
        f"{way_in.base(request.scope)}{_CALLBACK}", requests.text_of(asked, "redirectTo")
    )
    answer = _private({"authorizationURL": begun.url}, 201)
    session_cookie.set_sign_in(
        answer, begun.kept, is_https=way_in.is_https(request.scope), base=way_in.base_path
    )
    return answer


async def _show(request: Request, services: Services) -> Response:
    """Answer who is signed in, and with what to change something."""
    found = caller.identity(request)
    expires = None
    for each in await services.access.sessions.of(requester.of(found.user).actor):
        if each.id == found.bearer:
            expires = moments.written(each.expires)
    return _private({**_told(found.user, found.csrf, expires), "means": str(found.means)})


async def _end(request: Request, services: Services) -> Response:
    """End the session that the request shows."""
    access, found = services.access, caller.identity(request)
    if not found.csrf:
        raise BadRequest(
            "the request shows no session, but a token: there is nothing to sign out of"
        )
    await access.sessions.end_shown(Presented(cookies=access.way_in.cookies(request.scope)))
    answer = Response(status_code=204)
    session_cookie.drop_session(answer, is_https=access.way_in.is_https(request.scope))
    return answer


def _told(user: User, token: str, expires: str | None) -> dict[str, Any]:
    return {
        "actor": requester.of(user).actor,
        "claims": {name: list(values) for name, values in user.claims.items()},
        "csrfToken": token or None,
        "expires": expires,
    }


def _check_page(request: Request, access: Access) -> None:
    """Return if our own page may have sent a request to sign in. Raises Forbidden, BadRequest.

    Another page could have somebody act in a session of its choice. It cannot send JSON without asking first.
    """
    csrf.check_origin(request.scope, access.way_in.url)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest("Content-Type: application/json is wanted")


def _oidc(access: Access) -> Oidc:
    if access.oidc is None:
        raise NotFound("no identity provider is configured (oidc)")
    return access.oidc


def _private(told: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(told, status_code=status, headers={"Cache-Control": "no-store"})


ENDPOINTS = (
    Endpoint(
        "POST",
        _PATH,
        _begin,
        Who.SIGNING_IN,
        takes=Body(access_shapes.SignIn),
        answers=created(access_shapes.BegunSession),
    ),
    Endpoint(
        "POST",
        f"{_PATH}/oidc",
        _to_provider,
        Who.SIGNING_IN,
        takes=Body(access_shapes.WayBack),
        answers=created(access_shapes.ProvidersPage),
    ),
    Endpoint("GET", _PATH, _show, Who.AUTHENTICATED, answers=Reply(access_shapes.ShownCaller)),
    Endpoint("DELETE", _PATH, _end, Who.AUTHENTICATED, answers=GONE),
)
