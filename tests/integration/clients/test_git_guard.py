"""Git reaches no address that the guard refuses; what was checked is what is dialled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import git_server
from towpath import errors
from towpath.clients.git.pool import Pool
from towpath.clients.git.program import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.http.guard import Guard

if TYPE_CHECKING:
    from pathlib import Path


async def _opened(folder: Path, guard: Guard) -> Repositories:
    repositories = Repositories(
        git=Git(home=folder / "home", guard=guard),
        root=folder / "mirrors",
        pool=Pool(folder / "pool"),
    )
    await repositories.start()
    return repositories


async def test_loopback_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    """Also by a name that leads there; no request arrives."""
    with git_server.serving(tmp_path / "served", password="") as server:
        url = server.create("app", {"a": "1"})
        named = url.replace("127.0.0.1", "localhost")
        refusing = await _opened(tmp_path / "a", Guard())
        for each in (url, named, "ssh://git@127.0.0.1/app", "https://169.254.169.254/app"):
            with pytest.raises(errors.Forbidden, match="must not be reached"):
                await refusing.open(each).refs()
        assert server.requests == []
        where = server.url.removeprefix("http://")
        letting = await _opened(
            tmp_path / "b", Guard(allow=[where, where.replace("127.0.0.1", "localhost")])
        )
        assert list((await letting.open(url).refs()).branches) == ["main"]
        assert list((await letting.open(named).refs()).branches) == ["main"]
