"""What a server offers, asked without a mirror: branches, tags and the default branch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import names

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror

MAX_BYTES = 64 << 20
"""Of one answer: about half a million refs."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: the object it names, and the commit that leads to (the same for a lightweight tag)."""

    name: str
    object: str
    commit: str

    @property
    def annotated(self) -> bool:
        """Whether the tag is an object of its own."""
        return self.object != self.commit


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
    patterns = ["HEAD", f"refs/heads/{names.branch(branch) if branch else '*'}"]
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
    return parse(mirror.expect(finished, "listing the refs of"))


def parse(listed: bytes) -> Refs:
    """Read what `ls-remote --symref` prints: `ID<tab>REF` lines, `ref: REF<tab>HEAD`, `REF^{}` for peeled tags."""
    branches: dict[str, str] = {}
    objects: dict[str, str] = {}
    peeled: dict[str, str] = {}
    default = None
    for raw in listed.split(b"\n"):
        value, tab, ref = os.fsdecode(raw).partition("\t")
        if not tab:
            continue
        if value.startswith("ref: refs/heads/") and ref == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif ref.startswith("refs/heads/"):
            branches[ref.removeprefix("refs/heads/")] = value
        elif ref.startswith("refs/tags/") and ref.endswith("^{}"):
            peeled[ref.removeprefix("refs/tags/").removesuffix("^{}")] = value
        elif ref.startswith("refs/tags/"):
            objects[ref.removeprefix("refs/tags/")] = value
    tags = {name: Tag(name, value, peeled.get(name, value)) for name, value in objects.items()}
    return Refs(branches, tags, default)
