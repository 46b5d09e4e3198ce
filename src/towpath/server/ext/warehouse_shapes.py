"""Why a Warehouse finds what it finds, in answers of our own API."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from towpath.server.shaped import MaybeMoment, Shaped


class ShownCandidate(Shaped):
    """What became of one candidate of a subscription."""

    name: str
    outcome: Literal["wins", "offered", "excluded"]
    rule: str = ""
    """The field of the subscription that keeps it out."""
    reason: str = ""
    detail: str = ""


class RuleCount(Shaped):
    """How many candidates a rule keeps out."""

    rule: str
    count: int


class ExplainedSubscription(Shaped):
    """What a look at one subscription came to. `candidates`: those that are found, the winner first, then those that are kept out."""

    place: int
    type: str
    name: str
    repo_url: str = field(name="repoURL")
    error: str
    notes: list[str]
    candidates: list[ShownCandidate]
    excluded: list[RuleCount]
    left_out: int
    """Candidates that are kept out and not listed."""


class WouldBeFreight(Shaped):
    """What becomes of what was found."""

    state: Literal["made", "exists", "settles", "unmet", "manual", "lacking", "failed"]
    message: str
    name: str = ""
    alias: str = ""


class FailingSince(Shaped):
    """What keeps the Warehouse from being looked at, and since when."""

    since: MaybeMoment
    reason: str
    message: str


class SettlingBurst(Shaped):
    """Pushes that follow one another, of which one Freight is made."""

    began: MaybeMoment
    changed: MaybeMoment
    until: MaybeMoment
    latest: MaybeMoment


class SpentByLooks(Shaped):
    """What looks at a Warehouse have cost the servers that they asked, since the server's start; `last…`: the last of them."""

    since: MaybeMoment
    looks: int
    requests: int
    bytes: int
    last_requests: int
    last_bytes: int


class SilentReceiver(Shaped):
    """A receiver of webhooks that used to have the Warehouse look, and to which nothing has come for too long.

    `name` is empty for who may not see its configuration; `since`: when the last delivery came.
    """

    name: str
    of: Literal["ProjectConfig", "ClusterConfig"]
    since: MaybeMoment
    usual_seconds: float
    said: str
    remedy: str


class ExplainedWarehouse(Shaped):
    """What a Warehouse finds, and why.

    `explainedAt`: when it was looked at for this; null: candidates are those that the last look found, without those that it did not take.
    """

    warehouse: str
    edited: bool
    explained_at: MaybeMoment
    last_look: MaybeMoment
    next_look: MaybeMoment
    waiting_for: str
    failing: FailingSince | None
    settling: SettlingBurst | None
    silent_receivers: list[SilentReceiver]
    spent: SpentByLooks | None
    freight: WouldBeFreight | None
    subscriptions: list[ExplainedSubscription]
