"""What a metric provider is told in tests: doors that act, on servers of loopback, and a moment that stands still."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.errors import NotFound
from towpath.runtime.aside import Aside
from towpath.verification.doors import EgressHttp
from towpath.verification.provider import MeasureContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from towpath.clock import Clock

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class GivenSecrets:
    """Secrets by name."""

    def __init__(self, values: Mapping[str, Mapping[str, str]]) -> None:
        self._values = values

    async def read(self, name: str, *, is_shared: bool = False) -> Mapping[str, str]:
        """Return the values of one."""
        del is_shared
        if name not in self._values:
            raise NotFound(f"Secret shop/{name} does not exist; create it")
        return self._values[name]


@contextlib.asynccontextmanager
async def measuring(
    *urls: str,
    now: datetime = NOW,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    clock: Clock | None = None,
    **more: Any,
) -> AsyncIterator[MeasureContext]:
    """Yield the context of a measurement that may reach some servers of this machine."""
    allowed = [url.partition("://")[2].partition("/")[0] for url in urls]
    async with Egress(allow=allowed, clock=clock or SystemClock()) as egress, Aside() as aside:
        given: dict[str, Any] = {
            "project": "shop",
            "run": "prod.01hx.abc",
            "run_uid": "11111111-2222-3333-4444-555555555555",
            "metric": "errors",
            "number": 1,
            "run_started": now,
            "now": now,
            "http": EgressHttp(egress, project="shop"),
            "secrets": GivenSecrets(secrets or {}),
            "aside": aside,
        }
        yield MeasureContext(**(given | more))
