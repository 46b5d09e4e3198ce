"""How a sender proves that it knows the secret of a receiver: by a signature, by a token, or by the address alone.

A proof keeps no secret that can be read: of a key the state of a keyed hash, of a token its digest. All comparisons take as
long as they would take if all were right.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Proof(Protocol):
    """Tells whether a delivery comes from somebody who knows the secret."""

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether it does. `headers`: by names in lower case."""
        ...


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """HMAC-SHA256 of the body, as hex digits, in a header."""

    header: str
    prefix: str
    state: hmac.HMAC = field(repr=False)

    @classmethod
    def of(cls, secret: str, header: str, prefix: str = "") -> SignatureProof:
        """Return the proof that a secret gives."""
        return cls(header, prefix, hmac.new(secret.encode(), digestmod=hashlib.sha256))

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """See `Proof.holds`."""
        given = headers.get(self.header, "").encode("utf-8", "replace")
        state = self.state.copy()
        state.update(body)
        return hmac.compare_digest(f"{self.prefix}{state.hexdigest()}".encode(), given)


@dataclass(frozen=True, slots=True)
class TokenProof:
    """The secret itself, in a header."""

    header: str
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str, header: str) -> TokenProof:
        """Return the proof that a secret gives."""
        return cls(header, hashlib.sha256(secret.encode()).digest())

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """See `Proof.holds`."""
        del body
        given = headers.get(self.header, "").encode("utf-8", "replace")
        return hmac.compare_digest(hashlib.sha256(given).digest(), self.digest)


class AddressProof:
    """Nothing but the address, which is made of the secret."""

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        """See `Proof.holds`."""
        del headers, body
        return True
