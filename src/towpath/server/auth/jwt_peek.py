"""What a JWT says of itself before anybody has checked it: only to choose who is to check it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

LONGEST: Final = 16 << 10
"""Characters of a token that are looked at."""


def issuer(token: str) -> str:
    """Return who has made a token, as it says itself; empty for what is no JWT, or does not say."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST:
        return ""
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return ""
    said = found.get("iss") if isinstance(found, dict) else None
    return said if isinstance(said, str) else ""
