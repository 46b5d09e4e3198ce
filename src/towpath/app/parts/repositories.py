"""The part that keeps Git repositories: mirrors, work trees, and git itself."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from towpath.app.parts.closing import closed
from towpath.app.settings import sizes
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.program.command import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.app.settings.git import GitSettings
    from towpath.clients.git.access.gateway import Gateway
    from towpath.clients.http.manners import HostManners
    from towpath.clock import Clock


@asynccontextmanager
async def repositories(
    settings: GitSettings,
    *,
    folder: Path,
    gateway: Gateway,
    programs: str,
    clock: Clock,
    manners: HostManners,
) -> AsyncIterator[Repositories]:
    """Keep repositories in a folder, reached through the gateway with the manners that all hosts are asked with.

    `programs`: where git is looked for, as in `PATH`; empty: the usual folders.
    """
    git = Git(
        home=folder / "home",
        gateway=gateway,
        known_hosts=settings.ssh.known_hosts,
        trust_first_use=settings.ssh.trust_first_use,
    )
    if programs:
        git = replace(git, path=programs)
    kept = Repositories(
        git=git,
        root=folder / "mirrors",
        pool=Pool(
            folder / "pool",
            max_trees=settings.pool.trees,
            max_bytes=sizes.read(settings.pool.bytes),
        ),
        rewrites=Rewrites.of(settings.instead_of),
        bounds=settings.bounds,
        limits=settings.limits,
        manners=manners,
    )
    try:
        await kept.start()
        yield kept
    finally:
        await closed(kept.close(), "Git repositories", clock)
