"""What an operator says of steps: how it reaches them, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pytest

from towpath import errors
from towpath.app.settings import operator, steps
from towpath.promotion import step_settings as settings_of
from towpath.promotion.step import BaseStep, Succeeded
from towpath.promotion.step_registry import Registered, StepRegistry
from towpath.promotion.step_settings import StepSettings
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.step import Outcome, StepContext


class _Config(Struct):
    pass


class _Settings(Struct, kw_only=True):
    mark: Annotated[str, Field("A mark.", min_length=1)] = "-"
    most: Annotated[int, Field("A number.", minimum=1)] = 3


class _Marked(BaseStep):
    """A step with settings."""

    name: ClassVar[str] = "marked"
    config: ClassVar[type[Struct]] = _Config
    settings: ClassVar[type[Struct]] = _Settings

    async def run(self, context: StepContext, config: _Config) -> Outcome:
        return Succeeded(message=f"{context.alias}{config}{self.given.mark}")


class _Plain(BaseStep):
    """A step without any, as patient as it says itself."""

    name: ClassVar[str] = "plain"
    config: ClassVar[type[Struct]] = _Config
    error_threshold: ClassVar[int] = 2
    timeout_seconds: ClassVar[float | None] = 60

    async def run(self, context: StepContext, config: _Config) -> Outcome:
        return Succeeded(message=f"{context.alias}{config}")


def _made(class_: Any, **own: Any) -> Any:
    return settings_of.made(class_, class_.name, StepSettings(own=own))


def test_a_step_has_what_the_operator_says() -> None:
    """And its own defaults for the rest."""
    assert _made(_Marked).given == _Settings()
    assert _made(_Marked, mark="*").given == _Settings(mark="*", most=3)
    assert _Marked().given == _Settings()


@pytest.mark.parametrize(
    ("class_", "own", "said"),
    [
        (_Marked, {"mrak": "*"}, "steps.marked.settings: mrak: there is no such setting"),
        (_Marked, {"mark": ""}, "steps.marked.settings: mark"),
        (_Marked, {"most": "many"}, "steps.marked.settings: most"),
        (_Plain, {"mark": "*"}, "the step plain has no settings of its own"),
    ],
)
def test_what_it_does_not_take_is_told(class_: Any, own: dict[str, Any], said: str) -> None:
    """By key, before anything runs."""
    with pytest.raises(errors.BadRequest, match=said):
        _made(class_, **own)


@pytest.mark.parametrize(
    ("given", "threshold", "seconds"),
    [
        (StepSettings(), 2, 60),
        (StepSettings(error_threshold=5), 5, 60),
        (StepSettings(timeout_seconds=1.5), 2, 1.5),
        (StepSettings(timeout_seconds=0), 2, None),
    ],
)
def test_how_patient_a_step_is(given: StepSettings, threshold: int, seconds: float | None) -> None:
    """As the operator says, else as its class does; no time is no limit."""
    registered = Registered(_Plain(), given)
    assert (registered.error_threshold, registered.timeout_seconds) == (threshold, seconds)
    registry = StepRegistry([_Plain(), _Marked()], {"plain": given})
    found = registry.find("plain")
    assert found is not None
    assert found.error_threshold == threshold
    other = registry.find("marked")
    assert other is not None
    assert other.error_threshold == 1


def test_a_step_that_is_not_there_is_told() -> None:
    """With what was meant."""
    with pytest.raises(errors.BadRequest, match=r'steps\.htpp: there is no step.*"http"'):
        StepRegistry.installed({"htpp": StepSettings()})
    with pytest.raises(errors.BadRequest, match="the step http has no settings"):
        StepRegistry.installed({"http": StepSettings(own={"a": 1})})


def _read(folder: Path, text: str) -> operator.OperatorSettings:
    path = folder / "towpath.yaml"
    path.write_text(text)
    return operator.read(path)


def test_the_operator_s_file(tmp_path: Path) -> None:
    """Times as everywhere; what is wrong is told by key."""
    text = "steps: {http: {errorThreshold: 3, timeout: 10m}, copy: {timeout: 0s}, x: {settings: {a: [1]}}}"
    assert steps.read(_read(tmp_path, text).steps) == {
        "http": StepSettings(error_threshold=3, timeout_seconds=600),
        "copy": StepSettings(timeout_seconds=0),
        "x": StepSettings(own={"a": [1]}),
    }
    for wrong, said in (
        ("steps: {http: {errorThreshold: 0}}", r"steps\.http\.errorThreshold: 0 is not"),
        ("steps: {http: {timeout: soon}}", r"steps\.http\.timeout"),
        ("steps: {http: {timeout: -1s}}", r"steps\.http\.timeout: .*less than no time"),
        ("steps: {http: {retries: 1}}", r"retries"),
    ):
        with pytest.raises(errors.BadRequest, match=said):
            _read(tmp_path, wrong)
