"""The contract of a subscription type: what it is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from towpath import errors
from towpath.artifacts.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.clients.git.repository import Repositories
    from towpath.clients.oci import Registries
    from towpath.credentials.finder import Credentials
    from towpath.resources.warehouse import (
        ChartDiscoveryResult,
        DiscoveryResult,
        GitDiscoveryResult,
        ImageDiscoveryResult,
    )
    from towpath.runtime.aside import Aside

    Result = GitDiscoveryResult | ImageDiscoveryResult | ChartDiscoveryResult | DiscoveryResult


class NotLetIn(errors.Forbidden):
    """The server does not let in who looks: another Secret is needed, or another right of this one.

    Nobody looks again before a Secret changes or the Warehouse's interval is over.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One entry of `spec.subscriptions[]`, and for whom it is looked at."""

    project: str
    warehouse: str
    name: str
    """Name of the subscription, empty if it has none."""
    config: Mapping[str, Any]
    """What stands under the type's key, with its defaults."""
    now: datetime
    is_manual: bool
    """Whether somebody asked for it: then nothing is left out because it seems unchanged."""
    most_seconds: float = 0.0
    """How old an answer may be that another Warehouse was given; 0: none is good enough, as when somebody asked."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what people should know of a look that succeeded all the same: it goes into the Warehouse's condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookClients:
    """The ways to the outside that subscription types have."""

    registries: Registries
    credentials: Credentials
    repositories: Repositories | None = None
    """Git repositories; None: there is no Git here."""
    findings: Findings = field(default_factory=Findings)
    """What a type has found before, under a key of its own. It outlives the Warehouse, and not the process."""
    aside: Aside | None = None
    """Where long lists are worked on; None: at once."""


class SubscriptionType(Protocol):
    """One type of artifact. Instances keep nothing of a subscription: that goes into `LookClients.findings`."""

    name: ClassVar[str]
    """The key that names it in `spec.subscriptions[]`: `image`."""

    async def discover(self, subscription: Subscription, clients: LookClients) -> Result:
        """Return what is there, newest first. Raises what kept it from looking; the text says what to do.

        Invalid says that the configuration is wrong: then nobody looks again before the Warehouse changes. NotLetIn says
        that the credential is.
        """
        ...
