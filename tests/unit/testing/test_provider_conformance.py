"""The kit for authors of metric providers: what breaks the contract is told, and of a good provider nothing is."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import towpath.testing.providers
from towpath.errors import BadRequest
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.fields import Field, Struct
from towpath.testing.providers import AskedRequest, ProviderConformance, ProviderExample
from towpath.testing.providers import conformance as kit
from towpath.verification.provider import BaseProvider, HttpAnswer, InFlight, Judged, Measured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from towpath.verification.provider import Answer, MeasureContext


class _Config(Struct, kw_only=True):
    url: Annotated[str, Field("Where to ask.")]


class _Good(BaseProvider):
    """Measures what a server answers."""

    name: ClassVar[str] = "good"
    config: ClassVar[type[Struct]] = _Config

    async def measure(self, context: MeasureContext, config: _Config) -> Answer:
        answer = await context.http.request("GET", config.url)
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"{config.url} answered no JSON") from error
        return Measured(value=found, shown=str(found)[:100])


PAGE = "# `good`\n\n```yaml\nplugin:\n  good:\n    url: x\n```\n\n`url`\n"


def _respond(_: AskedRequest) -> HttpAnswer:
    return HttpAnswer(status=200, headers={}, body=b"12")


async def _told(provider: Any, **more: Any) -> str:
    given = {"config": {"url": "https://a.example"}, "respond": _respond, **more}
    kept = ProviderConformance(provider, [ProviderExample(**given)])
    return "\n".join(await kept.problems(is_installed=False))


async def test_of_a_good_provider_nothing_is_told(tmp_path: Path) -> None:
    """With its page, too."""
    page = tmp_path / "good.md"
    page.write_text(PAGE)
    example = ProviderExample(
        config={"url": "https://a.example"}, respond=_respond, outcome=Measured, value=12
    )
    assert await ProviderConformance(_Good, [example], page=page).problems(is_installed=False) == []
    found = await ProviderConformance(_Good, [example], page=tmp_path / "none.md").problems()
    assert any("no entry point" in each for each in found)
    assert any("none.md cannot be read" in each for each in found)


async def test_what_is_declared_is_looked_at() -> None:
    """Name, docstring, types of methods and configuration."""

    class Odd(BaseProvider):
        name: ClassVar[str] = "odd one"
        config: ClassVar[Any] = dict
        measure: Any = lambda *_: None

    found = await _told(Odd)
    for word in ("name:", "docstring", "measure: it must be", "config: it must be"):
        assert word in found


async def test_examples_and_their_outcome_are_looked_at() -> None:
    """A configuration that is refused, and another value than the author says."""
    assert "no such field" in "\n".join(
        ProviderConformance(_Good, [ProviderExample(config={"url": "x", "b": 1})]).configurations()
    )
    assert "ought to be 13" in await _told(_Good, value=13)
    assert "it answered" in await _told(_Good, outcome=InFlight)


async def test_a_crash_on_junk_is_told() -> None:
    """By what was answered."""

    class Trusting(_Good):
        """Believes what it is told."""

        async def measure(self, context: MeasureContext, config: _Config) -> Answer:
            answer = await context.http.request("GET", config.url)
            return Measured(value=float(answer.body), shown="")

    found = await _told(Trusting)
    assert "where a server answers nothing: measure: it raised ValueError" in found
    assert "a page of HTML" in found


async def test_state_between_measurements_is_told() -> None:
    """Kept on the instance."""

    class Counting(_Good):
        """Counts."""

        def __init__(self) -> None:
            self.count = 0

        async def measure(self, context: MeasureContext, config: _Config) -> Answer:
            del context, config
            self.count += 1
            return Measured(value=self.count, shown=str(self.count))

    assert "it keeps state" in await _told(Counting)


async def test_a_secret_that_is_said_is_told() -> None:
    """In what is shown."""

    class Leaky(_Good):
        """Says what it was told."""

        async def measure(self, context: MeasureContext, config: _Config) -> Answer:
            del config
            found = await context.secrets.read("s")
            return Measured(value=1, shown=f"with {found['token']}")

    assert "holds a secret" in await _told(Leaky, secrets={"s": {"token": "abcdefgh"}})


async def test_who_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled, within the time for it."""
    monkeypatch.setattr(kit, "ENDS_SECONDS", 0.05)

    class Deaf(_Good):
        """Goes on."""

        async def measure(self, context: MeasureContext, config: _Config) -> Answer:
            answer = await super().measure(context, config)
            try:
                for _ in range(8):
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.2)
            return answer

    assert "cancelled, it did not end" in await _told(Deaf)


async def test_what_goes_on_is_resumed_and_ended_by_whoever_comes() -> None:
    """An instance that knows nothing of it."""

    class Flying(_Good):
        """Is in flight."""

        def __init__(self) -> None:
            self.knows = False

        async def measure(self, context: MeasureContext, config: _Config) -> Answer:
            del context, config
            self.knows = True
            return InFlight(resume_seconds=float("inf"), metadata={"a": "x" * 9_000})

        async def resume(
            self, context: MeasureContext, config: _Config, metadata: Mapping[str, str]
        ) -> Answer:
            del context, config, metadata
            assert self.knows
            return Judged(phase=AnalysisPhase.SUCCESSFUL)

        async def terminate(
            self, context: MeasureContext, config: _Config, metadata: Mapping[str, str]
        ) -> Answer:
            del context, config
            return (
                Judged(phase=AnalysisPhase.RUNNING)
                if metadata
                else Judged(phase=AnalysisPhase.ERROR)
            )

    found = await _told(Flying)
    assert "resume: it raised AssertionError" in found
    assert "resume_seconds: inf" in found
    assert "more than 8,192 bytes" in found
    assert "terminate: phase: <AnalysisPhase.RUNNING" in found


def test_the_kit_has_a_door() -> None:
    """What its module says is there."""
    for name in towpath.testing.providers.__all__:
        assert getattr(towpath.testing.providers, name)
