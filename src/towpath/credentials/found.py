"""A credential that was found, with the Secret that it is of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    secret: Ref
    is_renewable: bool = False
    """Whether `find` may return another password once it is told that this one was refused."""
