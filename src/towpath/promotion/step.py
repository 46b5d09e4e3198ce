"""The contract of a promotion step: what it is told, and the answers it can give.

A step is a class with a name, a configuration type and a `run`. It reads and writes files through
`context.directory`, and reaches the outside through `context.effects` only. It may be run again: after an
error, while it waits, and after a crash in the middle; it finds its own former output in `context.former`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from towpath.resources.fields import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from towpath.promotion.effects import Effects
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

Output = dict[str, Any]
"""What later steps see of a step: JSON values by name."""


# --- what a step answers -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A check that the Stage is to run from now on: `uses` names the checker, `config` is for it."""

    uses: str
    config: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The step did what it is for."""

    output: Output | None = None
    message: str = ""
    health_check: HealthCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """There was nothing to do."""

    output: Output | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The step said no. That is final, unless it is content to be asked again."""

    message: str
    output: Output | None = None
    retry: bool = False
    """Whether it is asked again until its time is over, where `retry.timeout` gives it some."""
    counts: bool = False
    """Whether it is tried again as after an error, up to the step's error threshold; it stays Failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errored:
    """We could not. Tried again up to the step's error threshold, unless `final`."""

    message: str
    output: Output | None = None
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Not yet: the step is run again when one of the events happens that it names, and once its time has come at the latest."""

    waiting_for: str
    """What for, for people."""
    wake: Sequence[str] = ()
    """Keys of events that wake it, as `rules.wake_keys` spells them; at most a hundred, each of 2,000 characters at most."""
    again_seconds: float | None = None
    """When it is run again if nothing wakes it: after ten seconds at the earliest, a day at the latest; None: five minutes."""
    slackens_to: float | None = None
    """Seconds to which `again_seconds` grow the longer it waits, a fifth drawn on top; None: they are kept to."""
    output: Output | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOver:
    """What it was based on has changed: the Promotion is to begin anew, if all its steps so far are convergent.

    If they are not, or it was begun anew too often, the step counts as `Failed` with this message.
    """

    message: str
    output: Output | None = None


Outcome = Succeeded | Skipped | Failed | Errored | Waiting | StartOver


# --- what a step is told -----------------------------------------------------------------------------


async def _no_warehouse(_name: str) -> None:
    """There is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """Where and for whom a step runs."""

    project: str
    stage: str
    promotion: str
    """Name of the Promotion; `<stage>.<ulid>.<freight>`."""
    alias: str
    actor: str
    """Who asked for the Promotion; empty if nobody did (auto-promotion)."""
    started: datetime
    """When this step began first: the same on every run of it, also after a crash (UTC)."""
    directory: WorkDirectory
    effects: Effects
    aside: Aside
    """Does work that takes long in a process of its own, so that nobody waits for it and it can be ended."""
    former: Output = field(default_factory=dict)
    """Its own output of an earlier run; empty on the first."""
    requests: Sequence[Mapping[str, Any]] = ()
    """`spec.requestedFreight[]` of the Stage, as documents."""
    target_freight: str = ""
    """Name of the Freight that is promoted."""
    freight: Sequence[Mapping[str, Any]] = ()
    """FreightReferences of the Promotion's collection, as documents."""
    warehouse: Callable[[str], Awaitable[Mapping[str, Any] | None]] = _no_warehouse
    """Returns a Warehouse of the Project by its name, as a document; None if there is none."""


class NoOutput(Struct):
    """The output type of a step that has none."""


ConfigT_contra = TypeVar("ConfigT_contra", bound=Struct, contravariant=True)


class Step(Protocol[ConfigT_contra]):
    """One kind of step. Instances keep nothing of a run."""

    name: ClassVar[str]
    """What `uses` says: `git-clone`."""
    config: ClassVar[type[Struct]]
    """Its configuration: the schema that `config` is checked against is made from it."""
    output: ClassVar[type[Struct]]
    """Its output, for the documentation; not enforced."""
    free_form: ClassVar[bool]
    """Whether the configuration is any object: `run` is then given a `FreeForm`."""
    task_output: ClassVar[bool]
    """Whether, inside a task, its output is merged into the task's own (`compose-output`)."""
    error_threshold: ClassVar[int]
    """Errors in a row that end it, where the manifest does not say; 1 for most."""
    timeout_seconds: ClassVar[float | None]
    """How long it may go on, where the manifest does not say; None: no limit."""
    convergent: ClassVar[bool]
    """Whether running it again from the start is harmless, once it has succeeded."""
    momentary: ClassVar[bool]
    """Whether it does nothing but answer, at once: no file, no door. Then nobody needs to know that it has begun."""
    uses_directory: ClassVar[bool | tuple[str, ...]]
    """Whether it reads or writes files of the work directory; names: only where its configuration has one of these fields."""

    async def run(self, context: StepContext, config: ConfigT_contra) -> Outcome:
        """Do it. Whatever it raises counts as `Errored` with the error's text."""
        ...


class NoSettings(Struct):
    """The settings type of a step of which the operator says nothing."""


class FreeForm(Struct):
    """The configuration of a step that takes any object."""

    values: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies it


class BaseStep:
    """What most steps have in common."""

    output: ClassVar[type[Struct]] = NoOutput
    free_form: ClassVar[bool] = False
    task_output: ClassVar[bool] = False
    error_threshold: ClassVar[int] = 1
    timeout_seconds: ClassVar[float | None] = None
    convergent: ClassVar[bool] = False
    momentary: ClassVar[bool] = False
    uses_directory: ClassVar[bool | tuple[str, ...]] = True
    settings: ClassVar[type[Struct]] = NoSettings
    """What an operator may say for it under `steps.NAME.settings`; `given` holds that. Every field needs a default."""

    _given: Any = None

    def __init__(self, given: Struct | None = None) -> None:
        self._given = given

    @property
    def given(self) -> Any:
        """What the operator says for it, as its `settings` has it."""
        return self.settings() if self._given is None else self._given
