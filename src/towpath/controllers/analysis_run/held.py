"""What is kept in memory of runs that have not ended: what their spec means, and what they were told in confidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import Invalid
from towpath.rules.analysis import definition
from towpath.rules.analysis.merging import MOST_METRICS
from towpath.verification.known_secrets import KnownSecrets

if TYPE_CHECKING:
    from towpath.resources.analysis_run import AnalysisRunSpec
    from towpath.resources.kinds import Ref
    from towpath.rules.analysis.definition import AnalysisDefinition

_MOST_RULES: Final = 200
_MOST_ARGUMENTS: Final = 1_000


@dataclass(slots=True)
class _Held:
    uid: str
    known: KnownSecrets = field(default_factory=KnownSecrets)
    generation: int = -1
    definition: AnalysisDefinition | None = None
    problem: str = ""


class HeldRuns:
    """The runs that have not ended."""

    def __init__(self) -> None:
        self._runs: dict[Ref, _Held] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def uid(self, ref: Ref) -> str:
        """Return the uid of a run that is held; empty if it is not."""
        held = self._runs.get(ref)
        return "" if held is None else held.uid

    def forget(self, ref: Ref) -> None:
        """Forget one that has ended, or is gone."""
        self._runs.pop(ref, None)

    def secrets(self, ref: Ref, uid: str) -> KnownSecrets:
        """Return what a run was told in confidence."""
        return self._held(ref, uid).known

    def definition(
        self, ref: Ref, uid: str, generation: int, spec: AnalysisRunSpec
    ) -> AnalysisDefinition:
        """Return what a run is to measure, read once for each generation of it. Raises Invalid."""
        held = self._held(ref, uid)
        if held.generation != generation:
            held.definition, held.problem = None, ""
            try:
                held.definition = _read(spec)
            except Invalid as error:
                held.problem = error.message
            held.generation = generation
        if held.definition is None:
            raise Invalid(held.problem)
        return held.definition

    def _held(self, ref: Ref, uid: str) -> _Held:
        held = self._runs.get(ref)
        if held is None or held.uid != uid:
            held = self._runs[ref] = _Held(uid)
        return held


def _read(spec: AnalysisRunSpec) -> AnalysisDefinition:
    """Return what a spec means. Raises Invalid, also for more than a run can have."""
    rules = len(spec.dry_run) + len(spec.measurement_retention)
    for what, count, most in (
        ("metrics", len(spec.metrics), MOST_METRICS),
        ("args", len(spec.args), _MOST_ARGUMENTS),
        ("dryRun and measurementRetention", rules, _MOST_RULES),
    ):
        if count > most:
            raise Invalid(
                f"Analysis spec invalid: {what}: {count:,} are more than the {most:,} that a run may have"
            )
    return definition.read(spec)
