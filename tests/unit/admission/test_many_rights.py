"""Somebody who may do little may hold very many rules that say so: nobody else waits while they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.per_turn import PerTurn
from tests.support.pipeline import PROJECT, USER, project_document, running
from tests.support.rights import JO, STAGES, binding, made, role, rule
from towpath.admission import escalation
from towpath.admission.authorizer import Authorizer
from towpath.admission.requester import Requester
from towpath.errors import Forbidden
from towpath.resources.role import PolicyRule
from towpath.rules import rbac
from towpath.screens import seeing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.pipeline import Pipeline

ROLES, RULES = 8, 1_000
COMPARED = 500_000


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Project in which JO may get eight thousand Stages, one by one."""
    async with running(tmp_path) as found:
        await found.apply(project_document())
        for number in range(ROLES):
            rules = [_one(f"s-{number}-{place}") for place in range(RULES)]
            name = f"r-{number}"
            await made(found, role(name, *rules), binding(name, name))
        yield found


def _one(name: str, verb: str = "get") -> dict[str, Any]:
    return {**rule(verb), "resourceNames": [name]}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> PerTurn:
    """Counts the rules that are looked at."""
    found = PerTurn()
    for name in ("allows", "allows_some", "_contains"):
        monkeypatch.setattr(rbac, name, found.counted(getattr(rbac, name)))
    monkeypatch.setattr(escalation, "_MOST_COMPARED", COMPARED)
    return found


async def test_a_decision_gives_others_their_turn(world: Pipeline, looks: PerTurn) -> None:
    """What is not allowed is held against every rule."""
    decides = Authorizer(world.store)
    async with looks.counting():
        assert not (await decides.allowed(JO, "get", STAGES)).allowed
    assert looks.calls == ROLES * RULES
    assert looks.most <= 6_000


async def test_so_does_what_is_seen_of_a_project(world: Pipeline, looks: PerTurn) -> None:
    """And the names are gathered once, not anew with each rule."""
    decides = Authorizer(world.store)
    async with looks.counting():
        sight = await seeing.of(decides, JO, PROJECT)
    assert len(sight.stages.names) == ROLES * RULES
    assert "s-3-7" in sight.stages
    assert "s-3-7" not in sight.promote
    assert looks.most <= 20_000


async def test_so_does_comparing_what_is_granted_with_what_is_held(
    world: Pipeline, looks: PerTurn
) -> None:
    """And beyond some seconds of work it is refused, with what to do."""
    asking = Requester("jo", user=JO)
    decides = Authorizer(world.store)
    few = [PolicyRule(**_view(_one(f"s-7-{place}"))) for place in range(50)]
    async with looks.counting():
        await escalation.refuse(decides, asking, few, PROJECT, "a role")
    assert looks.calls > 50 * 7 * RULES
    assert looks.most <= 2 * ROLES * RULES
    looks.calls = 0
    many = [PolicyRule(**_view(_one(f"s-7-{place}"))) for place in range(RULES)]
    with pytest.raises(Forbidden, match="too much to be compared: write fewer rules"):
        await escalation.refuse(decides, asking, many, PROJECT, "a role")
    assert looks.calls < COMPARED + 50_000
    await made(world, role("wide", rule("*")), binding("wide", "wide"))
    with pytest.raises(Forbidden, match=r"attempting to grant .* held: get pods"):
        await escalation.refuse(
            Authorizer(world.store),
            asking,
            [PolicyRule(verbs=["get"], api_groups=[""], resources=["pods"])],
            PROJECT,
            "a role",
        )


def _view(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "verbs": document["verbs"],
        "api_groups": document["apiGroups"],
        "resources": document["resources"],
        "resource_names": document["resourceNames"],
    }


async def test_an_account_with_very_many_rights_is_compared_within_the_same_bound(
    world: Pipeline, looks: PerTurn
) -> None:
    """Whoever makes a token of it must hold what it may do; all of its roles count together."""
    account = {"kind": "ServiceAccount", "name": "bot", "namespace": PROJECT}
    for number in range(ROLES):
        bound = binding(f"bot-{number}", f"r-{number}") | {"subjects": [account]}
        await world.writer.create(bound, USER)
    with pytest.raises(Forbidden, match="too much to be compared"):
        await escalation.refuse_account(
            Authorizer(world.store), Requester("jo", user=JO), PROJECT, "bot", "a token"
        )
    assert looks.calls < COMPARED + 50_000
