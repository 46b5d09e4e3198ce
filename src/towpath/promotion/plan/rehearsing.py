"""Follows the steps of a plan as the engine runs them: what each was given, what it came to, and what is not known yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from towpath import errors
from towpath.expressions import Unknown
from towpath.promotion import answers
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Errored, Failed, Skipped, StartOver, Succeeded, Waiting

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping

    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.plan.directory import PlannedDirectory
    from towpath.promotion.step import Outcome


@dataclass(slots=True)
class PlannedStep:
    """What is known of one step."""

    alias: str
    config: Any = None
    """As it was evaluated, with `Unknown` in it."""
    changes: bool = False
    """Whether it would change anything: files, or something outside."""
    waits_for: str = ""
    unknown: str = ""
    """Why it is not known what it comes to; empty if it is."""


@dataclass(slots=True)
class PlanRehearsal:
    """One run through the steps; `assumed` has what is taken to hold of an `if` that is not known yet."""

    recorder: Recorder
    directory: PlannedDirectory
    assumed: Mapping[str, bool] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    """Steps whose `if` is not known, and was not assumed to be anything: it was taken to hold. With its text."""
    steps: dict[str, PlannedStep] = field(default_factory=dict)

    def decided(self, alias: str, condition: str, unknown: Unknown) -> bool:
        """Return what is assumed of an `if` that is not known yet."""
        self._step(alias).unknown = f"its `if` is {unknown}"
        if alias not in self.assumed:
            self.open[alias] = condition
        return self.assumed.get(alias, True)

    def evaluated(self, alias: str, config: Any) -> Any:
        """Take note of a step's configuration; return it with texts in the place of what is not known yet."""
        step = self._step(alias)
        step.config = config
        for unknown in _unknown(config):
            step.unknown = step.unknown or f"its configuration is {unknown}"
            self.recorder.provisional.setdefault(str(unknown), unknown.source)
        return as_texts(config)

    def is_unsure(self, alias: str) -> bool:
        """Whether something of a step's configuration is not known yet."""
        return any(True for _ in _unknown(self._step(alias).config))

    async def rehearsed(self, alias: str, running: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Return what a step is taken to have come to; nothing is waited for, and nothing tried again."""
        step = self._step(alias)
        self.directory.is_changed, calls = False, len(self.recorder.calls)
        self.recorder.has_rendered = False
        has_unknown = any(_unknown(step.config))
        try:
            outcome = answers.checked(await running)
        except Unanswered as unanswered:
            step.unknown = str(unanswered)
            outcome = _unknown_output(alias)
        except errors.TowpathError as error:
            if not has_unknown:
                return Errored(message=error.message, final=True)
            outcome = _unknown_output(alias)
        finally:
            step.changes = self.directory.is_changed or len(self.recorder.calls) > calls
        match outcome:
            case Waiting(waiting_for=waiting_for):
                step.waits_for = waiting_for
                return _unknown_output(alias)
            case Failed() | Errored() if has_unknown:
                return _unknown_output(alias)
            case _:
                made, said = self._later(outcome.output), self.recorder.told(outcome.message)
        match outcome:
            case StartOver() | Failed():
                return Failed(message=said, output=made)
            case Errored():
                return Errored(message=said, output=made, final=True)
            case Skipped():
                return Skipped(output=made, message=said)
            case Succeeded():
                return Succeeded(output=made, message=said)

    def _step(self, alias: str) -> PlannedStep:
        return self.steps.setdefault(alias, PlannedStep(alias))

    def _later(self, value: Any) -> Any:
        """Return an output with Unknown in the place of what the Promotion will have another value for."""
        match value:
            case str():
                for text, source in self.recorder.provisional.items():
                    if text in value:
                        known = value.replace(text, f"(known after {source})")
                        return Unknown(source, "" if text == value else known)
                return value
            case dict():
                return {key: self._later(each) for key, each in value.items()}
            case list():
                return [self._later(each) for each in value]
            case _:
                return value


def _unknown_output(alias: str) -> Succeeded:
    # Whatever is read of it is not known.
    return Succeeded(output=cast("dict[str, Any]", Unknown(alias)))


def _unknown(value: Any) -> Iterator[Unknown]:
    match value:
        case Unknown():
            yield value
        case dict():
            for each in value.values():
                yield from _unknown(each)
        case list():
            for each in value:
                yield from _unknown(each)


def as_texts(value: Any) -> Any:
    """Return a JSON value with texts in the place of what is not known yet."""
    match value:
        case Unknown():
            return str(value)
        case dict():
            return {key: as_texts(each) for key, each in value.items()}
        case list():
            return [as_texts(each) for each in value]
        case _:
            return value
