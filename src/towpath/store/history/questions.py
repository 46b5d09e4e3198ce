"""What can be asked of history, and the shape of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - archives are decoded by these types
from typing import Generic, Protocol, TypeVar

from towpath.store.history.changes import (  # noqa: TC001 - as above
    ApprovalGiven,
    FreightArrived,
    PromotionRecord,
    VerificationRecord,
)

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySelection:
    """Which records. Every term that is given must hold; times are aware, UTC."""

    project: str | None = None
    stage: str | None = None
    freight: str | None = None
    since: datetime | None = None
    """Only what was first recorded (began, was given) at or after this moment."""
    until: datetime | None = None
    """Only what was first recorded before this moment."""


@dataclass(frozen=True, slots=True)
class PastPromotion:
    """A Promotion of the past or present."""

    record: PromotionRecord
    recorded: datetime
    """When it was first written."""
    updated: datetime
    deleted: datetime | None

    @property
    def latest(self) -> datetime:
        """When something was recorded of it last."""
        return max(self.updated, self.deleted or self.updated)


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification run of the past or present."""

    record: VerificationRecord
    recorded: datetime
    updated: datetime

    @property
    def latest(self) -> datetime:
        """When something was recorded of it last."""
        return self.updated


@dataclass(frozen=True, slots=True)
class Occupancy:
    """A Freight of one origin that was in a Stage from `began` until `ended` (None: it still is)."""

    record: FreightArrived
    began: datetime
    ended: datetime | None

    @property
    def latest(self) -> datetime:
        """When something was recorded of it last."""
        return self.ended or self.began


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval, from when it was given until it ended (None: it holds)."""

    record: ApprovalGiven
    given: datetime
    ended: datetime | None
    ended_by: str

    @property
    def latest(self) -> datetime:
        """When something was recorded of it last."""
        return self.ended or self.given


Past = PastPromotion | Verified | Occupancy | Approval
"""A record of any of the tables, with its times: what goes with a Project to another instance."""


@dataclass(frozen=True, slots=True)
class Records(Generic[RecordT]):
    """A part of an answer, newest first."""

    items: tuple[RecordT, ...]
    cursor: str | None
    """Pass it with the same selection for the next part; None: that was all."""


@dataclass(frozen=True, slots=True)
class Density:
    """How many Promotions were asked for in each part of a span of time, and how many of them failed."""

    moves: tuple[int, ...]
    failures: tuple[int, ...]


class History(Protocol):
    """Answers from the tables that outlive the objects. Parts hold at most `limit` records (1 to 1,000).

    Every method raises BadRequest for a limit out of range or a cursor that is not ours.
    """

    async def promotions(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[PastPromotion]:
        """Return Promotions, the one created last first."""
        ...

    async def verifications(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Verified]:
        """Return verification runs, newest first. `freight` selects runs whose collection holds it."""
        ...

    async def occupancies(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Occupancy]:
        """Return what was in which Stage from when to when, the latest arrival first."""
        ...

    async def approvals(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Approval]:
        """Return approvals, newest first."""
        ...

    async def density(
        self, project: str, since: datetime, until: datetime, buckets: int
    ) -> Density:
        """Return what was asked for in a Project, in parts of equal length; `until` is later than `since`."""
        ...

    async def stages(self, project: str) -> tuple[str, ...]:
        """Return the names of all Stages of a Project that hold or ever held Freight."""
        ...

    async def in_stage(self, project: str, stage: str, at: datetime) -> tuple[Occupancy, ...]:
        """Return what was in a Stage at a moment, by origin; also of a Stage that was deleted since."""
        ...

    async def of_freight(self, project: str, freight: str, at: datetime) -> tuple[Occupancy, ...]:
        """Return in which Stages a Freight was at a moment, by Stage and origin."""
        ...
