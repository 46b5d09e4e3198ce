"""How requests of providers say who asks: basic, OAuth 2 client credentials, AWS signatures."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode

from towpath import messages
from towpath.clients.clouds.aws import signature
from towpath.errors import BadRequest, Unavailable
from towpath.verification import json_answer
from towpath.verification.request import SUCCESSES, MeasuringRequest, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.clouds.aws.keys import AwsCredentials
    from towpath.resources.analysis_template import Authentication, OAuth2, Sigv4
    from towpath.verification.provider import MeasureContext

_FORM: Final = "application/x-www-form-urlencoded"
_TOKEN_BYTES: Final = 64 << 10
"""Of an answer with a token."""


async def authenticated(
    context: MeasureContext, request: MeasuringRequest, authentication: Authentication | None
) -> MeasuringRequest:
    """Return a request that says who asks, by OAuth 2 or basic; as it is where nothing is said.

    Raises BadRequest for what is incomplete, and what asking for a token raises.
    """
    if authentication is None:
        return request
    if authentication.oauth2 is not None and authentication.oauth2.token_url:
        kind, token = await _token(context, authentication.oauth2, request)
        return request.with_headers(("Authorization", f"{kind} {token}"))
    if authentication.basic_auth:
        return request.with_headers(("Authorization", basic(authentication.basic_auth)))
    return request


def basic(given: dict[str, Any]) -> str:
    """Return the header for a user name and password. Raises BadRequest."""
    user, password = str(given.get("username") or ""), str(given.get("password") or "")
    if not user and not password:
        raise BadRequest("authentication.basicAuth: write username and password")
    if ":" in user:
        raise BadRequest("authentication.basicAuth.username: it holds a colon, which ends it")
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def signed(
    context: MeasureContext, request: MeasuringRequest, sigv4: Sigv4 | None, service: str
) -> MeasuringRequest:
    """Return a request signed for a service of AWS. Raises what looking credentials up raises."""
    found = await context.aws.credentials(
        region=sigv4.region if sigv4 else "",
        profile=sigv4.profile if sigv4 else "",
        role=sigv4.role_arn if sigv4 else "",
    )
    if found.token:
        context.confide(found.token)
    if not found.region:
        raise BadRequest(
            "authentication.sigv4.region: write the region of the service, such as eu-central-1"
        )
    return signed_with(found, request, service, context.now)


def signed_with(
    credentials: AwsCredentials, request: MeasuringRequest, service: str, now: datetime
) -> MeasuringRequest:
    """Return a request signed with a key for a service of AWS. Raises BadRequest without a region."""
    headers = signature.headers(
        request.method,
        request.url,
        request.headers,
        request.body or b"",
        credentials=credentials,
        service=service,
        now=now,
    )
    return request.with_headers(*headers)


async def _token(
    context: MeasureContext, oauth2: OAuth2, request: MeasuringRequest
) -> tuple[str, str]:
    """Return the kind of a token and the token. RFC 6749, 4.4: asked for by basic, as Go's client asks first."""
    if not oauth2.client_id or not oauth2.client_secret:
        raise BadRequest(
            "authentication.oauth2: it has a tokenUrl; write clientId and clientSecret as well"
        )
    form = {"grant_type": "client_credentials"}
    if oauth2.scopes:
        form["scope"] = " ".join(oauth2.scopes)
    login = f"{quote_plus(oauth2.client_id)}:{quote_plus(oauth2.client_secret)}"
    asking = MeasuringRequest(
        url=oauth2.token_url,
        method="POST",
        headers=(
            ("Content-Type", _FORM),
            ("Accept", "application/json"),
            ("Authorization", "Basic " + base64.b64encode(login.encode()).decode()),
        ),
        body=urlencode(form).encode(),
        seconds=request.seconds,
        most_bytes=_TOKEN_BYTES,
        insecure=request.insecure,
    )
    answer = await asking.send(context)
    if answer.status in (400, 401):
        # Some servers know clients by the form alone: Go's client tries that next.
        form |= {"client_id": oauth2.client_id, "client_secret": oauth2.client_secret}
        asking = MeasuringRequest(
            url=asking.url,
            method="POST",
            headers=asking.headers[:2],
            body=urlencode(form).encode(),
            seconds=asking.seconds,
            most_bytes=asking.most_bytes,
            insecure=asking.insecure,
        )
        answer = await asking.send(context)
    if answer.status not in SUCCESSES:
        # What it said is not quoted: it may repeat what was sent in confidence.
        told = refusal(type(answer)(status=answer.status, headers=answer.headers))
        raise Unavailable(f"no token for the request: {asking.shown}: {told}{_reason(answer.body)}")
    try:
        found = json_answer.value(answer.body)
    except json_answer.NoJson as error:
        raise Unavailable(
            f"no token for the request: {asking.shown} answers with what is no JSON"
        ) from error
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token or not token.isprintable():
        raise Unavailable(f"no token for the request: {asking.shown} answers without access_token")
    context.confide(token)
    kind = found.get("token_type")
    return _kind(kind if isinstance(kind, str) else ""), token


def _kind(kind: str) -> str:
    return kind if kind.isalnum() and kind.lower() != "bearer" else "Bearer"


def _reason(body: bytes) -> str:
    """Return the code by which a server says what is wrong (RFC 6749, 5.2)."""
    try:
        found = json_answer.value(body)
    except json_answer.NoJson:
        return ""
    code = found.get("error") if isinstance(found, dict) else None
    return f" ({messages.cut(messages.plain(code), 60)})" if isinstance(code, str) else ""
