"""What a server offers, asked without a mirror: branches, tags and the default branch."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import arguments

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

MAX_BYTES = 64 << 20
"""Of one answer: about half a million refs."""
_PART_BYTES = 256 << 10
"""Of an answer that is read without anybody else having a turn."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: the object it names, and the commit that leads to (the same for a lightweight tag)."""

    name: str
    object: str
    commit: str


@dataclass(frozen=True, slots=True)
class Refs:
    """Branches (name → commit) and tags (by name) in the server's order, and the branch HEAD names."""

    branches: dict[str, str]
    tags: dict[str, Tag]
    default_branch: str | None
    """None for a detached HEAD, or where the server does not tell (an empty repository on older servers)."""


async def list_refs(mirror: Mirror, *, branch: str = "", tags: bool = True) -> Refs:
    """Ask the server of `mirror` for its refs; with `branch` only for that branch and HEAD.

    Raises AuthenticationFailed, RepositoryNotFound, Unreachable, Timeout, and TooLarge beyond 64 MiB.
    """
    patterns = ["HEAD", f"refs/heads/{arguments.branch(branch) if branch else '*'}"]
    patterns += ["refs/tags/*"] if tags and not branch else []
    try:
        finished = await mirror.git.reach(
            "ls-remote", "--symref", "--quiet", "--", mirror.transport.wire, *patterns,
            directory=mirror.git.home,
            address=mirror.transport,
            credential=mirror.credential,
            insecure=mirror.options.insecure,
            stdout_limit=MAX_BYTES,
        )  # fmt: skip
    except errors.TooLarge as error:
        raise errors.TooLarge(
            f"{mirror} has more refs than fit into {MAX_BYTES >> 20} MiB"
        ) from error
    return await read(mirror.expect(finished, "listing the refs of"))


async def read(listed: bytes) -> Refs:
    """Read what `parse` reads, beside the event loop where it is long: there may be half a million lines."""
    return parse(listed) if len(listed) <= _PART_BYTES else await asyncio.to_thread(parse, listed)


def parse(listed: bytes) -> Refs:
    """Read what `ls-remote --symref` prints: `ID<tab>REF` lines, `ref: REF<tab>HEAD`, `REF^{}` for peeled tags."""
    listing = _Listing(listed)
    while listing.read(_PART_BYTES):
        pass
    return listing.refs()


class _Listing:
    """What `ls-remote` printed, read part by part."""

    def __init__(self, listed: bytes) -> None:
        self._listed = listed
        self._at = 0
        self._branches: dict[str, str] = {}
        self._objects: dict[str, str] = {}
        self._peeled: dict[str, str] = {}
        self._default: str | None = None

    def read(self, most: int) -> bool:
        """Read about so many bytes on; whether there are more."""
        end = self._listed.find(b"\n", self._at + most)
        end = len(self._listed) if end < 0 else end
        for raw in self._listed[self._at : end].split(b"\n"):
            self._line(raw)
        self._at = end + 1
        return self._at < len(self._listed)

    def refs(self) -> Refs:
        """Return what was read."""
        tags = {
            name: Tag(name, value, self._peeled.get(name, value))
            for name, value in self._objects.items()
        }
        return Refs(self._branches, tags, self._default)

    def _line(self, raw: bytes) -> None:
        value, tab, ref = os.fsdecode(raw).partition("\t")
        if not tab:
            return
        if value.startswith("ref: refs/heads/") and ref == "HEAD":
            self._default = value.removeprefix("ref: refs/heads/")
        elif ref.startswith("refs/heads/"):
            self._branches[ref.removeprefix("refs/heads/")] = value
        elif ref.startswith("refs/tags/") and ref.endswith("^{}"):
            self._peeled[ref.removeprefix("refs/tags/").removesuffix("^{}")] = value
        elif ref.startswith("refs/tags/"):
            self._objects[ref.removeprefix("refs/tags/")] = value
