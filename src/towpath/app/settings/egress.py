"""Which addresses may be reached, how often, and whose certificates count (`egress`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from towpath.clients.http import trust, urls
from towpath.clients.http.limits import PER_SECOND
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


class EgressSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Which addresses may be reached besides public and private ones."""

    allow: list[str] = []
    """`HOST:PORT` of loopback addresses that manifests may name."""
    requests_per_second: float = msgspec.field(default=PER_SECOND, name="requestsPerSecond")
    """To one host in the name of one account."""
    burst: float | None = None
    """Requests that may be sent at once after a rest; None: as many as in a second."""
    ca_bundle: str = msgspec.field(default="", name="caBundle")
    """A file of certificates, in PEM, of authorities that are trusted besides those of the machine."""

    @property
    def bundle(self) -> Path | None:
        """The file, None if there is none."""
        return Path(self.ca_bundle) if self.ca_bundle else None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why. Blocks: it reads the file of certificates."""
        for number, address in enumerate(self.allow):
            yield from _wrong_address(f"allow[{number}]", address)
        if not 0 < self.requests_per_second < float("inf"):
            yield "requestsPerSecond", f"{self.requests_per_second:g} is no number above 0"
        if self.burst is not None and not 1 <= self.burst < float("inf"):
            yield "burst", f"{self.burst:g} is not a number from 1 on"
        try:
            trust.context(self.bundle)
        except BadRequest as error:
            yield "caBundle", error.message


def _wrong_address(key: str, address: str) -> Iterator[tuple[str, str]]:
    try:
        place = urls.split(f"http://{address}/")
    except urls.Unacceptable as error:
        yield key, f"{address!r} is not HOST:PORT: {error}"
        return
    if place.port is None or place.has_user or place.path != "/":
        yield key, f"{address!r} is not HOST:PORT"
