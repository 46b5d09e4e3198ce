"""What a repository's server is shown for one command of git, and what takes its place where that is refused."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.credential import GitCredential


class Login:
    """A user and a password; the credential's, else those in the repository's address."""

    def __init__(self, address: RepositoryAddress, credential: GitCredential) -> None:
        self._username = credential.username or address.user or "towpath"
        self._password = credential.password or address.password
        self._renew = credential.renewed if credential.password else None
        self.secrets = (*credential.secrets, address.password)
        """What must never be shown; a password that was renewed is among it."""

    @property
    def header(self) -> str:
        """What goes into `Authorization` (RFC 7617); empty if there is no password."""
        login = f"{self._username}:{self._password}"
        encoded = base64.b64encode(login.encode("utf-8", "surrogateescape")).decode("ascii")
        return f"Basic {encoded}" if self._password else ""

    async def is_renewed(self) -> bool:
        """Whether there is another password than the one that the server has refused; it is asked for once.

        Raises what keeps it from being had.
        """
        renew, self._renew = self._renew, None
        if renew is None:
            return False
        password = await renew(self._password)
        if password == self._password:
            return False
        self._password = password
        self.secrets += (password, f"{self._username}:{password}")
        return True
