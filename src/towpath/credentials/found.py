"""A credential that was found, with where it is from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.clients.oci.authentication import RegistryCredential

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCredential:
    """A credential, and the Secret it came from. `repr` shows no value."""

    username: str = ""
    password: str = field(default="", repr=False)
    ssh_key: str = field(default="", repr=False)
    known_hosts: str = ""
    """Host keys of the servers that the SSH key is for, as lines of a `known_hosts` file."""
    secret: Ref | None = None
    """None where it came from no Secret."""
    origin: str = ""
    """Where it came from if not from a Secret, as messages call it."""
    is_renewable: bool = False
    """Whether `find` may return another password once it is told that this one was refused."""

    @property
    def source(self) -> str:
        """Where it came from, for messages."""
        return self.origin if self.secret is None else str(self.secret)

    def for_registry(self) -> RegistryCredential:
        """Return it as registries take it."""
        return RegistryCredential(
            username=self.username, password=self.password, source=self.source
        )
