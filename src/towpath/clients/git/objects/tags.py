"""Annotated tags that are made in a work tree. They are that work tree's own, until somebody pushes them.

A mirror serves many promotions: a tag in it would be seen by all of them, whether it ever reaches the server or not. So it
lies in the work tree's administration, where git keeps refs that belong to one work tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments
from towpath.clients.git.objects import stored
from towpath.disk import removal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer

_FOLDER: Final = "refs/worktree/tags"


async def make(
    mirror: Mirror,
    admin: Path,
    tag: str,
    *,
    commit: str,
    message: str,
    tagger: Person,
    when: datetime,
    signer: Signer | None = None,
    force: bool = False,
) -> str:
    """Make a tag object of `commit`, signed if there is a `signer`, and return its id.

    `force`: whether another one that was made here under this name is replaced. Raises AlreadyExists, and BadRequest for a name that cannot be one, and for an empty message or one with NUL, as git does.
    """
    arguments.tag(tag)
    if not message.strip():
        raise errors.BadRequest("the tag's message is empty; give one")
    if "\0" in message:
        raise errors.BadRequest("the tag's message holds a NUL character, which git cannot store")
    await mirror.ensure()
    text = message if message.endswith("\n") else message + "\n"
    head = f"object {arguments.full_commit(commit)}\ntype commit\ntag {tag}\ntagger {tagger.at(when)}\n"
    content = f"{head}\n{text}".encode("utf-8", "surrogateescape")
    if signer is not None:
        content += (await signer.sign(mirror.git, content)).encode("ascii")
    name = stored.write(mirror, "tag", content)
    if not force and made(admin, tag) not in (None, name):
        raise errors.AlreadyExists(
            f"a tag {tag!r} was made in this work tree before; choose another name, or say `force: true`"
        )
    place = admin / _FOLDER / tag
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f"{place.name}.new.lock")
        beside.write_text(f"{name}\n", "ascii")
        beside.replace(place)
    except OSError as error:
        raise errors.BadRequest(
            f"the tag {tag!r} cannot be made beside the others of this work tree: {error.strerror}"
        ) from error
    return name


def made(admin: Path, tag: str) -> str | None:
    """Return the tag object that was made under a name in a work tree, None if none was."""
    try:
        return arguments.full_commit(
            (admin / _FOLDER / arguments.tag(tag)).read_text("ascii").strip()
        )
    except (OSError, ValueError):
        return None


async def fetched(mirror: Mirror, tag: str) -> str | None:
    """Return what a tag of the server is, as the mirror has it: the tag object, or the commit of a plain one; None for none.

    The object, not the commit that it leads to: sent as it is, it is what the server has.
    """
    ref = f"refs/tags/{arguments.tag(tag)}"
    finished = await mirror.run("rev-parse", "--verify", "--quiet", ref)
    return finished.stdout.decode("ascii").strip() or None if finished.code == 0 else None


def forget(admin: Path) -> None:
    """Take away the tags that were made in a work tree: the next promotion is not to see them."""
    removal.remove(admin / "refs")
