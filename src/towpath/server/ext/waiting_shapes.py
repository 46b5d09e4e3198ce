"""What a Promotion waits for, and how it is tried again: bodies and answers of our own API."""

from __future__ import annotations

from towpath.server.ext.stage_shapes import ShownPass
from towpath.server.shaped import Maybe, MaybeMoment, Shaped


class ShownRetry(Shaped):
    """Which Promotion another tries again."""

    of: str
    from_step: str
    note: str


class RunningStep(Shaped):
    """The step that runs."""

    alias: str
    uses: str
    status: str


class ExplainedPromotion(Shaped):
    """How far a Promotion is, what it waits for and until when."""

    promotion: str
    phase: str
    step: RunningStep | None
    waiting_for: Maybe
    until: MaybeMoment
    woken_by: list[str]
    message: str
    retry: ShownRetry | None
    last_pass: ShownPass | None


class WantedRetry(Shaped):
    """From which step a Promotion is to be tried again; without one, where it ended."""

    from_step: str = ""
