"""The kit for authors of steps: each rule of the contract that a step breaks is told, and a good step has nothing wrong."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pytest

import towpath.testing
from towpath.promotion.step import BaseStep, Errored, Failed, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.testing import Conformance, Example
from towpath.testing import conformance as kit

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class _Item(Struct, kw_only=True):
    name: Annotated[str, Field("Its name.")]


class _Config(Struct, kw_only=True):
    text: Annotated[str, Field("What to write.")]
    items: Annotated[list[_Item], Field("More.")] = []  # noqa: RUF012 - msgspec copies it


class _Good(BaseStep):
    """Writes a file."""

    name: ClassVar[str] = "good-step"
    config: ClassVar[type[Struct]] = _Config
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: _Config) -> Outcome:
        await context.directory.write("out.txt", config.text.encode())
        return Succeeded()


GOOD = {"text": "hello", "items": [{"name": "a"}]}
PAGE = "# `good-step`\n\n```yaml\n- uses: good-step\n```\n\n`text`, `items[].name`\n"


async def _told(step: Any, folder: Path, config: dict[str, Any] | None = None, **more: Any) -> str:
    example = Example(config=GOOD if config is None else config, **more)
    return "\n".join(await Conformance(step, [example], folder).problems(is_installed=False))


async def test_of_a_good_step_nothing_is_told(tmp_path: Path) -> None:
    """With its page, too."""
    page = tmp_path / "good-step.md"
    page.write_text(PAGE)
    good = Conformance(_Good, [Example(config=GOOD)], tmp_path / "work", page=page)
    assert await good.problems(is_installed=False) == []


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"name": "Bad_Name"}, "name: 'Bad_Name'"),
        ({"__doc__": ""}, "docstring"),
        ({"config": dict}, "config: it must be a subclass"),
        ({"output": None}, "output: it must be"),
        ({"convergent": "yes"}, "convergent: it must be True or False"),
        ({"error_threshold": 0}, "error_threshold: 0"),
        ({"timeout_seconds": -1}, "timeout_seconds: -1"),
        ({"run": lambda *_: None}, "run: it must be an `async def`"),
    ],
)
async def test_what_is_declared_wrong(tmp_path: Path, members: dict[str, Any], said: str) -> None:
    """By the member's name."""
    step = type("Step", (_Good,), {"__doc__": "A step.", **members})
    assert said in await _told(step, tmp_path)


class _Bare(Struct, kw_only=True):
    text: str


async def test_a_field_without_description(tmp_path: Path) -> None:
    """By its path."""
    step = type("Step", (_Good,), {"__doc__": "A step.", "config": _Bare})
    assert "config.text: the field has no description" in await _told(step, tmp_path, {"text": "a"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# `good-step`", "# Good", "no heading # `good-step`"),
        ("- uses: good-step", "", "no example with `- uses: good-step`"),
        ("`text`", "", "does not tell of text"),
        ("[].name", "", "does not tell of items[].name"),
    ],
)
def test_a_page_that_lacks_something(tmp_path: Path, old: str, new: str, said: str) -> None:
    """It is told what."""
    page = tmp_path / "good-step.md"
    page.write_text(PAGE.replace(old, new))
    [problem] = Conformance(_Good, [], tmp_path, page=page).documentation()
    assert said in problem
    page.unlink()
    [problem] = Conformance(_Good, [], tmp_path, page=page).documentation()
    assert "cannot be read" in problem


def test_a_step_that_is_not_installed(tmp_path: Path) -> None:
    """Or under whose name there is another."""
    [problem] = Conformance(_Good, [], tmp_path).entry_point()
    assert 'no entry point "good-step"' in problem
    step = type("Step", (_Good,), {"__doc__": "A step.", "name": "fail"})
    [problem] = Conformance(step, [], tmp_path).entry_point()
    assert "towpath.promotion.steps.fail:Fail is not" in problem


async def test_an_example_that_is_refused(tmp_path: Path) -> None:
    """With the reason."""
    assert "example 0: invalid good-step config" in await _told(_Good, tmp_path, {"text": 1})


async def _appends(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self
    before = (context.directory.root / "out.txt").exists()
    old = await context.directory.read("out.txt") if before else b""
    await context.directory.write("out.txt", old + config.text.encode())
    return Succeeded()


async def _half(self: Any, context: StepContext, config: _Config) -> Outcome:
    """What is there already is taken for whole."""
    del self
    if not (context.directory.root / "a").exists():
        (context.directory.root / "a").write_text(config.text)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        (context.directory.root / "b").write_text(config.text)
    return Succeeded()


async def _tells(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self, context
    return Succeeded(message=f"wrote {config.text}")


async def _outside(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self
    (context.directory.root.parents[2] / "elsewhere").write_text(config.text)
    return Succeeded()


async def _beside(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self
    (context.directory.root.parent / "left").write_text(config.text)
    return Succeeded()


async def _reaches(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self, config
    await context.effects.git.clear("x")
    return Succeeded()


async def _fails(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self, context, config
    return Failed(message="never")


async def _breaks(self: Any, context: StepContext, config: _Config) -> Outcome:
    del self, context, config
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (_appends, "it says it is convergent, but run again it changed out.txt"),
        (_half, "cut off and run again, it made something else of b"),
        (_tells, "its message holds a secret"),
        (_outside, "elsewhere, which is not in the work directory"),
        (_beside, "it left left beside the work directory"),
        (_reaches, "the step reaches for git"),
        (_fails, "it came to Failed: never"),
        (_breaks, "it came to Errored: ValueError: broken"),
    ],
)
async def test_what_is_done_wrong(tmp_path: Path, run: Any, said: str) -> None:
    """By what was seen of it."""
    step = type("Step", (_Good,), {"__doc__": "A step.", "run": run})
    assert said in await _told(step, tmp_path, secrets=["hello"])


async def test_a_step_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it was cancelled."""
    released = asyncio.Event()

    class Deaf(_Good):
        """Does not listen."""

        runs = 0

        async def run(self, context: StepContext, config: _Config) -> Outcome:
            Deaf.runs += 1
            while Deaf.runs > 2 and not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue
            return await super().run(context, config)

    monkeypatch.setattr(kit, "ENDS_SECONDS", 0.01)
    monkeypatch.setattr(kit, "_CANCELLED_AFTER", (3,))
    step = type("Step", (Deaf,), {"__doc__": "A step.", "convergent": False})
    said = await Conformance(step, [Example(config=GOOD)], tmp_path).behaviour()
    released.set()
    assert said == ["example 0: cancelled, it did not end within 0.01 s"]


async def test_what_a_step_comes_to_that_is_to_fail(tmp_path: Path) -> None:
    """Is right where the example says so."""
    step = type("Step", (_Good,), {"__doc__": "A step.", "run": _fails, "convergent": True})
    assert await _told(step, tmp_path, outcome=(Failed, Errored)) == ""


def test_the_page_tells_of_everything_that_is_offered() -> None:
    """Each name of the package, each check, each field of an example."""
    page = (Path(__file__).parents[3] / "docs/reference/testing.md").read_text("utf-8")
    checks = [name for name in vars(Conformance) if not name.startswith("_")]
    fields = [each.name for each in dataclasses.fields(Example)]
    for name in (*towpath.testing.__all__, *checks, *fields):
        assert re.search(rf"`(await )?{name}[`(]", page), name
    listed = re.search(r"after ([\d, ]+) and (\d+) turns", page)
    assert listed is not None
    turns = (*map(int, listed[1].split(",")), int(listed[2]))
    assert turns == kit._CANCELLED_AFTER


@pytest.mark.parametrize(
    ("settings", "said"),
    [(str, "settings: it must be a subclass"), (_Item, "every field needs a default")],
)
async def test_settings_that_cannot_be_are_told(
    settings: type[Any], said: str, tmp_path: Path
) -> None:
    """A server starts without any being given."""

    class Step(_Good):
        """Writes a file."""

    Step.settings = settings
    assert said in await _told(Step, tmp_path)
