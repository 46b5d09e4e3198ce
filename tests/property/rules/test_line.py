"""Stopping the line and resuming it: a stop leaves nothing to be held, and its end leaves every other hold as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.deciding import NOW, ago, held, origin, request, stage
from tests.support.examples import examples
from towpath.resources import moments
from towpath.resources.annotations import HOLDS_ASKED
from towpath.resources.stage import PromotionTemplate
from towpath.rules import asked_holds, holds
from towpath.rules.asked_holds import AskedHold
from towpath.rules.board import facts
from towpath.rules.board.line import Line, LineStanding, is_stop, line, reason_of
from towpath.rules.board.sight import ALL, Named, Sight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.stage import Stage

_NAMES = ("dev", "qa", "prod")
_ORIGINS = ("main", "main1")
_REASONS = st.sampled_from(["", "release freeze", "Line stoppedish", "Line stopped by a tree"])
_KIND = LineStanding


@dataclass(frozen=True)
class _Given:
    """What is made of one Stage."""

    there: tuple[bool, bool]
    """Whether Freight of each origin is there."""
    held: tuple[bool, bool]
    """Whether somebody holds it."""
    reason: str
    is_automatic: bool
    is_met: bool
    """Whether the controller has seen the holds."""

    def stage(self, name: str) -> Stage:
        """Return it."""
        items = held("f0", "f1")["items"]
        there = {
            f"Warehouse/{each}" for each, is_so in zip(_ORIGINS, self.there, strict=True) if is_so
        }
        annotations: dict[str, str] = {}
        status: dict[str, Any] = {"autoPromotionEnabled": self.is_automatic}
        if there:
            kept = {key: each for key, each in items.items() if key in there}
            status["freightHistory"] = [{"id": "1", "items": kept}]
        for each, is_held in zip(_ORIGINS, self.held, strict=True):
            if not is_held:
                continue
            asked = AskedHold(ago(hours=1), "f", "email:jo@example.com", self.reason)
            key = f"Warehouse/{each}"
            annotations[HOLDS_ASKED] = asked_holds.with_request(annotations, key, asked)
            if self.is_met:
                hold = {"freightName": "f", "origin": origin(each), "createdAt": ago(hours=1)}
                status.setdefault("effectiveAutoPromotionHolds", {})[key] = hold
                status.setdefault("metadata", {}).setdefault(HOLDS_ASKED, {})[key] = asked.at
        found = stage(*(request(each, direct=True) for each in _ORIGINS), name=name, **status)
        metadata = msgspec.structs.replace(found.metadata, annotations=annotations)
        template = msgspec.convert({"spec": {"steps": [{"uses": "work"}]}}, PromotionTemplate)
        spec = msgspec.structs.replace(found.spec, promotion_template=template)
        return msgspec.structs.replace(found, metadata=metadata, spec=spec)


_STAGE = st.builds(
    _Given,
    there=st.tuples(st.booleans(), st.booleans()),
    held=st.tuples(st.booleans(), st.booleans()),
    reason=_REASONS,
    is_automatic=st.booleans(),
    is_met=st.booleans(),
)
_WORLD = st.tuples(_STAGE, _STAGE, _STAGE)
_SOME = st.frozensets(st.sampled_from(_NAMES)).map(lambda names: Named(names=names))
_SIGHT = st.one_of(st.just(ALL), st.builds(Sight, stages=_SOME, promote=_SOME))


def _stages(world: Sequence[_Given]) -> list[Stage]:
    return [each.stage(name) for name, each in zip(_NAMES, world, strict=True)]


def _line(stages: Sequence[Stage], sight: Sight) -> Line:
    return line([facts.of_stage(each) for each in stages], {}, sight)


def _asked(
    stages: Sequence[Stage], wanted: Mapping[str, tuple[str, ...]], freight: str
) -> list[Stage]:
    """Return the Stages with a request for each origin that is named; no Freight ends a hold."""
    found = []
    for each in stages:
        annotations = dict(each.metadata.annotations)
        for key in wanted.get(each.metadata.name, ()):
            at = (
                moments.precise(NOW)
                if freight
                else moments.precise(moments.later(NOW, timedelta(seconds=1)))
            )
            asked = AskedHold(
                at, freight, "email:kim@example.com", reason_of("fire") if freight else ""
            )
            annotations[HOLDS_ASKED] = asked_holds.with_request(annotations, key, asked)
        metadata = msgspec.structs.replace(each.metadata, annotations=annotations)
        found.append(msgspec.structs.replace(each, metadata=metadata))
    return found


def _held(stages: Sequence[Stage]) -> dict[str, Any]:
    return {each.metadata.name: dict(holds.seen(each)) for each in stages}


@settings(max_examples=examples(200))
@given(_WORLD, _SIGHT)
def test_a_stop_leaves_nothing_to_hold_and_its_end_no_other_hold_changed(
    world: Sequence[_Given], sight: Sight
) -> None:
    """Stopped, nothing that comes by itself can come any more; resumed, all is as it was, holds of others to the letter."""
    before = _stages(world)
    to_hold = _line(before, sight).to_hold()
    stopped = _asked(before, to_hold, "f")
    found = _line(stopped, sight)
    assert found.to_hold() == {}
    assert not found.named(_KIND.HOLD, _KIND.PARTLY)
    assert found.to_resume() == {name: tuple(sorted(keys)) for name, keys in to_hold.items()}
    assert all(each.reason == "fire" for each in found.holds if each.is_stop)
    resumed = _asked(stopped, found.to_resume(), "")
    assert _held(resumed) == _held(before)
    assert _line(resumed, sight).to_hold() == to_hold


@settings(max_examples=examples(200))
@given(_WORLD, _SIGHT)
def test_each_stage_that_is_seen_stands_in_one_way_for_a_reason(
    world: Sequence[_Given], sight: Sight
) -> None:
    """And nobody is told of one that they do not see, nor holds what they may not."""
    stages = _stages(world)
    found = _line(stages, sight)
    assert [each.name for each in found.stages] == [each for each in _NAMES if each in sight.stages]
    assert {each.stage for each in found.holds} <= {each.name for each in found.stages}
    for each, of in zip(_NAMES, world, strict=True):
        if each not in sight.stages:
            continue
        standing = next(one.standing for one in found.stages if one.name == each)
        free = any(there and not is_held for there, is_held in zip(of.there, of.held, strict=True))
        may_come = of.is_automatic and each in sight.promote and free
        assert (standing in (_KIND.HOLD, _KIND.PARTLY)) == may_come
        assert (standing is _KIND.PARTLY) == (may_come and any(of.held))
        assert (standing is _KIND.HELD) == (any(of.held) and not may_come)
        if not any(of.held) and not may_come:
            wanted = _KIND.MANUAL if not of.is_automatic else _KIND.EMPTY
            if of.is_automatic and each not in sight.promote:
                wanted = _KIND.FORBIDDEN
            assert standing is wanted


@given(st.text())
def test_a_stop_is_known_by_its_reason(said: str) -> None:
    """Whatever somebody says as its reason, also once it was cut to one line."""
    assert is_stop(reason_of(said))
    assert is_stop(facts.first_line(reason_of(said)))


@given(_REASONS)
def test_holds_of_others_are_no_stops(reason: str) -> None:
    """Also where theirs begins alike."""
    assert not is_stop(reason)
