"""Which provider a metric names, and with which configuration."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest

from towpath.errors import BadRequest
from towpath.resources.analysis_template import WebMetric
from towpath.resources.fields import Field, Struct
from towpath.verification.provider import BaseProvider, Provider
from towpath.verification.registry import NATIVE, ProviderRegistry, provider_name


class _Web(BaseProvider):
    name = "web"
    config: ClassVar[type[Struct]] = WebMetric


class _DiceConfig(Struct):
    sides: Annotated[int, Field("How many.", minimum=2)]
    label: Annotated[str, Field("Shown.")] = "die"


class _Dice(BaseProvider):
    name = "dice"
    config: ClassVar[type[Struct]] = _DiceConfig


def _registry() -> ProviderRegistry:
    return ProviderRegistry([_Web(), _Dice()])


def test_the_keys_are_those_of_argo_rollouts() -> None:
    """The keys are those of argo rollouts."""
    assert {
        "prometheus", "web", "job", "datadog", "newRelic", "cloudWatch", "wavefront", "graphite", "influxdb",
        "skywalking", "kayenta",
    } == NATIVE  # fmt: skip


def test_a_provider_of_argo_rollouts_is_found_by_its_key() -> None:
    """A provider of argo rollouts is found by its key."""
    chosen = _registry().choose({"web": {"url": "https://a.example"}})
    assert chosen.provider.name == "web"
    assert chosen.config == WebMetric(url="https://a.example")


def test_any_other_is_found_below_plugin() -> None:
    """Any other is found below plugin."""
    chosen = _registry().choose({"plugin": {"dice": {"sides": 6}}})
    assert chosen.provider.name == "dice"
    assert chosen.config == _DiceConfig(sides=6)
    assert provider_name({"plugin": {"dice": {"sides": 6}}}) == "dice"


@pytest.mark.parametrize(
    ("provider", "named"),
    [
        ({"datadog": {"query": "q"}}, "provider.datadog: this server has no metric provider"),
        ({"plugin": {"dies": {}}}, 'did you mean "dice"?'),
        ({}, "names none"),
        ({"web": {"url": "x"}, "plugin": {"dice": {"sides": 6}}}, "names dice, web"),
        ({"plugin": {"dice": {"sides": 1}}}, "sides"),
        ({"plugin": {"dice": {}}}, "sides"),
        ({"plugin": {"dice": {"sides": 6, "colour": "red"}}}, "colour: there is no such field"),
        ({"plugin": {"dice": "six"}}, "it must be an object"),
        ({"web": {"url": "x", "method": "PATCH"}}, "method"),
        ({"plugin": "dice"}, "names none"),
        ({"plugin": {}}, "names none"),
    ],
)
def test_what_cannot_be_chosen_is_told_by_its_field(provider: dict[str, Any], named: str) -> None:
    """What cannot be chosen is told by its field."""
    with pytest.raises(BadRequest, match="provider") as raised:
        _registry().choose(provider)
    assert named in raised.value.message


def test_no_two_have_one_name() -> None:
    """No two have one name."""
    with pytest.raises(ValueError, match="dice"):
        ProviderRegistry([_Dice(), _Dice()])


def test_one_that_was_made_takes_the_place_of_the_installed_one() -> None:
    """One that was made takes the place of the installed one."""
    mine: Provider[Any] = _Web()
    assert ProviderRegistry.installed([mine]).find("web") is mine
