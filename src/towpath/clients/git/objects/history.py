"""The commits of a branch, newest first, with what each changed."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git import arguments
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.clients.git.mirrors.mirror import Mirror

MAX_PAGE: Final = 1000
LISTED_BYTES: Final = 64 << 20
"""Of commits and the paths that they changed, in one answer."""
_MESSAGES_BYTES: Final = 4 << 20
"""Of the messages of one answer."""


@dataclass(frozen=True, slots=True)
class CommitEntry:
    """One commit: persons are `Name <email>`, `date` is the committer's (aware, UTC)."""

    id: str
    date: datetime
    author: str
    committer: str
    subject: str
    paths: tuple[str, ...]
    """What it changed against its first parent; both places of a moved file."""


async def commits(
    mirror: Mirror,
    head: str,
    *,
    limit: int,
    skip: int = 0,
    since: datetime | None = None,
    with_paths: bool = True,
    most_bytes: int = LISTED_BYTES,
) -> list[CommitEntry]:
    """Return up to `limit` (at most 1000) first-parent commits from `head` back, leaving out `skip`.

    `since` leaves out what was committed before. Only trees are read, so a blobless mirror fetches nothing. Raises
    TooLarge where that is more than `most_bytes` of words and paths.
    """
    options = [f"--since=@{int(since.timestamp())}"] if since else []
    return await _listed(
        mirror,
        ["--first-parent", f"--max-count={min(limit, MAX_PAGE)}", f"--skip={skip}", *options],
        arguments.full_commit(head),
        with_paths=with_paths,
        most_bytes=most_bytes,
    )


async def these(
    mirror: Mirror,
    ids: Iterable[str],
    *,
    with_paths: bool = False,
    most_bytes: int = LISTED_BYTES,
) -> dict[str, CommitEntry]:
    """Return the commits of these full ids by id; what is no commit, or not in the mirror, is not among them.

    Raises TooLarge as `commits` does.
    """
    wanted = "".join(f"{arguments.full_commit(each)}\n" for each in ids)
    found = await _listed(
        mirror,
        ["--no-walk=unsorted", "--ignore-missing", "--stdin"],
        stdin=wanted.encode("ascii"),
        with_paths=with_paths,
        most_bytes=most_bytes,
    )
    return {entry.id: entry for entry in found}


async def _listed(
    mirror: Mirror,
    options: Sequence[str],
    *heads: str,
    with_paths: bool,
    most_bytes: int,
    stdin: bytes = b"",
) -> list[CommitEntry]:
    # A word that nobody can have put into a name or subject, because it is drawn for this call.
    start = secrets.token_hex(16)
    form = f"{start}%x00%H%x00%ct%x00%an <%ae>%x00%cn <%ce>%x00%s"
    paths = ["--name-only", "--diff-merges=first-parent", "--no-renames"] if with_paths else []
    await mirror.ensure()
    finished = await mirror.git.run(
        "log", "-z", f"--format=tformat:{form}", "--encoding=UTF-8", "--no-ext-diff", *paths, *options,
        *((*heads, "--") if heads else ()),
        directory=mirror.directory, stdin=stdin, stdout_limit=most_bytes,
    )  # fmt: skip
    return _parse(mirror.expect(finished, "listing the commits of"), start)


@dataclass(frozen=True, slots=True)
class CommitWords:
    """A commit and its whole message; `author` is `Name <email>`, `date` the committer's (aware, UTC)."""

    id: str
    date: datetime
    author: str
    message: str


async def between(
    mirror: Mirror, older: str, newer: str, *, limit: int, with_bodies: bool = True
) -> list[CommitWords]:
    """Return up to `limit` commits that `newer` contains and `older` does not, the newest first, merges included.

    Both must be in the mirror. Without bodies a message is its first line. Raises TooLarge for more than 4 MiB of messages.
    """
    start = secrets.token_hex(16)
    form = f"{start}%x00%H%x00%ct%x00%an <%ae>%x00{'%B' if with_bodies else '%s'}"
    await mirror.ensure()
    finished = await mirror.git.run(
        "log", "-z", f"--format=tformat:{form}", "--encoding=UTF-8", f"--max-count={limit}",
        arguments.full_commit(newer), f"^{arguments.full_commit(older)}", "--",
        directory=mirror.directory, stdout_limit=_MESSAGES_BYTES,
    )  # fmt: skip
    listed = mirror.expect(finished, "comparing commits of")
    found = []
    for record in listed.split(start.encode("ascii") + b"\0")[1:]:
        commit, date, author, message = record.split(b"\0", 3)
        found.append(
            CommitWords(
                id=commit.decode("ascii"),
                date=moments.of_seconds(int(date)),
                author=author.decode("utf-8", "replace"),
                message=message.rstrip(b"\0\n").decode("utf-8", "replace"),
            )
        )
    return found


def _parse(listed: bytes, start: str) -> list[CommitEntry]:
    found = []
    for record in listed.split(start.encode("ascii") + b"\0")[1:]:
        commit, date, author, committer, subject, rest = record.split(b"\0", 5)
        # Git ends the subject with NUL, then begins the list of paths on a new line.
        changed = rest.partition(b"\n")[2].split(b"\0")
        found.append(
            CommitEntry(
                id=commit.decode("ascii"),
                date=moments.of_seconds(int(date)),
                author=author.decode("utf-8", "replace"),
                committer=committer.decode("utf-8", "replace"),
                subject=subject.decode("utf-8", "replace"),
                paths=tuple(os.fsdecode(path) for path in changed if path),
            )
        )
    return found
