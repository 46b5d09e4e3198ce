"""The gates of the Stage, of what would run, of the turn and of where Freight comes from; and the list of all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest

from tests.support.deciding import NOW, ago, freight, held, policy, promotion, request, stage
from towpath.cli.kinds import kinds
from towpath.cli.main import towpath
from towpath.errors import FieldError
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules.gates import sources, steps, turn
from towpath.rules.gates import stage as of_stage
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.gate import Bars, Gate, said, shut
from towpath.rules.gates.listing import ORDER, Move, Snapshot, by_hand, everything
from towpath.rules.gates.sources import Origins
from towpath.rules.gates.steps import InflatedTemplate


def _stage(metadata: dict[str, Any] | None = None, **spec: Any) -> Stage:
    steps_ = {"promotionTemplate": {"spec": {"steps": [{"uses": "work"}]}}}
    return view(
        Stage,
        {
            "metadata": {"name": "prod", "namespace": "shop", **(metadata or {})},
            "spec": {"requestedFreight": [request(direct=True)], **steps_, **spec},
        },
    )


def _warehouse(*conditions: tuple[str, str, str], **spec: Any) -> Warehouse:
    return view(
        Warehouse,
        {
            "metadata": {"name": "main", "namespace": "shop"},
            "spec": {"subscriptions": [{}], **spec},
            "status": {
                "conditions": [
                    {
                        "type": type_,
                        "status": status,
                        "reason": "DiscoveryFailure",
                        "message": message,
                        "lastTransitionTime": ago(hours=2),
                    }
                    for type_, status, message in conditions
                ]
            },
        },
    )


@pytest.mark.parametrize(
    ("asked", "project_going", "words"),
    [
        (_stage(), "", ""),
        (_stage(), ago(hours=1), "Project shop is being deleted"),
        (_stage({"deletionTimestamp": ago(hours=1)}), "", "Stage prod is being deleted"),
        (_stage(promotionTemplate={"spec": {"steps": []}}), "", "it only controls the flow"),
        (_stage(targets={"selectors": []}), "", "has targets"),
    ],
)
def test_a_stage_that_nothing_can_be_promoted_to(
    asked: Stage, project_going: str, words: str
) -> None:
    """It bars everybody; what is on its way out says since when."""
    gate = of_stage.gate(asked, project_going=project_going)
    assert (gate.name, gate.open, gate.bars) == ("stage", not words, Bars.PROMOTION)
    assert words in gate.reason
    assert (gate.since is not None) is ("being deleted" in words)


def test_tasks_that_are_missing_bar_everybody() -> None:
    """All that is wrong is named, each once; what is there is inflated."""
    document: dict[str, Any] = {
        "spec": {
            "vars": [{"name": "a", "value": "1"}],
            "promotionTemplate": {
                "spec": {"steps": [{"task": {"name": "gone"}}, {"task": {"name": "there"}}]}
            },
        }
    }
    task: dict[str, Any] = {"spec": {"vars": [{"name": "image"}], "steps": [{"uses": "work"}]}}
    made = steps.template(document, lambda _, name: task if name == "there" else None)
    gate = steps.tasks(_stage(), made)
    assert (gate.open, gate.bars) == (False, Bars.PROMOTION)
    assert "there is no PromotionTask of that name" in gate.reason
    assert 'missing value for variable "image"' in gate.reason
    task["spec"]["vars"] = [{"name": "image", "value": "x"}]
    document["spec"]["promotionTemplate"]["spec"]["steps"].pop(0)
    made = steps.template(document, lambda _, __: task)
    assert [step["uses"] for step in made.steps] == ["work"]
    assert list(made.variables) == document["spec"]["vars"]
    assert steps.tasks(_stage(), made).open


def test_steps_that_cannot_run_bar_success_alone() -> None:
    """A Promotion can be asked for, and ends before its first step; a few problems are told."""
    gate = steps.ready(_stage(), [f"step {number}: no" for number in range(9)])
    assert (gate.open, gate.bars) == (False, Bars.SUCCESS)
    assert gate.reason == "step 0: no; step 1: no; step 2: no; step 3: no; step 4: no; and more"
    assert steps.ready(_stage(), []).open


@pytest.mark.parametrize(
    ("status", "promotions", "words"),
    [
        ({}, [], ""),
        ({}, [promotion(1, "Succeeded")], ""),
        (
            {"currentPromotion": {"name": promotion(1).metadata.name}},
            [promotion(1, "Running"), promotion(2, "Pending"), promotion(3)],
            "is under way, and 2 more wait",
        ),
        ({"currentPromotion": {"name": "x"}}, [], "Promotion x is under way"),
        ({}, [promotion(2, "Pending")], "waits for its turn"),
        ({"freightHistory": [held("f0")]}, [], "what is in the Stage is to be verified first"),
        (
            {"freightHistory": [held("f0", runs=[{"id": "a", "phase": "Running"}])]},
            [],
            "the verification of what is in the Stage is under way",
        ),
    ],
)
def test_the_turn(status: dict[str, Any], promotions: list[Any], words: str) -> None:
    """What is under way or waits comes first, and what was promoted last is verified before the next."""
    gate = turn.gate(stage(**status), promotions, NOW)
    assert (gate.open, gate.bars) == (not words, Bars.START)
    assert words in gate.reason


def test_the_turn_is_shut_since_the_promotion_began() -> None:
    """And its command tells what that Promotion waits for."""
    running = promotion(1, "Running", startedAt=ago(hours=1))
    asked = stage(currentPromotion={"name": running.metadata.name})
    gate = turn.gate(asked, [running], NOW)
    assert gate.since is not None
    assert gate.command == f"towpath explain promotion/{running.metadata.name} -p shop"


@pytest.mark.parametrize(
    ("origins", "is_open", "words"),
    [
        (Origins(alike=["web"]), False, "Warehouse main does not exist; there is web"),
        (Origins(), False, "Warehouse main does not exist"),
        (Origins(warehouse=_warehouse()), False, "has not looked for artifacts yet"),
        (Origins(warehouse=_warehouse(("Ready", "True", ""))), True, "looks for artifacts"),
        (
            Origins(warehouse=_warehouse(("Ready", "False", "401")), next_look=NOW),
            False,
            "Warehouse main: DiscoveryFailure: 401; the next look is at 2026-06-01T12:00:00Z",
        ),
        (
            Origins(
                warehouse=_warehouse(
                    ("Ready", "True", ""), ("FreightCreationCriteriaSatisfied", "False", "no")
                )
            ),
            False,
            "Warehouse main: DiscoveryFailure: no",
        ),
        (
            Origins(
                warehouse=_warehouse(("Ready", "True", ""), freightCreationPolicy="Manual"),
            ),
            False,
            "makes Freight only when it is asked to",
        ),
    ],
)
def test_a_warehouse_that_brings_nothing_new(origins: Origins, is_open: bool, words: str) -> None:
    """Its condition, since when, and the next try; Freight that is there may move all the same."""
    gate = sources.warehouse(stage(), "main", origins)
    assert (gate.open, gate.bars) == (is_open, Bars.NEW_FREIGHT)
    assert words in gate.reason
    assert (gate.since is not None) is ("DiscoveryFailure" in words)


@pytest.mark.parametrize(
    ("wanted", "gone", "words"),
    [
        ({"stages": ["test", "uat"]}, {"test"}, "upstream Stage test does not exist"),
        ({"stages": ["test", "uat"]}, {"test", "uat"}, "upstream Stages test and uat do not exist"),
        ({"stages": ["test"]}, {"other"}, ""),
        ({"direct": True}, set(), ""),
        ({}, set(), "is taken neither from its Warehouse nor from a Stage"),
    ],
)
def test_upstream_stages_that_lead_nowhere(
    wanted: dict[str, Any], gone: set[str], words: str
) -> None:
    """They are named, all of them."""
    asked = stage(request(**wanted))
    gate = sources.stages(asked, asked.spec.requested_freight[0], frozenset(gone))
    assert (gate.open, gate.bars) == (not words, Bars.NEW_FREIGHT)
    assert words in gate.reason


def _snapshot(**more: Any) -> Snapshot:
    mine = freight("f1")
    move = Move(now=NOW, stage=_stage(), origin="Warehouse/main", freight=mine)
    by = Automation(policies=[policy("prod", enabled=True)], chosen=mine)
    origins = Origins(warehouse=_warehouse(("Ready", "True", "")))
    return Snapshot(**{"move": move, "automation": by, "origins": origins, **more})


def test_with_nothing_in_the_way_every_gate_is_open() -> None:
    """And the list has each gate that there is, but those of soak and upstream, which this Stage does not ask for."""
    found = everything(_snapshot())
    assert [gate for gate in found if not gate.open] == []
    assert [gate.name for gate in found] == [
        *("stage", "requested", "exists", "verified", "tasks", "policy", "hold", "newest"),
        *(
            "present",
            "carried",
            "tried",
            "refusal",
            "steps",
            "turn",
            "hooks",
            "sources",
            "warehouse",
        ),
    ]


def test_freight_that_is_not_there() -> None:
    """Nobody can promote it; what would keep it away otherwise is told all the same."""
    move = Move(now=NOW, stage=_stage(), origin="Warehouse/main", freight=None)
    [gate] = shut(by_hand(move), Bars.PROMOTION)
    assert said([gate]) == "exists: there is no Freight of Warehouse/main yet"
    assert gate.command == "towpath refresh warehouse main -p shop --wait"
    found = everything(Snapshot(move=move))
    assert [gate.name for gate in found if not gate.open] == ["exists", "policy", "warehouse"]
    assert [gate.name for gate in shut(found, Bars.AUTO_PROMOTION)] == ["exists", "policy"]


def test_who_names_freight_is_not_held_to_the_upstream() -> None:
    """The Stage by itself is."""
    sources_: dict[str, Any] = {
        "stages": ["test"],
        "autoPromotionOptions": {"selectionPolicy": "MatchUpstream"},
    }
    mine = freight("f1", verifiedIn={"test": {}})
    asked = _stage(requestedFreight=[request(**sources_)])
    move = Move(now=NOW, stage=asked, origin="Warehouse/main", freight=mine)
    assert shut(by_hand(move), Bars.PROMOTION) == []
    assert "upstream" not in [gate.name for gate in by_hand(move)]
    by = Automation(policies=[policy("prod", enabled=True)], chosen=mine)
    [gate] = shut(everything(Snapshot(move=move, automation=by)), Bars.AUTO_PROMOTION)
    assert gate.name == "upstream"


def test_what_is_not_requested() -> None:
    """It is said what is, and the request has no gates."""
    move = Move(now=NOW, stage=_stage(), origin="Warehouse/webb", freight=None)
    found = {gate.name: gate for gate in everything(_snapshot(move=move))}
    assert "requests no Freight of Warehouse/webb; it requests Warehouse/main" in (
        found["requested"].reason
    )
    assert "warehouse" not in found


def _shut_gates() -> list[Gate]:
    """Return shut gates of every kind that has a command."""
    mine = freight("f1")
    hold = {"freightName": "f0", "origin": {"kind": "Warehouse", "name": "main"}}
    busy = stage(
        request(
            stages=["test"],
            requiredSoakTime="1h",
            autoPromotionOptions={"selectionPolicy": "MatchUpstream"},
        ),
        freightHistory=[held("f1")],
        autoPromotionHolds={"Warehouse/main": hold},
    )
    faults = [FieldError("spec", "FieldValueNotFound", "gone")]
    found: list[Gate] = []
    for policies in ([], [policy("prod", enabled=True)]):
        move = Move(
            now=NOW,
            stage=busy,
            origin="Warehouse/main",
            freight=mine,
            template=InflatedTemplate(faults=faults),
        )
        by = Automation(
            policies=policies, promotions=[promotion(1, "Failed"), promotion(2, "Pending")]
        )
        found += everything(Snapshot(move=move, automation=by, problems=["no"]))
    nothing = Move(now=NOW, stage=busy, origin="Warehouse/main", freight=None)
    other = Move(now=NOW, stage=busy, origin="Warehouse/b", freight=None)
    found += [*by_hand(nothing), *by_hand(other)]
    found.append(sources.warehouse(busy, "main", Origins(warehouse=_warehouse())))
    return [gate for gate in found if not gate.open and gate.command]


def test_commands_are_ones_that_there_are() -> None:
    """Each is read by the command line as it stands."""
    found = _shut_gates()
    assert {gate.name for gate in found} >= {
        *("stage", "requested", "exists", "verified", "soaked", "upstream", "tasks", "policy"),
        *("hold", "newest", "present", "carried", "tried", "steps", "turn", "warehouse"),
    }
    for gate in found:
        words = gate.command.split()
        assert words[0] == "towpath"
        context = click.Context(towpath)
        name, command, rest = towpath.resolve_command(context, words[1:])
        assert command is not None
        command.make_context(name, list(rest), parent=context)
        if name == "get":
            kinds.named(rest[0])


def test_the_page_has_a_row_for_each_gate_in_its_order() -> None:
    """With what it bars, as the list has it."""
    page = Path(__file__).parents[4] / "docs" / "reference" / "gates.md"
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page.read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == list(ORDER)
    bars = dict(rows)
    for gate in _shut_gates():
        assert bars[gate.name] == gate.bars
