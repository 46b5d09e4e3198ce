"""For authors of subscription types: has one look, as a server would, without a server.

A test of yours begins so::

    from towpath.testing.subscriptions import look


    async def test_it_finds_the_newest():
        found = await look(MyType(), {"url": "http://127.0.0.1:8000/"}, allow=["127.0.0.1:8000"])
        assert found.versions == ["1.1.0", "1.0.0"]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.findings import Findings
from towpath.artifacts.subscription import LookClients
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules.subscriptions import subscription_errors
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.artifacts.subscription import SubscriptionType
    from towpath.credentials.finder import Credentials
    from towpath.resources.kinds import Ref
    from towpath.resources.warehouse import ArtifactReference

NAME: Final = "under-test"
"""Of the subscription."""
NOW: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OneLook:
    """What a look came to."""

    references: Sequence[ArtifactReference]
    """As they stand in the status of a Warehouse, the newest first."""
    notes: Sequence[str]
    """What people are told of it."""

    @property
    def versions(self) -> list[str]:
        """The versions, the newest first."""
        return [each.version for each in self.references]


class _Secrets:
    """Secrets of the Project, and no credential for any repository."""

    def __init__(self, secrets: Mapping[str, Mapping[str, str]]) -> None:
        self._secrets = secrets

    async def find(self, *_: Any, **__: Any) -> None:
        """Find no credential."""

    async def open_secret(self, ref: Ref, **_: Any) -> dict[str, str] | None:
        """Return the values of a Secret by its name."""
        found = self._secrets.get(ref.name)
        return None if found is None else dict(found)


def problems(type_: SubscriptionType, config: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a configuration, as somebody who writes a Warehouse is told; nothing if it is right."""
    known = Discoverer([type_], cast("LookClients", None)).known_types
    return [str(each) for each in subscription_errors([_item(type_, config, 20)], known)]


async def look(
    type_: SubscriptionType,
    config: Mapping[str, Any],
    *,
    allow: Sequence[str] = (),
    limit: int = 20,
    manual: bool = False,
    now: datetime = NOW,
    findings: Findings | None = None,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
) -> OneLook:
    """Return what a subscription finds, once its configuration and its answer are checked.

    `allow`: addresses of this machine that may be reached, `HOST:PORT`. `findings`: of earlier looks. `secrets`: those of
    the Project, by name. Raises DiscoveryFailed, whose text is what the Warehouse's condition says, with `is_final` and
    `is_refused` for what is waited for.
    """
    clock = SystemClock()
    async with Egress(allow=allow, clock=clock) as egress, Aside() as aside:
        clients = LookClients(
            registries=Registries(egress, clock=clock),
            credentials=cast("Credentials", _Secrets(secrets or {})),
            egress=egress,
            findings=findings or Findings(),
            aside=aside,
        )
        document = {
            "metadata": {"name": "main", "namespace": "shop"},
            "spec": {"subscriptions": [_item(type_, config, limit)]},
        }
        found = await Discoverer([type_], clients).discover(
            view(Warehouse, document), now=now, manual=manual
        )
    references = [each for result in found.artifacts.results for each in result.artifact_references]
    return OneLook(references, found.notes)


def _item(type_: SubscriptionType, config: Mapping[str, Any], limit: int) -> dict[str, Any]:
    return {"name": NAME, type_.name: {"config": dict(config), "discoveryLimit": limit}}
