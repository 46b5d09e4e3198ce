"""Bodies and answers of our own API."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from towpath.server.shaped import AnyObject, Maybe, MaybeMoment, Moment, Shaped

# Connections and runs


class Unreadable(Shaped):
    """An Application that could not be read."""

    application: str
    reason: str


class ShownConnection(Shaped):
    """A connection to an installation of Argo CD, and how it fares."""

    name: str
    by: str
    defined_by: str
    projects: list[str]
    default: bool
    namespace: str
    url: str
    state: str
    since: MaybeMoment
    error: str
    latency_milliseconds: float | None
    last_event: MaybeMoment
    applications: int
    unreadable: list[Unreadable]
    left_out: int
    kept_bytes: int


class ShownConnections(Shaped):
    """The connections, by name, a page of them."""

    items: list[ShownConnection]
    cursor: str | None = None


class ShownMetricProgress(Shaped):
    """How far a metric is."""

    name: str
    phase: str
    message: str
    taken: int
    wanted: int | None
    errors: int
    dry_run: bool
    in_flight: bool
    next_at: MaybeMoment


class RunProgress(Shaped):
    """How far an AnalysisRun is."""

    analysis_run: str
    phase: str
    message: str
    started_at: Maybe
    completed_at: Maybe
    metrics: list[ShownMetricProgress]
    waiting_for: Maybe


# Logs


class LogLine(Shaped):
    """What a step, or the whole, came to."""

    time: str
    step: str
    status: str
    message: str


class Log(Shaped):
    """Lines so far, and whether there will be more. Of a Promotion also `rev`, to wait for what comes after it."""

    lines: list[LogLine]
    done: bool
    rev: int = 0
    from_: int = field(name="from", default=0)
    total: int = 0


# Comparisons


class ComparedSide(Shaped):
    """What is compared."""

    kind: str
    name: str
    alias: str


class ShownReleasedCommit(Shaped):
    """A commit that was released."""

    id: str
    subject: str
    author: str
    date: str


class ShownReleasedArtifact(Shaped):
    """An artifact that differs, or does not."""

    kind: str
    name: str
    origin: str
    change: str
    before: str
    after: str
    repo_url: str = field(name="repoURL")
    commits: list[ShownReleasedCommit]
    removed_commits: list[ShownReleasedCommit]
    is_cut: bool
    is_removed_cut: bool
    unknown: str


class UnknownCommits(Shaped):
    """An artifact of which it is not known which commits it is of, and why."""

    kind: str
    name: str
    why: str


class ShownComparison(Shaped):
    """What differs between two sides."""

    from_: ComparedSide = field(name="from")
    to: ComparedSide
    artifacts: list[ShownReleasedArtifact]
    left_out: int
    notes: str = ""
    commits: int = 0
    cursor: int | None = None
    missing: list[UnknownCommits] = []


# Credentials


class ShownJudgedSecret(Shaped):
    """A Secret, and why it serves or does not."""

    namespace: str
    name: str
    serves: bool
    reason: str


class ShownIdentity(Shaped):
    """The server's own identity at a cloud, and why it serves or does not."""

    cloud: str
    serves: bool
    reason: str


class ServingCredentials(Shaped):
    """Which Secret serves a repository, or the server's own identity, where it is in a registry of a cloud."""

    url: str
    type: str
    compared_as: str
    serves: ShownJudgedSecret | None
    secrets: list[ShownJudgedSecret]
    left_out: int
    identity: ShownIdentity | None = None


# Verification debt


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


# Gates


class ShownRemedy(Shaped):
    """What opens a gate."""

    verb: Literal["approve", "promote", "resume", "release", "refresh", "edit", "wait"]
    command: str = ""
    url: str = ""
    """Where it is asked for, with POST: `moves`, with `verb` as `kind`."""


class ShownGate(Shaped):
    """A reason for which Freight does or does not move."""

    name: str
    open: bool
    reason: str
    bars: str
    since: MaybeMoment
    opens_at: MaybeMoment
    opens_by: list[str]
    command: str
    remedy: ShownRemedy | None = None
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
    """The gates of one Freight, in the order in which they are tried."""

    freight: str
    origin: str
    gates: list[ShownGate]
    alias: str = ""
    then: list[OnwardStage] = []


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
    explanations: list[ExplainedFreight] = []
    then: list[OnwardStage] = []
    waiting_for: str = ""
    argocd: ReachedConnection | None = None
    health: StageHealth | None = None
    verification: ShownVerification | None = None
    debt: list[ShownStay] = []
    hooks: list[WaitingHook] = []


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
    spent: SpentByLooks | None
    freight: WouldBeFreight | None
    subscriptions: list[ExplainedSubscription]


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


# History


class RetriedPromotion(Shaped):
    """Which Promotion was tried again, from which step."""

    promotion: str
    from_step: str


class AskedBy(Shaped):
    """By which means, and from where, somebody asked."""

    means: str
    name: str = ""
    by: str = ""
    address: str = ""


class HistoryItem(Shaped):
    """A stay, a promotion, an approval or a verification, as `of` asks for: each has the keys that fit it."""

    freight: str | list[str]
    origin: str = ""
    since: Maybe = None
    until: Maybe = None
    promotion: Maybe = None
    retries: RetriedPromotion | None = None
    reference: Any = None
    name: str = ""
    id: str = ""
    phase: str = ""
    message: str = ""
    actor: str = ""
    via: AskedBy | None = None
    reason: str = ""
    ended_by: Maybe = None
    created: Maybe = None
    started: Maybe = None
    finished: Maybe = None
    deleted: Maybe = None


class ShownHistory(Shaped):
    """What was in a Stage, or happened to it, the newest first."""

    items: list[HistoryItem]


# Plans


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


class WantedRetry(Shaped):
    """From which step a Promotion is to be tried again; without one, where it ended."""

    from_step: str = ""
