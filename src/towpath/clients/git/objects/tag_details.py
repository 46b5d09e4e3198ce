"""Tags of the server as a mirror has them: what an annotated tag says, and who made it when."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git import arguments
from towpath.clients.git.objects.words import readable
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.mirrors.remote import Tag

_FOLDER: Final = "refs/tags/"
_AT_ONCE: Final = 200
"""Tags that are fetched or read by their names; of more, all are."""
_PART: Final = 2000
"""Lines that are read without anybody else having a turn."""


@dataclass(frozen=True, slots=True)
class TagDetails:
    """A tag as the mirror has it. What is told of annotated tags alone is empty, or None, of others."""

    object: str
    tagger: str
    """`Name <email>`."""
    date: datetime | None
    """When it was made (aware, UTC)."""
    annotation: str
    """The first line of its message."""


async def have(mirror: Mirror, tags: Sequence[Tag]) -> dict[str, TagDetails]:
    """Have `tags` in the mirror as the server lists them, and return their details by name.

    Only what the mirror lacks, or has otherwise, is fetched. Raises what `Mirror.fetch` raises.
    """
    there = await _details(mirror, [tag.name for tag in tags])
    lacking = [
        tag.name for tag in tags if tag.name not in there or there[tag.name].object != tag.object
    ]
    if not lacking:
        return there
    if len(lacking) > _AT_ONCE:
        await mirror.fetch([f"+{_FOLDER}*:{_FOLDER}*"])
    else:
        refs = [f"{_FOLDER}{arguments.tag(name)}" for name in lacking]
        await mirror.fetch([f"+{ref}:{ref}" for ref in refs])
    return await _details(mirror, [tag.name for tag in tags])


async def _details(mirror: Mirror, names: Sequence[str]) -> dict[str, TagDetails]:
    await mirror.ensure()
    start = secrets.token_hex(16)
    form = (
        f"{start}%00%(refname)%00%(objectname)%00%(objecttype)%00%(taggername) %(taggeremail)"
        "%00%(taggerdate:unix)%00%(contents:subject)"
    )
    refs = [_FOLDER]
    if len(names) <= _AT_ONCE:
        refs = [f"{_FOLDER}{arguments.tag(name)}" for name in names]
    if not refs:
        return {}
    finished = await mirror.run("for-each-ref", f"--format={form}", *refs)
    listed = mirror.expect(finished, "listing the tags of")
    found: dict[str, TagDetails] = {}
    wanted = set(names)
    for number, record in enumerate(listed.split(start.encode("ascii") + b"\0")[1:]):
        if number % _PART == _PART - 1:
            await asyncio.sleep(0)
        ref, object_, type_, tagger, date, subject = (
            part.decode("utf-8", "surrogateescape") for part in record.rstrip(b"\n").split(b"\0", 5)
        )
        name = ref.removeprefix(_FOLDER)
        if name not in wanted:
            continue
        is_annotated = type_ == "tag"
        found[name] = TagDetails(
            object_,
            readable(tagger).strip() if is_annotated else "",
            moments.of_seconds(int(date)) if is_annotated and date.isdecimal() else None,
            readable(subject) if is_annotated else "",
        )
    return found
