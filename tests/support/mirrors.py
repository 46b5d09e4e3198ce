"""A mirror that has not fetched anything: of a repository that nobody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.clients.git import addresses
from towpath.clients.git.command import Git
from towpath.clients.git.configuration import Options
from towpath.clients.git.credential import ANONYMOUS
from towpath.clients.git.mirror import Mirror

if TYPE_CHECKING:
    from pathlib import Path


def of_nobody(root: Path) -> Mirror:
    """Return it, in a folder of its own."""
    address = addresses.parse("https://git.example/app.git")
    (root / "home").mkdir()
    return Mirror(
        git=Git(home=root / "home"),
        root=root,
        address=address,
        transport=address,
        credential=ANONYMOUS,
        options=Options(),
    )
