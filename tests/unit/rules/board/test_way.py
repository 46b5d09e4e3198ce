"""The Stages that are on a Freight's way, and those that decide when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.board import facts, way
from towpath.rules.forecast import Leg, arrivals

if TYPE_CHECKING:
    from towpath.rules.board.facts import StageFacts

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ORIGIN = "Warehouse/main"
NAMES = [f"s{number}" for number in range(8)]


def stages(above: dict[str, list[str]]) -> dict[str, StageFacts]:
    """Return Stages by what each takes Freight from."""
    return {name: _stage(name, upstream) for name, upstream in above.items()}


def _stage(name: str, above: list[str], warehouse: str = "main") -> StageFacts:
    origin = {"kind": "Warehouse", "name": warehouse}
    document = {
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"requestedFreight": [{"origin": origin, "sources": {"stages": above}}]},
    }
    return facts.of_stage(view(Stage, document))


def test_what_is_behind_and_what_decides_when() -> None:
    """A Stage beside the way is no part of it, unless something on the way waits for it."""
    found = stages({"dev": [], "qa": ["dev"], "load": [], "prod": ["qa", "load"], "other": ["dev"]})
    behind, concerned = way.onward(found, ORIGIN, "qa")
    assert behind == ["qa", "prod"]
    assert concerned == {"dev", "qa", "load", "prod"}


def test_stages_that_take_nothing_of_the_origin_are_not_on_the_way() -> None:
    """Whatever they are called."""
    found = stages({"dev": [], "qa": ["dev"]}) | {"web": _stage("web", ["dev"], "another")}
    assert way.onward(found, ORIGIN, "dev") == (["dev", "qa"], {"dev", "qa"})


def test_a_stage_that_is_gone_has_nothing_behind_it() -> None:
    """Nor is it told of."""
    assert way.onward(stages({"qa": []}), ORIGIN, "dev") == (["dev"], set())


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)),
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)),
)
def test_nothing_else_bears_on_when_it_comes(
    above: dict[str, list[str]], stage: str, there: dict[str, int]
) -> None:
    """Circles, ends that lead nowhere and all: the forecast of what is behind is that of the whole Project."""
    behind, concerned = way.onward(stages(above), ORIGIN, stage)
    legs = [
        Leg(
            stage=name,
            up=tuple(upstream),
            is_direct=not upstream,
            needs_all=len(upstream) == 2,
            since=NOW - timedelta(hours=there[name]) if name in there else None,
        )
        for name, upstream in above.items()
    ]
    whole = arrivals(legs, NOW)
    part = arrivals([each for each in legs if each.stage in concerned], NOW)
    assert {name: whole.get(name) for name in behind} == {name: part.get(name) for name in behind}
