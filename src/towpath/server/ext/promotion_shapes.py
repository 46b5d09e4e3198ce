"""What is answered about one Promotion, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Literal

from towpath.server.shaped import MaybeMoment, Moment, Shaped


class StepLink(Shaped):
    """Where people see what a step did."""

    kind: Literal["commit", "pullRequest", "application", "page"]
    text: str
    url: str = ""


class EarlierAttempt(Shaped):
    """A Promotion that this one tries again, the latest first."""

    name: str
    phase: str = ""
    start: int = 0
    end: int = 0
    msg: str = ""


class ViewedStep(Shaped):
    """A step. What is empty is left out."""

    alias: str
    kind: str
    status: str = ""
    start: int = 0
    end: int = 0
    errors: int = 0
    next: int = 0
    """When it is tried again, after errors."""
    links: list[StepLink] = []
    result: str = ""
    """The first line of what it says."""


class ViewedWait(Shaped):
    """What it waits for."""

    reason: str
    until: MaybeMoment
    """When it is looked at again at the latest."""
    woken_by: list[str]
    ended_by: list[str]
    """Who or what ends it, in words."""


class TypicalDuration(Shaped):
    """How many seconds Promotions to the Stage that succeeded have taken, of so many."""

    p50: int
    p95: int
    of: int


class PromotionView(Shaped):
    """A Promotion. What is empty is left out, but for `steps`, `waits` and `typical`."""

    rev: int
    at: Moment
    name: str
    stage: str
    freight: str
    phase: str
    steps: list[ViewedStep]
    waits: ViewedWait | None
    typical: TypicalDuration | None
    actor: str = ""
    reason: str = ""
    msg: str = ""
    created: int = 0
    start: int = 0
    end: int = 0
    retry_of: str = ""
    rollback: bool = False
    plan: str = ""
    attempts: list[EarlierAttempt] = []


class PushOutcome(Shaped):
    """A push that was planned, beside the commit that was sent."""

    step: str
    repository: str
    branch: str
    commit: str
    same: bool | None = None
    """Whether the commit changes what was planned; null where `unknown` says why that cannot be told."""
    same_tree: bool | None = None
    """Whether the branch holds by then what it was to hold: it need not, where others pushed."""
    files: int = 0
    differ: list[str] = []
    """Paths, at most 50."""
    differing: int = 0
    unknown: str = ""


class ShownOutcome(Shaped):
    """What became of the plan of a Promotion."""

    rev: int
    at: Moment
    plan: str
    same: bool | None
    """Whether all of it is; null while something cannot be told."""
    pushes: list[PushOutcome]


class ShownStepPart(Shaped):
    """A range of a text."""

    part: str
    offset: int
    total: int
    """In bytes, UTF-8."""
    text: str
