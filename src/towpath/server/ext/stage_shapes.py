"""Why Freight goes to a Stage or not, and what is owed there, in answers of our own API."""

from __future__ import annotations

from typing import Literal

from towpath.server.ext.run_shapes import RunProgress
from towpath.server.shaped import Maybe, MaybeMoment, Moment, Shaped


class ShownStay(Shaped):
    """Freight that was in a Stage, and its verdict."""

    stage: str
    origin: str
    freight: str
    since: Moment
    until: MaybeMoment
    promotion: str
    verdict: str
    reason: str
    owed: bool
    message: str
    analysis_run: str
    finished: str


class Debt(Shaped):
    """Stays, the latest first; `since`: older ones are not told of."""

    items: list[ShownStay]
    since: str = ""


class ShownRemedy(Shaped):
    """What opens a gate."""

    verb: Literal["approve", "promote", "resume", "release", "refresh", "edit", "wait"]
    command: str = ""
    url: str = ""
    """Where it is asked for, with POST: `moves`, with `verb` as `kind`."""


class GateEvidence(Shaped):
    """An object of the Project by which a gate is open or shut."""

    kind: str
    """Such as `Promotion`, `AnalysisRun`, `Stage`."""
    name: str


class ShownGate(Shaped):
    """A reason for which Freight does or does not move."""

    name: str
    open: bool
    reason: str
    bars: str
    means: str
    """What it means that it is shut, the beginning of a sentence; empty if it is open."""
    since: MaybeMoment
    opens_at: MaybeMoment
    opens_by: list[str]
    command: str
    remedy: ShownRemedy | None = None
    evidence: list[GateEvidence] = []
    """What says so, the most telling first, at most five: of what the caller may get."""
    who: list[str] = []
    """Who may do that: `groups/NAME` and other claims, `Group/NAME`, `User/NAME`, `ServiceAccount/NAME`; at most ten."""


class OnwardStage(Shaped):
    """A Stage that lies behind, and when Freight could come there. What is unknown is left out."""

    stage: str
    state: Literal["here", "was", "can", "waits", "queued", "failed"]
    gate: str = ""
    earliest: int = 0
    latest: int = 0


class ExplainedFreight(Shaped):
    """The gates of one Freight: those that are shut first, the hardest before the others."""

    freight: str
    origin: str
    gates: list[ShownGate]
    summary: str = ""
    """What the gates amount to, in a sentence."""
    verdicts: list[str] = []
    """The same at length: a sentence for each thing that they bar, with their names."""
    alias: str = ""
    then: list[OnwardStage] = []
    soonest: MaybeMoment = None
    """When it could be promoted there at the earliest, or where it can be now, when it could go by itself; null where nobody can tell."""


class ShownVerification(Shaped):
    """The verification that runs or waits."""

    phase: str
    message: str
    id: str = ""
    reason: str = ""
    until: MaybeMoment = None
    actor: str = ""
    start_time: Maybe = None
    finish_time: Maybe = None
    analysis_run: str = ""
    run: RunProgress | None = None


class QueuedPromotion(Shaped):
    """A Promotion that runs or waits."""

    promotion: str
    phase: str
    freight: str


class ReachedConnection(Shaped):
    """The connection to Argo CD that serves a Stage."""

    connection: str
    state: str
    error: str


class ApplicationHealth(Shaped):
    """How an Application fares."""

    namespace: str
    name: str
    health: str
    sync: str
    revisions: list[str]
    link: str


class ShownDrift(Shaped):
    """That what runs is not what was promoted."""

    since: str
    message: str


class StageHealth(Shaped):
    """How well a Stage is."""

    status: str
    since: str
    issues: list[str]
    applications: list[ApplicationHealth]
    drifted: ShownDrift | None = None


class WaitingHook(Shaped):
    """A run of a hook that waits, runs or has failed."""

    run: str
    hook: str
    event: str
    phase: str
    blocking: bool
    message: str


class ShownPass(Shaped):
    """When a controller looked at it last."""

    ended_at: Moment
    seconds_ago: int
    outcome: str


class ExplainedStage(Shaped):
    """Why Freight does or does not come in.

    Of one origin, its keys are here; of several, each has an entry of `explanations`.
    """

    stage: str
    queue: list[QueuedPromotion]
    last_pass: ShownPass | None
    freight: str = ""
    alias: str = ""
    origin: str = ""
    gates: list[ShownGate] = []
    summary: str = ""
    verdicts: list[str] = []
    explanations: list[ExplainedFreight] = []
    then: list[OnwardStage] = []
    soonest: MaybeMoment = None
    waiting_for: str = ""
    argocd: ReachedConnection | None = None
    health: StageHealth | None = None
    verification: ShownVerification | None = None
    debt: list[ShownStay] = []
    hooks: list[WaitingHook] = []
