"""What is sent for a call, and how what comes back is read: the same for both transports."""

from __future__ import annotations

import json
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.refusals import REMEDY

if TYPE_CHECKING:
    from towpath.sdk.addresses import ServerAddress
    from towpath.sdk.call import Query

LARGEST_ANSWER: Final = 256 << 20
"""Bytes of an answer that is not written to a file."""
CONNECTING: Final = 15.0
"""Seconds within which a connection is there, or will not be."""
LONGEST_SILENCE: Final = 75.0
"""Seconds: a live stream sends a keepalive every 30."""
STREAM: Final = "text/event-stream"


def checked_token(token: str) -> str:
    """Return a token. Raises BadRequest for what no header can carry."""
    if not token or not token.isascii() or not token.isprintable():
        raise errors.BadRequest(f"the token is empty or no token at all; {REMEDY}")
    return token


def target(address: ServerAddress, path: str, query: Query | None) -> str:
    """Return what stands in the first line of a request."""
    kept = {name: value for name, value in (query or {}).items() if value is not None}
    return address.path + path + ("?" + urllib.parse.urlencode(kept, doseq=True) if kept else "")


def headers(token: str, accept: str, content_type: str | None) -> dict[str, str]:
    """Return the headers of a request."""
    found = {"Accept": accept, "Authorization": f"Bearer {token}"}
    return found if content_type is None else {**found, "Content-Type": content_type}


def content(body: Any, manifest: str | None) -> tuple[bytes, str | None]:
    """Return the bytes of a request, and of what type they are."""
    if manifest is not None:
        return manifest.encode(), "text/plain"
    if body is not None:
        return json.dumps(body).encode(), "application/json"
    return b"", None


def too_large(named: str) -> errors.TooLarge:
    """Return what is raised for an answer without end."""
    return errors.TooLarge(f"{named}: the answer has more than {LARGEST_ANSWER:,} bytes")


def no_stream(named: str, path: str, kind: str) -> errors.Unavailable:
    """Return what is raised where a stream was asked for and something else came."""
    return errors.Unavailable(f"{named}: GET {path}: a stream was asked for, got {kind}")


def answer(text: bytes, named: str, method: str, path: str) -> Any:
    """Return what an answer holds, None for nothing. Raises Unavailable for what is no JSON."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.Unavailable(
            f"{named}: {method} {path} was answered with what is not JSON; is this a Towpath server?"
        ) from error
