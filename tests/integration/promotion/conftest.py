"""What every test of promotions with real repositories leaves behind: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import git_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
async def _gateways() -> AsyncIterator[None]:
    """Ways to the network that a test opened are closed in its own event loop."""
    yield
    await git_client.closed()
