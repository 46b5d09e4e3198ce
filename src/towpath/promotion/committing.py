"""Who commits, and who signs: decided here and nowhere else. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.person import Person
from towpath.clients.git.signing import Signer

if TYPE_CHECKING:
    from towpath.promotion.checkout import Checkout
    from towpath.promotion.effects.git import Author


@dataclass(frozen=True, slots=True)
class CommitIdentity:
    """A person, and the key that signs for them, if any."""

    person: Person
    signer: Signer | None = None


UPSTREAM: Final = CommitIdentity(Person("Kargo", "no-reply@kargo.io"))
"""Who commits where nobody is configured: Warehouses in use leave out our own commits by it."""


def named(author: Author) -> CommitIdentity:
    """Return who a manifest names; the operator's key does not sign for them."""
    key = author.signing_key
    return CommitIdentity(Person(author.name, author.email), Signer("gpg", key) if key else None)


def who(operator: CommitIdentity, made: Checkout, step: Author | None = None) -> CommitIdentity:
    """Return who commits in a work tree: whom the step names, else the git-clone step, else the operator."""
    if step is not None:
        return named(step)
    if made.author is not None:
        return CommitIdentity(made.author, made.signer)
    return operator
