"""The key of a service account of Google, and the access token that it is exchanged for.

Source: developers.google.com, "Using OAuth 2.0 for Server to Server Applications"; RFC 7523.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from towpath import errors
from towpath.clients import signed_claims
from towpath.clients.clouds import asking
from towpath.clients.clouds.asking import Question
from towpath.clients.kept_tokens import GivenToken

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock

USER: Final = "oauth2accesstoken"
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_USUAL: Final = "https://oauth2.googleapis.com/token"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LONGEST: Final = 64 << 10
_GOOD_SECONDS: Final = 3600
_BEFORE_SECONDS: Final = 60
_LONGEST_NAME: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey:
    """A key, read. `repr` shows no secret."""

    email: str
    private_key: str = field(repr=False)
    token_url: str


def read(encoded: str) -> AccountKey:
    """Return the key that a text holds: Google's JSON file, in base64. Raises Invalid, without showing anything of it."""
    if len(encoded) > _LONGEST:
        raise errors.Invalid(f"it is longer than {_LONGEST >> 10} KiB, as no key is")
    try:
        found = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise errors.Invalid("it is no base64 of the JSON file that Google made") from error
    if not isinstance(found, dict) or found.get("type") != "service_account":
        raise errors.Invalid('it is no key of a service account: its "type" is another')
    email, key = found.get("client_email"), found.get("private_key")
    if not isinstance(email, str) or not isinstance(key, str) or not email or not key:
        raise errors.Invalid("it lacks client_email or private_key")
    url = found.get("token_uri") or _USUAL
    if not isinstance(url, str) or max(len(url), len(email)) > _LONGEST_NAME:
        raise errors.Invalid("its client_email or token_uri is none")
    return AccountKey(email=email, private_key=key, token_url=url)


async def token(egress: Egress, clock: Clock, key: AccountKey) -> GivenToken:
    """Return an access token, good for an hour. Raises Invalid for what is no key, and what `asking.ask` raises."""
    what = f"a token for the service account {key.email}"
    asking.refuse_plain(egress, key.token_url, what)
    now = clock.now()
    made = int(now.timestamp()) - _BEFORE_SECONDS
    claims = {
        "iss": key.email,
        "scope": SCOPE,
        "aud": key.token_url,
        "iat": made,
        "exp": made + _GOOD_SECONDS,
    }
    try:
        assertion = await asyncio.to_thread(
            signed_claims.signed, claims, key.private_key.strip().encode("utf-8", "replace")
        )
    except errors.Invalid as error:
        raise errors.Invalid(f"private_key: {error.message}") from error
    question = Question(
        what=what,
        url=key.token_url,
        headers={"Content-Type": asking.FORM},
        body=urlencode({"grant_type": _GRANT, "assertion": assertion}).encode(),
        secrets=(assertion,),
        account=key.email,
    )
    found = await asking.ask(egress, question)
    return GivenToken(asking.text(found, "access_token", question), asking.ends(found, now))
