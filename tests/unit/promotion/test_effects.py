"""Every way to the outside is a door, and every operation of a door says what repeating it means."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from towpath.promotion import effects
from towpath.promotion.doors.argocd import ConnectedArgoCD
from towpath.promotion.doors.charts import ProjectCharts
from towpath.promotion.doors.forge import ConnectedForge
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.doors.http import EgressDoor
from towpath.promotion.doors.jira import ConnectedJira
from towpath.promotion.doors.messages import OutboxDoor
from towpath.promotion.doors.objects import AdmittedObjects
from towpath.promotion.doors.rendering import RenderingDoor
from towpath.promotion.doors.servicenow import ConnectedServiceNow

ACTING = {
    "git": RepositoryDoor,
    "forge": ConnectedForge,
    "http": EgressDoor,
    "objects": AdmittedObjects,
    "rendering": RenderingDoor,
    "charts": ProjectCharts,
    "argocd": ConnectedArgoCD,
    "jira": ConnectedJira,
    "servicenow": ConnectedServiceNow,
    "messages": OutboxDoor,
}


def test_every_field_is_a_door() -> None:
    """There is no other way out, and each door has an implementation that acts."""
    fields = {field.name for field in dataclasses.fields(effects.Effects)}
    assert fields == set(effects.DOORS) == set(ACTING)


@pytest.mark.parametrize("name", effects.DOORS)
def test_every_operation_declares_its_class(name: str) -> None:
    """In the protocol, where both implementations have it from; it is awaited, so that it can be ended."""
    found = effects.operations(effects.DOORS[name])
    assert found
    assert [each for each, declared in found.items() if declared is None] == []
    for each in found:
        for door in (effects.DOORS[name], ACTING[name]):
            assert inspect.iscoroutinefunction(getattr(door, each)), (door, each)


@pytest.mark.parametrize("name", ACTING)
def test_an_implementation_takes_what_its_protocol_says(name: str) -> None:
    """By the same names, with the same defaults; what it takes besides has a default."""
    for each in effects.operations(effects.DOORS[name]):
        said = inspect.signature(getattr(effects.DOORS[name], each))
        made = inspect.signature(getattr(ACTING[name], each))
        for parameter in said.parameters.values():
            assert made.parameters[parameter.name].default == parameter.default, each
        for parameter in made.parameters.values():
            assert parameter.name in said.parameters or parameter.default is not parameter.empty
