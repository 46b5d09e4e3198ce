"""The agents of clouds that tell a machine who it is, and the one way to them.

Addresses of theirs are refused to everybody else (`clients/http/guard`). They are read from where the cloud's own tools read
them, the server's environment, and never from a manifest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.clouds.aws.ambient import AGENT
from towpath.clients.http import Egress, urls
from towpath.clients.http.guard import Guard
from towpath.disk import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clock import Clock

AWS: Final = "aws"
AZURE: Final = "azure"
GOOGLE: Final = "gcp"
GOOGLE_AGENT: Final = "GCE_METADATA_HOST"
_GOOGLE_PLACE: Final = "169.254.169.254:80"
_GOOGLE_NAMES: Final = frozenset({"metadata.google.internal", "metadata"})
_PRODUCT: Final = Path("/sys/class/dmi/id/product_name")


def detected(environment: Mapping[str, str], *, product: Path = _PRODUCT) -> frozenset[str]:
    """Return the clouds that gave this server an identity, as their environment says; nothing is asked.

    `product`: the file in which a machine says what it is.
    """
    given = environment.get
    found = set()
    if given(AGENT) or (given("AWS_WEB_IDENTITY_TOKEN_FILE") and given("AWS_ROLE_ARN")):
        found.add(AWS)
    if all(given(f"AZURE_{each}") for each in ("TENANT_ID", "CLIENT_ID", "FEDERATED_TOKEN_FILE")):
        found.add(AZURE)
    if given(GOOGLE_AGENT) or _is_google(product):
        found.add(GOOGLE)
    return frozenset(found)


def chosen(named: Sequence[str] | None, environment: Mapping[str, str]) -> frozenset[str]:
    """Return the clouds whose identity is used: those that the operator names, else those that are detected."""
    return detected(environment) if named is None else frozenset(named)


def _is_google(product: Path) -> bool:
    try:
        return reading.read(product, 4096).strip().startswith(b"Google")
    except (OSError, errors.TowpathError):
        return False


def google_place(environment: Mapping[str, str]) -> str:
    """Return `HOST:PORT` of Google's metadata server."""
    host, _, port = environment.get(GOOGLE_AGENT, "").strip().partition(":")
    if not host or host in _GOOGLE_NAMES:
        return _GOOGLE_PLACE
    return f"{host}:{port or 80}"


def way(environment: Mapping[str, str], clouds: frozenset[str], clock: Clock) -> Egress:
    """Return an egress that reaches the agents of these clouds besides what anybody may reach; by no proxy."""
    places = [google_place(environment)] if GOOGLE in clouds else []
    if AWS in clouds and (url := environment.get(AGENT)):
        try:
            host, port = urls.split(url).where
        except urls.Unacceptable as error:
            raise errors.BadRequest(f"{AGENT}: {error}") from error
        places.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return Egress(guard=Guard(allow=places, identity=places), clock=clock, is_direct=True)
