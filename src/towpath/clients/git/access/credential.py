"""What a repository is opened with: nothing, a user and password (or token), or an SSH key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCredential:
    """One credential, found elsewhere by the manifest's URL and handed in. `repr` shows no secret."""

    username: str = ""
    password: str = field(default="", repr=False)
    """Password or token for http(s)."""

    ssh_key: str = field(default="", repr=False)
    """Private key, in the text form ssh-keygen writes."""

    known_hosts: str = ""
    """Host keys that ssh accepts besides the operator's, as lines of a `known_hosts` file."""

    source: str = ""
    """What stays the same when the secret is renewed, such as the Secret's namespace and name."""

    renewed: Callable[[str], Awaitable[str]] | None = field(default=None, repr=False, compare=False)
    """Returns another password for one that the server has refused, or the same; None: there never is another."""

    def __post_init__(self) -> None:
        for part, value in (("username", self.username), ("password", self.password)):
            if any(character in value for character in "\n\r\0"):
                raise errors.BadRequest(
                    f"the {part} of a Git credential holds a line break or NUL, which git cannot pass on"
                )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        pair = f"{self.username}:{self.password}" if self.password else ""
        return tuple(secret for secret in (pair, self.password, self.ssh_key) if secret)

    @property
    def identity(self) -> str:
        """A short fingerprint: mirrors are kept apart by it, so nobody reads what another's token fetched.

        It is that of `source` if there is one: a token that is renewed every hour keeps its mirror.
        """
        digest = hashlib.sha256()
        for part in self._parts():
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()[:32]

    def _parts(self) -> Iterator[str]:
        if self.source:
            yield self.source
        else:
            yield from (self.username, self.password, self.ssh_key)


ANONYMOUS = GitCredential()
