"""Secrets that hold a GitHub App: what of them is the App, and the token that it gets for a Project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.forges.github import places
from towpath.clients.forges.github.installation_tokens import Installation
from towpath.credentials import lookup, token_scopes
from towpath.credentials.found import FoundCredential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.forges.github.installation_tokens import InstallationTokens
    from towpath.resources.kinds import Ref

_USER: Final = "kargo"
"""As upstream sends it; GitHub looks at the token alone."""


def issuer(values: Mapping[str, str]) -> str:
    """Return who a GitHub App is: its client id, else its number; empty for a Secret that holds none."""
    return (values.get(lookup.APP_CLIENT_ID) or values.get(lookup.APP_ID) or "").strip()


def shown(secret: Ref) -> str:
    """Return how messages call a Secret with an App."""
    return f"Secret {secret.namespace}/{secret.name}, which holds a GitHub App"


@dataclass(frozen=True, slots=True)
class Holder:
    """A Secret that holds a GitHub App, opened for one use."""

    secret: Ref
    values: Mapping[str, str] = field(repr=False)
    annotations: Mapping[str, Any]

    async def credential(
        self, tokens: InstallationTokens, project: str, url: str, *, refused: str = ""
    ) -> FoundCredential | None:
        """Return a token for the repository at `url`; None where the Project may not open it with this App.

        `refused`: a token that the server did not take. Raises, naming the Secret, what keeps the App from getting one.
        """
        try:
            repository = places.of(url)
            if not token_scopes.allows(
                token_scopes.read(self.annotations), project, repository.name
            ):
                return None
            installation = Installation(
                issuer=issuer(self.values),
                id=self.values[lookup.APP_INSTALLATION].strip(),
                key=self.values[lookup.APP_KEY],
            )
            token = await tokens.get(installation, repository, refused=refused)
        except errors.TowpathError as error:
            raise type(error)(f"{shown(self.secret)}: {error.message}") from error
        return FoundCredential(
            username=_USER, password=token, secret=self.secret, is_renewable=True
        )
