"""The one list of gates: whatever there is, it is whole, in its order, and every reader's part of it agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from tests.support.examples import examples
from tests.support.snapshots import snapshots
from towpath.resources.stage import StageStatus
from towpath.rules import holds, stage_status
from towpath.rules.gates import automatic, availability
from towpath.rules.gates.gate import Bars, Gate, said, shut
from towpath.rules.gates.listing import ORDER, by_hand, everything
from towpath.rules.policies import is_enabled

if TYPE_CHECKING:
    from towpath.rules.gates.listing import Snapshot

_OF_STAGE = {"stage", "requested", "exists", "tasks", "steps", "policy", "turn", "hooks"}
_OF_FREIGHT = {"hold", "newest", "present", "carried", "tried", "refusal"}
_OF_REQUEST = {"sources", "warehouse"}


@settings(max_examples=examples(35))
@given(snapshots())
def test_the_list_is_whole_and_in_its_order(snapshot: Snapshot) -> None:
    """No gate twice, none missing: those of the Freight where there is Freight, of the request where it is requested."""
    names = [gate.name for gate in everything(snapshot)]
    assert names == sorted(set(names), key=ORDER.index)
    move = snapshot.move
    wanted = set(_OF_STAGE)
    request = availability.request_for(move.stage, move.origin)
    if request is not None:
        wanted |= _OF_REQUEST
    if move.freight is not None:
        wanted |= _OF_FREIGHT
        if request is not None and move.freight.metadata.namespace == "shop":
            wanted.add("verified")
            if request.sources.required_soak_time and request.sources.stages:
                wanted.add("soaked")
            if availability.matches_upstream(request):
                wanted.add("upstream")
    assert set(names) == wanted


@settings(max_examples=examples(35))
@given(snapshots())
def test_each_gate_says_why_and_each_shut_one_how_it_opens(snapshot: Snapshot) -> None:
    """Who or what can open it; what is open needs nobody. What opens by time says so and opens later."""
    for gate in everything(snapshot):
        assert gate.reason
        if gate.open:
            assert (gate.opens_by, gate.command, gate.opens_at) == ((), "", None)
        else:
            assert gate.opens_by
        if gate.opens_at is not None:
            assert gate.opens_at > snapshot.move.now
        assert not gate.command or gate.command.startswith("towpath ")


@settings(max_examples=examples(35))
@given(snapshots())
def test_admission_and_the_stage_read_parts_of_the_list(snapshot: Snapshot) -> None:
    """Admission refuses exactly while a gate that bars everybody is shut, in the words of the list; the Stage reads its own."""
    found, move = everything(snapshot), snapshot.move
    mine = [gate for gate in found if gate.bars is Bars.PROMOTION]
    assert tuple(mine) == by_hand(move)
    assert said(shut(found, Bars.PROMOTION)) == said(gate for gate in mine if not gate.open)
    whole = {gate.name: gate for gate in found}
    assert whole["policy"].open is is_enabled(move.stage, snapshot.automation.policies)
    if move.freight is not None:
        for gate in automatic.gates(move.stage, move.freight, snapshot.automation):
            assert whole[gate.name] == gate


def _would_move(snapshot: Snapshot) -> bool:
    """Return whether auto-promotion takes the Freight, told from what it is to do and not from the gates."""
    move, by = snapshot.move, snapshot.automation
    freight, stage = move.freight, move.stage
    if freight is None or by.chosen is None or freight.metadata.name != by.chosen.metadata.name:
        return False
    if move.project_going or stage.metadata.deletion_timestamp or stage.controls_flow_only:
        return False
    if move.template.faults or not is_enabled(stage, by.policies):
        return False
    if move.origin in holds.effective(stage, by.promotions):
        return False
    status, name = stage.status or StageStatus(), freight.metadata.name
    current = status.current_promotion
    if name in stage_status.held_names(status) or (
        current is not None and current.freight is not None and current.freight.name == name
    ):
        return False
    # No Promotion was ever taken in, so each that succeeded has just done so, and each that failed is not repeated.
    return not any(each.spec.freight == name for each in by.promotions)


@settings(max_examples=examples(120))
@given(snapshots())
def test_auto_promotion_takes_freight_exactly_when_the_gates_that_bar_it_are_open(
    snapshot: Snapshot,
) -> None:
    """Neither where one is shut, nor waiting for another reason where all are open."""
    assert (not shut(everything(snapshot), Bars.AUTO_PROMOTION)) is _would_move(snapshot)


@settings(max_examples=examples(40))
@given(snapshots())
def test_what_bars_nobody_from_promoting_does_not(snapshot: Snapshot) -> None:
    """A Warehouse that cannot look, or a turn that is not there yet, keeps no Freight back."""
    found = everything(snapshot)
    opened = tuple(
        Gate(name=gate.name, open=True, reason="", bars=gate.bars)
        if gate.name in ("warehouse", "sources", "turn", "steps")
        else gate
        for gate in found
    )
    for bars in (Bars.PROMOTION, Bars.AUTO_PROMOTION):
        assert shut(found, bars) == shut(opened, bars)
