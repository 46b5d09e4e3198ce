"""Which connection serves a Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.argocd_fake import FakeArgoCD, definition
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.argocd.choosing import choose, rivals
from towpath.argocd.stage_connections import StageConnections

if TYPE_CHECKING:
    from pathlib import Path

EU, US = definition("eu", "shop", "bank"), definition("us", "shop", "team-*")
MAIN = definition("main", "shop", is_default=True)


def test_the_shard_goes_before_the_annotation_and_that_before_the_default() -> None:
    """A shard that names no connection is Kargo's own affair."""
    there = [EU, US, MAIN]
    assert choose(there, "shop", shard="eu", wanted="us") is EU
    assert choose(there, "shop", shard="west", wanted="us") is US
    assert choose(there, "shop", shard="west") is MAIN
    assert choose(there, "shop") is MAIN
    assert choose(there, "bank") is EU
    assert choose(there, "team-a") is US


@pytest.mark.parametrize(
    ("project", "shard", "wanted", "error", "said"),
    [
        ("bank", "us", "", errors.Forbidden, "spec.shard 'us': .* us does not serve Project bank"),
        (
            "bank",
            "",
            "us",
            errors.Forbidden,
            "annotation towpath.dev/argocd-connection: .*does not serve",
        ),
        ("shop", "", "ue", errors.NotFound, "no Argo CD connection 'ue'; .*eu"),
        (
            "other",
            "",
            "",
            errors.NotFound,
            "serves Project other: add it to the projects of one of eu, us",
        ),
        ("shop", "", "", errors.NotFound, "eu, us serve it and none is the default"),
    ],
)
def test_why_none_serves_is_said(
    project: str, shard: str, wanted: str, error: type[Exception], said: str
) -> None:
    """With what helps."""
    with pytest.raises(error, match=said):
        choose([EU, US], project, shard=shard, wanted=wanted)


def test_two_defaults_are_none() -> None:
    """And without any connection it is said how to make one."""
    with pytest.raises(errors.NotFound, match="main, other are the default"):
        choose([MAIN, definition("other", is_default=True)], "shop")
    with pytest.raises(errors.NotFound, match="no Argo CD is connected"):
        choose([], "shop")


def test_projects_are_names_or_globs() -> None:
    """What is no glob matches nothing."""
    assert definition("x", "team-*").serves("team-a")
    assert not definition("x", "team-*").serves("team")
    assert definition("x", "*").serves("anything")
    assert not definition("x", "[").serves("[a")


def test_links_lead_to_the_pages_for_people() -> None:
    """Where there are any."""
    assert definition("x", url="https://argo.example.com/").link("argocd", "web") == (
        "https://argo.example.com/applications/argocd/web"
    )
    assert definition("x").link("argocd", "web") == ""


async def test_a_stage_is_served_by_what_it_says_now(tmp_path: Path) -> None:
    """Its shard goes before its annotation; one that is not there is named."""
    async with running(tmp_path) as world:
        for name in ("eu", "us"):
            world.opener.there[name] = FakeArgoCD()
            world.argocd.define(definition(name))
        stage = stage_document("dev")
        stage["metadata"]["annotations"] = {"towpath.dev/argocd-connection": "us"}
        await world.apply(project_document(), warehouse_document(), stage)
        stages = StageConnections(world.argocd, world.store)
        assert (await stages.serving(PROJECT, "dev")).name == "us"
        stage["spec"]["shard"] = "eu"
        await world.apply(stage)
        assert (await stages.serving(PROJECT, "dev")).name == "eu"
        with pytest.raises(errors.NotFound):
            await stages.serving(PROJECT, "gone")


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        (("shop",), ("bank", "shop"), "shop"),
        (("shop",), ("*",), "shop"),
        (("*",), ("shop",), "shop"),
        (("team-*",), ("team-a",), "team-a"),
        (("team-*",), ("team-*",), "team-*"),
        (("shop",), ("bank",), ""),
    ],
)
def test_rivals_are_default_for_the_same_project(
    mine: tuple[str, ...], theirs: tuple[str, ...], shared: str
) -> None:
    """Whoever is not the default is nobody's rival."""
    one, other = definition("a", *mine, is_default=True), definition("b", *theirs, is_default=True)
    assert rivals([one, other], one) == ({"b": shared} if shared else {})
    assert rivals([one, definition("b", *theirs)], one) == {}
    assert rivals([one, other], definition("a", *mine)) == {}
