"""Which identity provider vouches for people, and as whom we ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SCOPES: Final = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcTerms:
    """What the operator says of the provider."""

    issuer: str
    """Its URL, as its tokens name it."""
    client_id: str
    """As which the web UI asks."""
    cli_client_id: str = ""
    """As which the CLI does; empty: as the UI."""
    client_secret: str = field(default="", repr=False)
    """Of the UI's client, for providers that insist on one."""
    additional_scopes: tuple[str, ...] = ("groups",)
    username_claim: str = "email"

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is asked for."""
        return tuple(dict.fromkeys((*SCOPES, *self.additional_scopes)))

    @property
    def audiences(self) -> frozenset[str]:
        """Whom tokens are for that are taken."""
        return frozenset({self.client_id, self.cli_client_id} - {""})
