"""Warnings that look at all there is in a Project keep little of it, stop where there is too much, and let others have turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT, USER, project_document, running, stage_document
from towpath.admission.authorizer import Authorizer
from towpath.admission.warnings import surroundings
from towpath.admission.warnings.policies import of_policies
from towpath.resources import scheme
from towpath.resources.meta import Resource
from towpath.resources.project_config import PromotionPolicy
from towpath.resources.structs import view
from towpath.rules import policies

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from towpath.store.contract import Stored


def _name(stored: Stored) -> str:
    return stored.view(Resource).metadata.name


async def test_nothing_is_said_where_there_is_too_much_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By bytes as well as by number: each may have a mebibyte."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), *(stage_document(f"s{each}") for each in range(5)))
        around = surroundings.Surroundings(world.store, Authorizer(world.store), USER, PROJECT)
        found = await around.each(scheme.STAGE, _name)
        assert found == ["s0", "s1", "s2", "s3", "s4"]
        monkeypatch.setattr(surroundings, "MOST_BYTES", 1_000)
        assert await around.each(scheme.STAGE, _name) is None


def test_policies_are_looked_at_one_after_the_other_and_not_all_are_told() -> None:
    """A thousand policies with as many Stages are a million pairs: one part of the work for each policy."""
    stages = [_stage(f"s{number}") for number in range(3)]
    idle = [view(PromotionPolicy, {"stage": f"gone-{number}"}) for number in range(1_000)]
    there = [view(PromotionPolicy, {"stage": "s1"})] * 1_000
    assert list(of_policies(there, stages)) == [[]] * 1_000
    told = list(of_policies(idle, stages))
    assert len(told) == 101
    assert all(len(part) == 1 for part in told)
    assert told[-1] == ["spec.promotionPolicies: more of them match no Stage of the Project"]


def test_what_policies_select_by_is_all_that_is_kept_of_a_stage() -> None:
    """Its steps and variables may have a mebibyte."""
    document: dict[str, Any] = stage_document("dev")
    document["metadata"]["labels"] = {"tier": "a"}
    document["metadata"]["annotations"] = {"note": "long"}
    found = policies.selectable(view(Resource, document).metadata)
    assert (found.metadata.name, found.metadata.labels) == ("dev", {"tier": "a"})
    assert not found.metadata.annotations
    assert found.spec.promotion_template is None
    by_label = {"stageSelector": {"matchLabels": {"tier": "a"}}}
    assert policies.matches_any(view(PromotionPolicy, by_label), [found])


def _stage(name: str) -> Any:
    return policies.selectable(view(Resource, {"metadata": {"name": name}}).metadata)
