"""AWS Signature Version 4: the headers that sign a request. Pure.

Source: AWS General Reference, "Create a signed AWS API request"; checked against the vectors that AWS publishes.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.clients.clouds.aws.keys import AwsCredentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_UNSIGNED: Final = frozenset({"authorization", "user-agent", "x-amzn-trace-id", "connection"})
_PLAIN: Final = "-_.~"


def headers(
    method: str,
    url: str,
    given: Sequence[tuple[str, str]],
    body: bytes,
    *,
    credentials: AwsCredentials,
    service: str,
    now: datetime,
) -> list[tuple[str, str]]:
    """Return the headers to add to a request: its date, the token of a key for a while, and `Authorization`.

    `now` is in UTC. Raises BadRequest without a region.
    """
    if not credentials.region:
        raise BadRequest(
            "no AWS region is known: write the region of the service, such as eu-central-1"
        )
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    place = urlsplit(url)
    added = [("X-Amz-Date", moment)]
    if credentials.token:
        added.append(("X-Amz-Security-Token", credentials.token))
    named: dict[str, list[str]] = {"host": [place.netloc.rpartition("@")[2]]}
    for name, value in (*given, *added):
        if name.lower() not in _UNSIGNED:
            named.setdefault(name.lower(), []).append(" ".join(value.split()))
    signed = sorted(named)
    canonical = "\n".join(
        (
            method,
            _path(place.path),
            _query(place.query),
            *(f"{name}:{','.join(named[name])}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{moment[:8]}/{credentials.region}/{service}/aws4_request"
    text = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    login = f"{_ALGORITHM} Credential={credentials.key_id}/{scope}"
    return [
        *added,
        ("Authorization", f"{login}, SignedHeaders={';'.join(signed)}, Signature={signature}"),
    ]


def _path(path: str) -> str:
    """Return a path as it is signed: `.` and `..` taken out, and what is escaped escaped once more."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    ends = "/" if kept and path.endswith(("/", "/.", "/..")) else ""
    return quote("/" + "/".join(kept) + ends, safe=f"/{_PLAIN}")


def _query(query: str) -> str:
    found = []
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        found.append((_written(name), _written(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(found))


def _written(text: str) -> str:
    return quote(unquote(text.replace("+", " ")), safe=_PLAIN)
