"""Makes commits of trees that a mirror has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import arguments
from towpath.clients.git.objects import stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer


def store(
    mirror: Mirror,
    *,
    tree: str,
    parents: Sequence[str],
    author: str,
    committer: str,
    message: str,
    signature: str = "",
) -> str:
    """Write a commit and return its id. `author` and `committer` are in `Person.at`'s form.

    `message` is stored byte for byte. `signature` is the armoured signature of the same commit without one.
    """
    return stored.write(
        mirror,
        "commit",
        text_of(tree, parents, author, committer, message, signature),
    )


async def commit(
    mirror: Mirror,
    *,
    tree: str,
    parents: Sequence[str],
    message: str,
    author: Person,
    committer: Person,
    when: datetime,
    signer: Signer | None = None,
    authored: str = "",
) -> str:
    """Write a commit of `tree`, signed if there is a `signer`, and return its id.

    The message stays the user's, byte for byte; a newline is added if it does not end with one (as `git
    commit` stores it). `authored` replaces author and date of authorship by a stored line (for rebases).
    Raises BadRequest for an empty message or one with NUL, as git does.
    """
    await mirror.ensure()
    text = message if message.endswith("\n") else message + "\n"
    if not message.strip():
        raise errors.BadRequest("the commit message is empty; give one")
    if "\0" in message:
        raise errors.BadRequest("the commit message holds a NUL character, which git cannot store")
    written = authored or author.at(when)
    committed = committer.at(when)
    signature = ""
    if signer is not None:
        payload = text_of(tree, parents, written, committed, text, "")
        signature = await signer.sign(mirror.git, payload)
    return store(
        mirror,
        tree=tree,
        parents=parents,
        author=written,
        committer=committed,
        message=text,
        signature=signature,
    )


def text_of(
    tree: str, parents: Sequence[str], author: str, committer: str, message: str, signature: str
) -> bytes:
    """Return a commit's bytes; `signature` (may be empty) goes into its header, indented."""
    head = [f"tree {arguments.full_commit(tree)}"]
    head += [f"parent {arguments.full_commit(parent)}" for parent in parents]
    head += [f"author {author}", f"committer {committer}"]
    if signature:
        head.append("gpgsig " + signature.strip().replace("\n", "\n "))
    return ("\n".join(head) + "\n\n" + message).encode("utf-8", "surrogateescape")


def without_signature(text: bytes) -> tuple[bytes, str]:
    """Split a commit's bytes into what was signed and the armoured signature (empty if there is none)."""
    head, separator, message = text.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b"gpgsig ") or (inside and line.startswith(b" "))
        if inside:
            signature.append(line.removeprefix(b"gpgsig ").removeprefix(b" "))
        else:
            kept.append(line)
    return b"\n".join(kept) + separator + message, b"\n".join(signature).decode("ascii", "replace")
