"""Charts for a Promotion, from servers of a test, with Secrets of a test."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.support import registry
from towpath.artifacts.chart_indexes import ChartIndexes
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.credentials.found import FoundCredential
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.doors.charts import ChartSources
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.charts import ProjectCharts


class Secrets:
    """Stands for the Secrets of a Project: by URL as they are asked for."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    async def find(self, project: str, type_: str, url: str, **_: Any) -> FoundCredential | None:
        """Return the one for a URL."""
        assert project == "shop"
        self.asked.append((type_, url))
        if url not in self.known:
            return None
        return FoundCredential(
            username=registry.USER,
            password=registry.PASSWORD,
            secret=Ref(scheme.SECRET, "shop", "charts"),
        )


@asynccontextmanager
async def opened(
    secrets: Secrets, allowed: Sequence[str], mirrors: Mapping[str, Sequence[str]]
) -> AsyncIterator[ProjectCharts]:
    """Give the charts of a Project that may reach some addresses of this machine."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Egress(allow=allowed, clock=clock) as egress, Aside() as aside:
            yield ChartSources(
                egress=egress,
                registries=Registries(egress, clock=clock, mirrors=mirrors),
                credentials=cast("Credentials", secrets),
                indexes=ChartIndexes(egress, aside, clock, Path(folder)),
                aside=aside,
            ).of(
                "shop",
                Disclosed(),
                actor="controller:promotion-controller",
                whom="Promotion prod.01j.abc",
            )
