"""The contract of a metric provider: what it is told, and the answers it can give.

A provider takes one measurement at a time. It reaches the outside through its context only, keeps nothing between two
measurements, and may be cancelled at any await. What it raises makes the measurement an Error with the error's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar

from towpath.resources.fields import Struct
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisPhase
    from towpath.runtime.aside import Aside
    from towpath.verification.aws_access import MeasuringAws
    from towpath.verification.job import MeasuringJobs

GROUP: Final = "towpath.metric_providers"
"""The group of entry points by which providers are found."""
MOST_BYTES: Final = 2 << 20
"""That an answer's body may have where the provider does not say otherwise."""


# --- what a provider answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A value: the metric's conditions decide what it is worth."""

    value: Any
    """`result` of the conditions: JSON values, numbers as floats unless the provider's page says otherwise."""
    shown: str
    """The value as the measurement records it."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What is worth knowing of this measurement, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The provider itself decides; conditions are not asked."""

    phase: AnalysisPhase
    """Successful, Failed, Inconclusive or Error."""
    message: str = ""
    shown: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Not known yet: the measurement is taken up again by `resume`."""

    resume_seconds: float
    """When, from now."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """All that `resume` needs to know: it is kept durably with the measurement."""


Answer = Measured | Judged | InFlight


# --- what a provider is told ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By lower-case names; several of one name are joined by `, `."""
    body: bytes = field(default=b"", repr=False)
    took_seconds: float = 0.0
    """Of the last request, if it was repeated or sent on: from its first byte to the last one of the answer."""


class MeasuringHttp(Protocol):
    """HTTP for one measurement: by the egress client, under the guard over addresses."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        seconds: float = 10.0,
        most_bytes: int = MOST_BYTES,
        insecure: bool = False,
        once: bool = False,
        follows: bool = True,
    ) -> HttpAnswer:
        """Send a request; `seconds` are for all of it. `insecure`: whether any certificate will do.

        `once`: whether it is not repeated after a failure that may pass, for who measures failures. `follows`: whether it is
        sent on where the server redirects to; else the redirect is the answer. To another place no header goes along that may
        hold a key, but a body does.

        Raises BadRequest, Forbidden for an address that must not be reached, TooManyRequests, Unavailable, Timeout, and
        TooLarge for a longer answer.
        """
        ...

    async def certificate(self, host: str, port: int, *, seconds: float = 10.0) -> datetime:
        """Return until when (UTC) the certificate that a TLS server shows is valid. Raises as `request` does."""
        ...


class MeasuringSecrets(Protocol):
    """Secrets for one measurement. What was read is masked wherever the run says something."""

    async def read(self, name: str, *, is_shared: bool = False) -> Mapping[str, str]:
        """Return the values of a Secret of the run's Project, or with `is_shared` of the shared namespace.

        Raises NotFound, and Forbidden for one that is not labelled for it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureContext:
    """For which measurement of which run a provider works."""

    project: str
    run: str
    """Name of the AnalysisRun."""
    run_uid: str
    metric: str
    number: int
    """Of the measurement within its metric, from 1, errors counted: with `run_uid` and `metric` a stable key."""
    run_started: datetime
    now: datetime
    """When this measurement was begun, or is taken up again (UTC)."""
    http: MeasuringHttp
    secrets: MeasuringSecrets
    aside: Aside
    """Where answers are read that are large: see `towpath.verification.json_answer`."""
    interval_seconds: float = 0.0
    """Between two measurements of the metric; 0: there is only one."""
    jobs: MeasuringJobs = field(default_factory=NoJobs)
    aws: MeasuringAws = field(default_factory=NoAws)
    confide: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what a provider was given in confidence on its way, such as a token: it is masked in all that the run says."""
    secret_values: Sequence[str] = field(default=(), repr=False)
    """Of the run's arguments, those that came from Secrets: masked in all that a provider has others print."""


ConfigT_contra = TypeVar("ConfigT_contra", bound=Struct, contravariant=True)


class Provider(Protocol[ConfigT_contra]):
    """One way to measure. Instances keep nothing of a measurement."""

    name: ClassVar[str]
    """The key below `provider` (`web`), or below `provider.plugin` for those that Argo Rollouts does not have."""
    config: ClassVar[type[Struct]]
    """What stands under that key, after arguments were put in."""

    def described(self, config: ConfigT_contra) -> Mapping[str, str]:
        """Return what is noted once for the whole metric, such as the query with its arguments put in."""
        ...

    async def measure(self, context: MeasureContext, config: ConfigT_contra) -> Answer:
        """Take a measurement, or begin one."""
        ...

    async def resume(
        self, context: MeasureContext, config: ConfigT_contra, metadata: Mapping[str, str]
    ) -> Answer:
        """Go on with a measurement that was in flight. `metadata`: what `InFlight` said last."""
        ...

    async def terminate(
        self, context: MeasureContext, config: ConfigT_contra, metadata: Mapping[str, str]
    ) -> Answer:
        """End a measurement that is in flight, because the run ends.

        `metadata` is empty where `measure` was cut off before it answered: what it may have begun is ended then, and what is
        answered counts for nothing.
        """
        ...


class BaseProvider:
    """What providers have in common whose measurements are taken in one go."""

    name: ClassVar[str]
    config: ClassVar[type[Struct]]

    def described(self, config: Any) -> Mapping[str, str]:
        """Nothing is noted."""
        del config
        return {}

    async def resume(
        self, context: MeasureContext, config: Any, metadata: Mapping[str, str]
    ) -> Answer:
        """Begin anew: nothing was left in flight."""
        del metadata
        return await self.measure(context, config)

    async def terminate(
        self, context: MeasureContext, config: Any, metadata: Mapping[str, str]
    ) -> Answer:
        """Nothing is in flight."""
        raise NotImplementedError

    async def measure(self, context: MeasureContext, config: Any) -> Answer:
        """Take a measurement."""
        raise NotImplementedError
