"""A look at all receivers of webhooks: which do not listen, and which have been silent for longer than they usually are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.messages import FOREIGN_BYTES, foreign
from towpath.resources import cluster_config, finding, scheme
from towpath.resources.finding import Finding, Wellness
from towpath.resources.kinds import Ref
from towpath.store.contract import Query
from towpath.webhooks import telling
from towpath.webhooks.receivers import of_config

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clock import Clock
    from towpath.store.contract import Store
    from towpath.webhooks.receivers import Receivers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverLook:
    """Looks at the receivers of the ClusterConfig and of every ProjectConfig."""

    store: Store
    receivers: Receivers
    clock: Clock

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield those of which somebody should know, so many at most, and what is said of all together."""
        ill = count = 0
        async for config in self._configs():
            now = self.clock.now()
            for each in await telling.every(self.store, self.receivers, config, now):
                count += 1
                if not each.warning:
                    continue
                ill += 1
                if ill <= finding.MOST_NAMED:
                    yield _found(config.namespace, each.receiver.name, each.warning)
        yield finding.together("webhook receivers", ill, f"{count}, none of them silent for long")

    async def _configs(self) -> AsyncIterator[Ref]:
        yield Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME)
        async for batch in self.store.scan(Query(kind=scheme.PROJECT_CONFIG)):
            for each in batch:
                if of_config(each):
                    yield each.ref


def _found(project: str, name: str, warning: str) -> Finding:
    whose, flag = (f"Project {project}", f"-p {project}") if project else ("all", "--cluster")
    return Finding(
        f"webhook receiver {name} of {whose}",
        Wellness.ILL,
        foreign(warning, most_bytes=FOREIGN_BYTES),
        f"towpath webhooks receipts {name} {flag} says what came",
    )
