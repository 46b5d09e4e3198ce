"""One Git work tree in a work directory: what it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What a work tree was made from."""

    step: str
    """Alias of the git-clone step."""
    url: str
    insecure: bool = False
    blobless: bool = False
    author: Person | None = None
    """Who commits, where the git-clone step says so."""
    is_secret: bool = False
    """Whether URL or author hold a secret value: they are not written down."""
    is_signed: bool = False
    signer: Signer | None = field(default=None, repr=False)
