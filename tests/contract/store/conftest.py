"""The stores that the contract holds for: a new implementation is one more entry of STORES."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import stores
from towpath.clock import VirtualClock
from towpath.store.contract import LogRetention, WatchLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.store.contract import Store

STORES = {"sqlite": stores.opened}


@pytest.fixture
def clock() -> VirtualClock:
    """Return the clock of the store under test."""
    return VirtualClock()


@pytest.fixture(params=sorted(STORES))
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[Store]:
    """Yield an empty store with small watch buffers."""
    limits = WatchLimits(events=50, bytes=1 << 20, bookmark_seconds=60)
    async with STORES[request.param](tmp_path, clock=clock, watch_limits=limits) as opened:
        yield opened


@pytest.fixture(params=sorted(STORES))
async def forgetful(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[Store]:
    """Yield an empty store that keeps only ten entries of its change log."""
    retention = LogRetention(entries=10, minimum_entries=5)
    async with STORES[request.param](tmp_path, clock=clock, retention=retention) as opened:
        yield opened
