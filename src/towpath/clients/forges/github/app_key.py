"""The private key of a GitHub App, and the proof of the App's identity that it signs."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from towpath.clients import signed_claims
from towpath.errors import Invalid

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST: Final = 64 << 10
_BEFORE_SECONDS: Final = 60
"""So much earlier the proof says it was made: the clock of the server may be behind ours."""
_GOOD_SECONDS: Final = 300
"""For which the proof is good. GitHub takes ten minutes at most, the earlier minute included."""


def proof(issuer: str, key: str, now: datetime) -> str:
    """Return a token by which an App proves itself to GitHub; good for five minutes.

    `issuer`: the App's client id or its number; `key`: in PEM, or that in base64. Raises Invalid, without showing anything
    of it, for what is no RSA key.
    """
    made = int(now.timestamp())
    claims = {"iat": made - _BEFORE_SECONDS, "exp": made + _GOOD_SECONDS, "iss": issuer}
    return signed_claims.signed(claims, _pem(key))


def _pem(text: str) -> bytes:
    if len(text) > _LONGEST:
        raise Invalid(f"it is longer than {_LONGEST >> 10} KiB, as no key is")
    if "-----BEGIN" in text:
        return text.strip().encode("utf-8", "replace")
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "it is neither PEM, which begins with -----BEGIN, nor the base64 of that; give the .pem file that GitHub made"
        ) from error
    if b"-----BEGIN" not in found:
        raise Invalid("it is base64, but not of PEM; give the .pem file that GitHub made")
    return found.strip()
