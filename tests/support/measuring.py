"""A metric provider that answers as tests tell it, and documents of runs that are measured by it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from towpath.resources import scheme
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.analysis_template import WebMetric
from towpath.rules.analysis import rehearsal
from towpath.verification.provider import BaseProvider, InFlight, Judged, Measured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.resources.fields import Struct
    from towpath.rules.analysis.rehearsal import Scripted
    from towpath.store.contract import Document
    from towpath.verification.provider import Answer, MeasureContext

WEB: dict[str, Any] = {"web": {"url": "https://a.example"}}
GOOD = rehearsal.scripts({"m": [{"value": 1}]})["m"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of the provider."""

    how: str
    run: str
    metric: str
    number: int
    at: datetime
    url: str


@dataclass
class Measures(BaseProvider):
    """Stands for `web`. Without a script every measurement is 1."""

    name: ClassVar[str] = "web"
    config: ClassVar[type[Struct]] = WebMetric

    scripts: dict[tuple[str, str], Sequence[Scripted]] = field(default_factory=dict)
    """By run and metric; what is used up repeats its last."""
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, BaseException] = field(default_factory=dict)
    """By metric: what it raises."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By metric: what it answers, whatever that is."""
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """By metric: what a measurement waits for."""
    cut_off: list[str] = field(default_factory=list)
    """Metrics whose measurement was cancelled while it waited."""
    reads: dict[str, str] = field(default_factory=dict)
    """By metric: a Secret of the Project that is read, and said."""

    def script(self, run: str, **results: list[dict[str, Any]]) -> None:
        """Say what the measurements of a run come to, by metric."""
        for metric, found in rehearsal.scripts(results).items():
            self.scripts[run, metric] = found

    def by_metric(self) -> Mapping[str, list[Asked]]:
        """Return the calls, by `RUN/METRIC`."""
        found: dict[str, list[Asked]] = defaultdict(list)
        for each in self.asked:
            found[f"{each.run}/{each.metric}"].append(each)
        return found

    async def measure(self, context: MeasureContext, config: WebMetric) -> Answer:
        """Answer as it was told."""
        self._note("measure", context, config)
        if context.metric in self.gates:
            try:
                await self.gates[context.metric].wait()
            except asyncio.CancelledError:
                self.cut_off.append(context.metric)
                raise
        if context.metric in self.reads:
            found = await context.secrets.read(self.reads[context.metric])
            said = f"read {config.url} {found}"
            return Measured(value=1.0, shown=said, metadata={"said": said})
        if context.metric in self.faults:
            raise self.faults[context.metric]
        if context.metric in self.answers:
            answer: Answer = self.answers[context.metric]
            return answer
        entry = self._entry(context)
        if entry.takes is not None:
            return InFlight(
                resume_seconds=entry.takes.total_seconds(), metadata={"of": str(context.number)}
            )
        return _answer(entry)

    async def resume(
        self, context: MeasureContext, config: WebMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """Answer what was in flight."""
        assert metadata == {"of": str(context.number)}
        self._note("resume", context, config)
        return _answer(self._entry(context))

    async def terminate(
        self, context: MeasureContext, config: WebMetric, metadata: Mapping[str, str]
    ) -> Answer:
        """End what was in flight, if anything was."""
        self._note("terminate", context, config)
        assert metadata in ({}, {"of": str(context.number)})
        entry = self._entry(context)
        return Judged(phase=entry.on_terminate, message=entry.message)

    def _note(self, how: str, context: MeasureContext, config: WebMetric) -> None:
        self.asked.append(
            Asked(how, context.run, context.metric, context.number, context.now, config.url)
        )

    def _entry(self, context: MeasureContext) -> Scripted:
        entries = self.scripts.get((context.run, context.metric), GOOD)
        return entries[min(context.number, len(entries)) - 1]


def _answer(entry: Scripted) -> Answer:
    if entry.phase is not None:
        return Judged(phase=AnalysisPhase(entry.phase), message=entry.message)
    return Measured(value=entry.value, shown=msgspec.json.encode(entry.value).decode())


def run_document(name: str, *metrics: dict[str, Any], **spec: Any) -> Document:
    """Return a run; a metric without a provider has one."""
    kind = scheme.ANALYSIS_RUN
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {"name": name, "namespace": "shop", **spec.pop("metadata", {})},
        "spec": {"metrics": [{"provider": WEB, **each} for each in metrics], **spec},
    }
