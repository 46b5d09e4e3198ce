"""Checks that a metric provider keeps its contract: what it declares, and what it does with examples of its author."""

from __future__ import annotations

import asyncio
import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Timeout, TooLarge, TowpathError, Unavailable
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.fields import Struct
from towpath.resources.structs import schema_of
from towpath.runtime.aside import Aside
from towpath.testing import declared
from towpath.testing.providers.bench import MeasuringBench, said
from towpath.verification.provider import (
    GROUP,
    BaseProvider,
    HttpAnswer,
    InFlight,
    Judged,
    Measured,
)
from towpath.verification.registry import NATIVE, PLUGIN, ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from pathlib import Path

    from towpath.testing.providers.bench import AskedRequest, ProviderExample
    from towpath.verification.provider import Answer, Provider

    Respond = Callable[[AskedRequest], HttpAnswer | TowpathError]

ENDS_SECONDS: Final = 5.0
"""Within which a provider ends that is cancelled, or asked to end a measurement."""
_CANCELLED_AFTER: Final = (0, 1, 2, 3, 5, 10, 40)
"""Turns of the event loop."""
_MOST_NOTE: Final = 8 << 10
_LARGE: Final = 20 << 20
_ENDS: Final = tuple(phase for phase in AnalysisPhase if phase.is_terminal)


def _answering(body: bytes, status: int = 200, kind: str = "application/json") -> Respond:
    answer = HttpAnswer(status=status, headers={"content-type": kind}, body=body)
    return lambda _: answer


def _failing(error: TowpathError) -> Respond:
    return lambda _: error


JUNK: Final[dict[str, Respond]] = {
    "nothing": _answering(b""),
    "text": _answering(b"it works", kind="text/plain"),
    "a page of HTML": _answering(
        b"<!doctype html><html><body>sign in</body></html>", kind="text/html"
    ),
    "bytes that are no text": _answering(b"\xff\xfe\x00\x80" * 9, kind="application/octet-stream"),
    "JSON that breaks off": _answering(b'{"data": [1, 2'),
    "null": _answering(b"null"),
    "a number": _answering(b"12"),
    "NaN": _answering(b"NaN"),
    "NaN as a text": _answering(b'{"value": "NaN", "data": {"result": "NaN"}}'),
    "an empty object": _answering(b"{}"),
    "an empty list": _answering(b"[]"),
    "objects of other shapes": _answering(b'{"data": {"result": {"value": [[]]}}, "status": 7}'),
    "lists in lists, 100,000 deep": _answering(b"[" * 100_000),
    "a number of 5,000 digits": _answering(b'{"value": ' + b"9" * 5_000 + b"}"),
    "20 MB": _answering(b'{"a": "' + b"x" * _LARGE + b'"}'),
    "status 401": _answering(b'{"error": "token expired"}', 401),
    "status 404": _answering(b"not found", 404, "text/plain"),
    "status 429": _answering(b"slow down", 429, "text/plain"),
    "status 500 and HTML": _answering(b"<html>oops</html>", 500, "text/html"),
    "no connection": _failing(Unavailable("it cannot be reached")),
    "no answer in time": _failing(Timeout("no answer within 10 s")),
    "a refusal of the address": _failing(BadRequest("this is no address")),
    "an answer that the door finds too large": _failing(TooLarge("the answer is too large")),
}
"""What servers answer that are broken, or others than one takes them for."""


class ProviderConformance:
    """The checks for one provider. Each returns what is wrong, in words for its author; nothing if all is well."""

    def __init__(
        self,
        provider: Callable[[], Provider[Any]],
        examples: Sequence[ProviderExample],
        *,
        page: Path | None = None,
    ) -> None:
        """`provider`: its class, or what makes one. `page`: the provider's page, where it has one."""
        self._make = provider
        self._provider = provider()
        self._examples = examples
        self._page = page

    async def problems(self, *, is_installed: bool = True) -> list[str]:
        """Return what all checks find. `is_installed`: whether the provider is to be found by its entry point."""
        found = list(self.declaration())
        if found:
            return found
        name, class_ = self._provider.name, type(self._provider)
        found += declared.not_installed(GROUP, name, class_) if is_installed else []
        return [*found, *self.documentation(), *self.configurations(), *await self.behaviour()]

    def declaration(self) -> Iterator[str]:
        """Look at the class: its name, its configuration, its methods."""
        provider, kind = self._provider, type(self._provider)
        name = getattr(provider, "name", None)
        if not isinstance(name, str) or not name.isascii() or not name.replace("-", "").isalnum():
            yield f"name: {name!r} is not made of letters, digits and dashes"
        if not (kind.__doc__ or "").strip():
            yield "the class has no docstring, which says what is measured"
        for method in ("measure", "resume", "terminate"):
            if not inspect.iscoroutinefunction(getattr(kind, method, None)):
                yield f"{method}: it must be an `async def`; derive the class from BaseProvider"
        type_ = getattr(provider, "config", None)
        if not (isinstance(type_, type) and issubclass(type_, Struct)):
            yield "config: it must be a subclass of towpath.resources.fields.Struct"
            return
        try:
            schema_of(type_)
        except Exception as error:  # noqa: BLE001 - whatever it is, its author is to be told
            yield f"config: no schema can be made of {type_.__name__}: {type(error).__name__}: {error}"

    def documentation(self) -> list[str]:
        """Look for fields without description, and without a word on the page."""
        fields = dict(declared.fields_of(schema_of(self._provider.config), ""))
        found = list(declared.undescribed(fields))
        if self._page is not None:
            name = self._provider.name
            found += declared.untold(name, f"{name}:", fields, self._page)
        return found

    def configurations(self) -> list[str]:
        """Look whether the examples are taken."""
        found = []
        for number, example in enumerate(self._examples):
            try:
                self._chosen(example)
            except BadRequest as error:
                found.append(f"example {number}: {error.message}")
        return found

    async def behaviour(self) -> list[str]:
        """Measure the examples: once, two at a time, cut off, and in a world that answers junk."""
        found = []
        async with Aside(refuses=False) as aside:
            for number, example in enumerate(self._examples):
                for check in (
                    self._measures,
                    self._keeps_nothing,
                    self._goes_on,
                    self._ends,
                    self._bears,
                ):
                    problems = await check(example, aside)
                    found += [f"example {number}: {each}" for each in problems]
        return found

    async def _measures(self, example: ProviderExample, aside: Aside) -> list[str]:
        """Measure once."""
        answer = await self._measure(example, MeasuringBench(example), aside)
        if isinstance(answer, str):
            return [answer]
        found = list(_faults(answer))
        if not isinstance(answer, example.outcome):
            found.append(f"it answered {answer!r}")
        if (
            example.value is not None
            and isinstance(answer, Measured)
            and answer.value != example.value
        ):
            found.append(f"it measured {answer.value!r}, which ought to be {example.value!r}")
        secrets = {value for each in example.secrets.values() for value in each.values()}
        if any(secret and secret in said(answer) for secret in secrets):
            found.append("what it says holds a secret")
        return found

    async def _keeps_nothing(self, example: ProviderExample, aside: Aside) -> list[str]:
        """Measure by one instance again and again, and for several runs at once: all come to what a new one does."""
        alone = await self._measure(example, MeasuringBench(example), aside)
        provider = self._make()
        together = await asyncio.gather(
            *(
                self._measure(example, MeasuringBench(example), aside, provider=provider, run=run)
                for run in ("run-1", "run-2", "run-1")
            )
        )
        if any(type(each) is not type(alone) for each in together):
            return [
                "measured again, or for two runs at once, it answers something else: it keeps state"
            ]
        if isinstance(alone, Measured) and any(
            isinstance(each, Measured) and repr(each.value) != repr(alone.value)
            for each in together
        ):
            return ["measured again, or for two runs at once, the value is another: it keeps state"]
        return []

    async def _goes_on(self, example: ProviderExample, aside: Aside) -> list[str]:
        """Resume and end what is in flight, each by an instance that knows nothing of it, as after a restart."""
        begun = await self._measure(example, MeasuringBench(example), aside)
        noted = dict(begun.metadata) if isinstance(begun, InFlight) else {}
        found = []
        context = MeasuringBench(example).context(aside)
        resumed = await self._asked(
            self._make().resume(context, self._chosen(example), noted), "resume"
        )
        found += (
            [resumed]
            if isinstance(resumed, str)
            else [f"resume: {each}" for each in _faults(resumed)]
        )
        if not isinstance(begun, InFlight):
            return found
        context = MeasuringBench(example).context(aside)
        ended = await self._asked(
            self._make().terminate(context, self._chosen(example), noted), "terminate"
        )
        if isinstance(ended, str):
            return [*found, ended]
        if isinstance(ended, InFlight):
            return [*found, "terminate: it leaves the measurement in flight"]
        return [*found, *(f"terminate: {each}" for each in _faults(ended))]

    async def _ends(self, example: ProviderExample, aside: Aside) -> list[str]:
        """Cut it off, early and later; afterwards, have ended whatever it has begun."""
        for turns in _CANCELLED_AFTER:
            provider, config = self._make(), self._chosen(example)
            context = MeasuringBench(example).context(aside)
            task = asyncio.ensure_future(provider.measure(context, config))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait((task,), timeout=ENDS_SECONDS)
            if not task.done():
                return [f"cancelled, it did not end within {ENDS_SECONDS:g} s"]
            if not task.cancelled():
                task.exception()
            if type(provider).terminate is not BaseProvider.terminate:
                ended = await self._asked(
                    provider.terminate(context, config, {}), "terminate of what was cut off"
                )
                if isinstance(ended, str):
                    return [ended]
        return []

    async def _bears(self, example: ProviderExample, aside: Aside) -> list[str]:
        """Measure where a server answers what nobody expects: it must be an answer, or one of our errors."""
        found = []
        for what, respond in JUNK.items():
            bench = MeasuringBench(example, respond=respond)
            answer = await self._measure(example, bench, aside)
            if isinstance(answer, str):
                found.append(f"where a server answers {what}: {answer}")
            else:
                found += [f"where a server answers {what}: {each}" for each in _faults(answer)]
        return found

    async def _measure(
        self,
        example: ProviderExample,
        bench: MeasuringBench,
        aside: Aside,
        *,
        provider: Provider[Any] | None = None,
        run: str = "run-1",
    ) -> Answer | str:
        measuring = provider or self._make()
        context = bench.context(aside, run=run)
        return await self._asked(measuring.measure(context, self._chosen(example)), "measure")

    async def _asked(self, call: Coroutine[Any, Any, Answer], what: str) -> Answer | str:
        """Return an answer, or what is wrong with the call. An error of ours is as good as a judgement that says Error."""
        task = asyncio.ensure_future(call)
        await asyncio.wait((task,), timeout=4 * ENDS_SECONDS)
        if not task.done():
            task.cancel()
            return f"{what}: it took longer than {4 * ENDS_SECONDS:g} s"
        try:
            answer: Answer | None = task.result()
        except TowpathError as error:
            return Judged(phase=AnalysisPhase.ERROR, message=error.message)
        except BaseException as error:  # noqa: BLE001 - whatever it is, its author is to be told
            return f"{what}: it raised {type(error).__name__}: {str(error)[:300]}"
        if not isinstance(answer, Measured | Judged | InFlight):
            return f"{what}: it answered {type(answer).__name__}, which is no answer"
        return answer

    def _chosen(self, example: ProviderExample) -> Any:
        name = self._provider.name
        given: dict[str, Any] = {name: dict(example.config)}
        if name not in NATIVE:
            given = {PLUGIN: given}
        return ProviderRegistry([self._provider]).choose(given).config


def _faults(answer: Any) -> Iterator[str]:
    """Yield what is wrong with an answer, whatever it is about."""
    for name, value in dict(answer.metadata).items():
        if not isinstance(name, str) or not isinstance(value, str):
            yield f"metadata: {name!r} and {value!r} must be texts"
    texts = [getattr(answer, name) for name in ("shown", "message") if hasattr(answer, name)]
    if not all(isinstance(each, str) for each in texts):
        yield "shown, message: they must be texts"
    if isinstance(answer, Judged) and answer.phase not in _ENDS:
        yield f"phase: {answer.phase!r} is no end"
    if isinstance(answer, InFlight):
        seconds: Any = answer.resume_seconds
        if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
            yield f"resume_seconds: {seconds!r} is no number of seconds"
        if any(len(str(each).encode()) > _MOST_NOTE for each in answer.metadata.values()):
            yield f"metadata: an entry has more than {_MOST_NOTE:,} bytes"
