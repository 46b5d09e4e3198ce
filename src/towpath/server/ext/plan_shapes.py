"""Plans: bodies and answers of our own API."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from towpath.server.ext.stage_shapes import ShownGate
from towpath.server.shaped import AnyObject, MaybeMoment, Moment, Shaped


class Base(Shaped):
    """A commit that a plan starts from."""

    repository: str
    ref: str
    commit: str


class WantedPlan(Shaped):
    """What is to be planned; without Freight, what the Stage would take now."""

    stage: str = ""
    stages: list[str] = []
    """Several, at most 50, in the place of `stage`: the answer has `targets`."""
    freight: str = ""
    freight_alias: str = ""
    allow_reads: bool = False
    rollback: bool = False
    """Plan to go back; without Freight, to what was verified in the Stage last."""


class ShownPlan(Shaped):
    """What a promotion would do."""

    id: str
    stage: str
    freight: str
    actor: str
    planned_at: Moment
    outdated: list[str]
    bases: list[Base]
    variants: list[AnyObject]
    has_more_variants: bool
    gates: list[ShownGate] = []


class PlanCounts(Shaped):
    """How much there is of everything, whatever is shown of it. What is none may be left out."""

    files: int = 0
    added: int = field(name="+", default=0)
    removed: int = field(name="-", default=0)
    calls: int = 0
    noops: int = 0
    gates: int = 0


class SummedFile(Shaped):
    """A file that differs."""

    id: str
    path: str
    added: int = field(name="+")
    removed: int = field(name="-")
    kind: Literal["added", "changed", "removed"]
    size: int
    binary: bool = False


class SummedCall(Shaped):
    """Something that would be done outside."""

    step: str
    operation: str
    what: str


class SummedNoop(Shaped):
    """A step that changes nothing."""

    step: str
    uses: str
    result: str


class ShownTarget(Shaped):
    """What a promotion to one Stage would do. What is empty is left out."""

    stage: str
    result: str
    msg: str = ""
    status: int = 0
    ways: int = 0
    outdated: list[str] = []
    counts: PlanCounts | None = None
    gates: list[ShownGate] = []
    files: list[SummedFile] = []
    calls: list[SummedCall] = []
    noops: list[SummedNoop] = []
    more: dict[str, int] = {}


class SummedPlan(Shaped):
    """What promotions to several Stages would do, in few bytes."""

    rev: int
    at: Moment
    id: str
    freight: str
    actor: str
    planned_at: Moment
    outdated: list[str]
    bases: list[Base]
    sum: PlanCounts
    targets: list[ShownTarget]


class MadePlan(Shaped):
    """A plan: of one Stage as `plans/ID` answers it, of several as `plan/ID` does."""

    id: str
    freight: str
    actor: str
    planned_at: Moment
    outdated: list[str]
    bases: list[Base]
    stage: str = ""
    variants: list[AnyObject] = []
    has_more_variants: bool = False
    gates: list[ShownGate] = []
    rev: int = 0
    at: MaybeMoment = None
    sum: PlanCounts | None = None
    targets: list[ShownTarget] = []


class Hunk(Shaped):
    """Lines that differ, with those around them."""

    before: int
    """The number of its first line as it was."""
    after: int
    lines: list[str]
    """Each begins with a blank, `+` or `-`."""


class SummedFileHunks(Shaped):
    """A file with its hunks."""

    id: str
    stage: str
    path: str
    added: int = field(name="+")
    removed: int = field(name="-")
    kind: Literal["added", "changed", "removed"]
    size: int
    binary: bool
    hunks: list[Hunk]
    cut: bool
    """Whether not all of the hunks are there."""


class PlannedFile(Shaped):
    """The hunks of a file."""

    id: str
    path: str
    is_binary: bool
    added: int
    removed: int
    patch: str
    is_cut: bool


class PlannedObject(Shaped):
    """The hunks of an object that is rendered."""

    id: str
    api_version: str
    kind: str
    namespace: str
    name: str
    change: str
    added: int
    removed: int
    patch: str
    is_cut: bool
