"""How Git servers are reached, and what of them is kept (`git`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.app.settings import git_author, git_ssh, sizes, wrong
from towpath.app.settings.git_author import GitAuthorSettings
from towpath.app.settings.git_ssh import GitSSHSettings
from towpath.clients.git.mirrors.extent import CheckoutBounds
from towpath.clients.git.pushing.integration import Policy
from towpath.clients.git.upkeep import MirrorLimits
from towpath.clients.git.worktrees import pool
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUNDS: Final = CheckoutBounds()
_LIMITS: Final = MirrorLimits()


class CheckoutSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What one checkout may write; see `clients.git.extent.CheckoutBounds`."""

    files: int = _BOUNDS.files
    bytes: int | str = _BOUNDS.bytes


class GitPoolSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How many work trees are kept for the next promotions, and how much disk they take."""

    trees: int = pool.MAX_TREES
    bytes: int | str = pool.MAX_BYTES


class GitMirrorSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How much of mirrors is kept that nobody uses; see `clients.git.upkeep.MirrorLimits`."""

    bytes: int | str = _LIMITS.bytes
    age: str = ""
    """Such as `720h`; empty: the usual age."""


class GitSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How Git servers are reached, and what of them is kept."""

    instead_of: dict[str, list[str]] = msgspec.field(default_factory=dict, name="insteadOf")
    """New bases of URLs, and the old ones each stands for."""
    author: GitAuthorSettings = msgspec.field(default_factory=GitAuthorSettings)
    trailers: bool = False
    """Whether commits tell who asked for them, and by which Promotion."""
    checkout: CheckoutSettings = msgspec.field(default_factory=CheckoutSettings)
    pool: GitPoolSettings = msgspec.field(default_factory=GitPoolSettings)
    mirrors: GitMirrorSettings = msgspec.field(default_factory=GitMirrorSettings)
    ssh: GitSSHSettings = msgspec.field(default_factory=GitSSHSettings)
    push_policy: Policy = msgspec.field(default=Policy.ALWAYS_REBASE, name="pushPolicy")
    """How commits that are pushed and those of others are brought together."""

    @property
    def bounds(self) -> CheckoutBounds:
        """What one checkout may write."""
        return CheckoutBounds(self.checkout.files, sizes.read(self.checkout.bytes))

    @property
    def limits(self) -> MirrorLimits:
        """How long and how much of unused mirrors is kept."""
        age = durations.span(self.mirrors.age)
        return MirrorLimits(
            bytes=sizes.read(self.mirrors.bytes),
            seconds=age.total_seconds() if age is not None else _LIMITS.seconds,
        )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why. Blocks: it reads the key that signs, and host keys."""
        for new, olds in self.instead_of.items():
            if "://" not in new and ":" not in new:
                yield f"insteadOf.{new}", "the key must be the base of URLs, such as https://HOST/"
            if not olds or not all(olds):
                yield f"insteadOf.{new}", "name at least one base that it stands for"
        yield from wrong.count("checkout.files", self.checkout.files)
        yield from wrong.count("pool.trees", self.pool.trees)
        yield from wrong.size("checkout.bytes", self.checkout.bytes)
        yield from wrong.size("pool.bytes", self.pool.bytes)
        yield from wrong.size("mirrors.bytes", self.mirrors.bytes)
        yield from wrong.span("mirrors.age", self.mirrors.age)
        for key, why in git_author.problems(self.author):
            yield f"author.{key}", why
        for key, why in git_ssh.problems(self.ssh):
            yield f"ssh.{key}", why
