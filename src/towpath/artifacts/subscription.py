"""The contract of a subscription type: what it is told, which ways outside it has, and what it answers.

Types are open: whoever installs one by its entry point brings the reading of its configuration, the look, the answer, and
what the next look builds on (docs/contributing/add-a-subscription-type.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, runtime_checkable

from towpath import errors
from towpath.artifacts.findings import Findings
from towpath.artifacts.tag_caching import TagCaching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.artifacts.chart_indexes import ChartIndexes
    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.git.repository import Repositories
    from towpath.clients.http import Egress
    from towpath.clients.oci import Registries
    from towpath.credentials.finder import Credentials
    from towpath.resources.fields import Struct
    from towpath.resources.warehouse import (
        ChartDiscoveryResult,
        DiscoveryResult,
        GitDiscoveryResult,
        ImageDiscoveryResult,
    )
    from towpath.runtime.aside import Aside

    Result = GitDiscoveryResult | ImageDiscoveryResult | ChartDiscoveryResult | DiscoveryResult

LOOK_SECONDS: Final = 120.0
"""For one look at a subscription, unless its type says otherwise."""


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
    wanted: Any = None
    """What stands under `config` of it, as the struct that the type declares; None where it declares none."""
    now: datetime
    is_manual: bool
    """Whether somebody asked for it: then nothing is left out because it seems unchanged."""
    heard: datetime | None = None
    """When a webhook told of something new, because of which this look is; None: it has another reason."""
    most_seconds: float = 0.0
    """How old an answer may be that another Warehouse was given; 0: none is good enough, as when somebody asked."""
    verdicts: Verdicts | None = field(default=None, repr=False)
    """Where it is told what becomes of each candidate, when somebody wants that explained; None: nobody asks."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what people should know of a look that succeeded all the same: it goes into the Warehouse's condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookClients:
    """The ways to the outside that subscription types have."""

    registries: Registries
    credentials: Credentials
    charts: ChartIndexes | None = None
    """Indexes of chart repositories; None: there are none here."""
    egress: Egress | None = None
    """HTTP, for types that need nothing else; None: there is none here."""
    repositories: Repositories | None = None
    """Git repositories; None: there is no Git here."""
    tag_caching: TagCaching = TagCaching.ALLOW
    """What the operator says of images' tags that never move."""
    findings: Findings = field(default_factory=Findings)
    """The state of types, under keys of their own. It outlives the Warehouse, and not the process."""
    aside: Aside | None = None
    """Where long lists are worked on; None: at once."""


class SubscriptionType(Protocol):
    """One type of artifact. Instances keep nothing of a subscription: that goes into `LookClients.findings`."""

    name: ClassVar[str]
    """The key that names it in `spec.subscriptions[]`: `image`."""

    async def discover(self, subscription: Subscription, clients: LookClients) -> Result:
        """Return what is there, newest first. Raises what kept it from looking; the text says what to do.

        Invalid says that the configuration is wrong: then nobody looks again before the Warehouse changes. Forbidden,
        as NotLetIn, and NotFound say that the source is not there for this credential: then nobody does before a Secret
        changes or the interval is over. All else is tried again soon.
        """
        ...


@runtime_checkable
class HasConfig(Protocol):
    """A type that says how its configuration looks: it is checked when a Warehouse is written, and read for the look."""

    config: ClassVar[type[Struct]]
    """What stands under `config` of the type's key."""


@runtime_checkable
class TakesLonger(Protocol):
    """A type whose looks may take longer than `LOOK_SECONDS`, or that wants them ended sooner."""

    look_seconds: ClassVar[float]
