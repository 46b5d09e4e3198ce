"""Who commits, and who signs: decided here and nowhere else. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git.objects.person import Person
from towpath.clients.git.objects.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.promotion.checkout import Checkout
    from towpath.promotion.effects.git import Author


@dataclass(frozen=True, slots=True)
class CommitIdentity:
    """A person, and the key that signs for them, if any."""

    person: Person
    signer: Signer | None = None
    problem: str = ""
    """Why nothing can be committed by them: a key is to sign, and there is none. Unsigned commits would not be what was asked."""
    has_trailers: bool = False
    """Whether the operator wants commits to tell who asked for them, and by which Promotion."""


_TRAILER: Final = re.compile(r"[A-Za-z0-9-]+: ?\S|[ \t]+\S")
"""A trailer, or what goes on from one."""
UPSTREAM: Final = CommitIdentity(Person("Kargo", "no-reply@kargo.io"))
"""Who commits where nobody is configured: Warehouses in use leave out our own commits by it."""


def named(author: Author) -> CommitIdentity:
    """Return who a manifest names; the operator's key does not sign for them."""
    return CommitIdentity(Person(author.name, author.email), Signer.of(author.signing_key))


def who(operator: CommitIdentity, made: Checkout, step: Author | None = None) -> CommitIdentity:
    """Return who commits in a work tree: whom the step names, else the git-clone step, else the operator.

    Raises Invalid where the operator's key is to sign and cannot be had.
    """
    if step is not None:
        return named(step)
    if made.author is not None:
        return CommitIdentity(made.author, made.signer)
    if operator.problem:
        raise errors.Invalid(operator.problem)
    return operator


def trailers(actor: str, promotion: str) -> tuple[str, ...]:
    """Return the lines that tell of a Promotion at the end of a commit's message. `actor`: who asked for it, empty if that is not known."""
    told = {"Promoted-by": actor, "Promotion": promotion}
    return tuple(
        f"{key}: {line}" for key, value in told.items() if (line := " ".join(value.split()))
    )


def with_trailers(message: str, lines: Sequence[str]) -> str:
    """Return a message with trailers behind it, as git-interpret-trailers has it; those that it ends with already once only."""
    body = message.rstrip()
    paragraph = body.rpartition("\n\n")[2].splitlines() if "\n\n" in body else []
    new = [line for line in lines if line not in paragraph]
    if not new:
        return message
    is_block = bool(paragraph) and all(_TRAILER.match(line) for line in paragraph)
    return body + ("\n" if is_block else "\n\n") + "\n".join(new) + "\n"
