"""What the tests of promotions with real repositories share: a server to promote to; and they leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import git_client, planning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer


@pytest.fixture(autouse=True)
async def _gateways() -> AsyncIterator[None]:
    """Ways to the network that a test opened are closed in its own event loop."""
    yield
    await git_client.closed()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with one repository, which lets everybody in."""
    with planning.serving(tmp_path / "server") as found:
        yield found
