"""A Git server for comparisons, and a client of it that has no credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import git_client, git_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from towpath.clients.git.repository import Repositories


@pytest.fixture
def server(tmp_path: Path) -> Iterator[git_server.GitServer]:
    """A server that lets everybody in."""
    with git_server.serving(tmp_path / "server", password="") as serving:
        yield serving


@pytest.fixture
async def repositories(tmp_path: Path, server: git_server.GitServer) -> AsyncIterator[Repositories]:
    """Repositories of it, as the server has them."""
    client = git_client.Client(tmp_path / "client", server)
    await client.start()
    yield client.repositories
    await client.pool.close()


@pytest.fixture(autouse=True)
async def _gateways() -> AsyncIterator[None]:
    """Ways to the network that a test opened are closed in its own event loop."""
    yield
    await git_client.closed()
