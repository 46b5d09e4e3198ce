"""A Git server, a client of it in a folder of its own, and one repository both know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import git_client, git_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[git_server.GitServer]:
    """A server that asks for a user and password."""
    with git_server.serving(tmp_path / "server") as serving:
        yield serving


@pytest.fixture
async def client(tmp_path: Path, server: git_server.GitServer) -> AsyncIterator[git_client.Client]:
    """A client that knows the server's password."""
    made = git_client.Client(tmp_path / "client", server)
    await made.start()
    yield made
    await made.pool.close()


@pytest.fixture(autouse=True)
async def _gateways() -> AsyncIterator[None]:
    """Ways to the network that a test opened are closed in its own event loop."""
    yield
    await git_client.closed()
