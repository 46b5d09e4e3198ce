"""What the API tells of connections to Argo CD, and which of it are metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.argocd_answers import DEEP, application
from tests.support.argocd_fake import FakeArgoCD, definition, snapshot
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client, granted
from towpath import errors
from towpath.app.metrics import argocd as argocd_metrics
from towpath.clients.argocd import ApplicationEvent, EventKind
from towpath.clock import settle
from towpath.resources import scheme
from towpath.telemetry.exposition import text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline


async def connected(world: Pipeline) -> FakeArgoCD:
    """Connect one that is there and one that is not."""
    world.opener.there["prod"] = api = FakeArgoCD()
    world.opener.errors["away"] = errors.Unavailable("cannot be reached")
    world.argocd.define(
        definition("prod", f"{PROJECT[:3]}*", url="https://argo.example.com", is_default=True)
    )
    world.argocd.define(definition("away"))
    api.tell(
        *snapshot(application("a")), ApplicationEvent(EventKind.CHANGED, "argocd", "deep", "", DEEP)
    )
    await settle()
    await world.argocd.get("prod").api.get("argocd", "a")
    return api


async def test_all_connections_are_told_with_how_they_fare(tmp_path: Path) -> None:
    """Those that are down with the reason, and Applications that cannot be read by name."""
    async with running(tmp_path) as world:
        await connected(world)
        async with client(world) as api:
            told = (await api.get("/towpath/v1/argocd")).json()["items"]
            one = (await api.get("/towpath/v1/argocd/prod")).json()
            missing = await api.get("/towpath/v1/argocd/prd")
    away, prod = told
    assert prod == one
    assert (away["state"], away["error"], away["applications"]) == ("Down", "cannot be reached", 0)
    assert {
        key: prod[key]
        for key in ("name", "by", "definedBy", "state", "error", "applications", "default")
    } == {
        "name": "prod",
        "by": "rest",
        "definedBy": "configuration",
        "state": "Connected",
        "error": "",
        "applications": 2,
        "default": True,
    }
    assert prod["latencyMilliseconds"] == 0
    assert prod["lastEvent"] == prod["since"] == "2026-01-01T00:00:00Z"
    assert prod["unreadable"] == [
        {"application": "argocd/deep", "reason": "it is nested too deeply to be read"}
    ]
    assert missing.status_code == 404
    assert "no Argo CD connection 'prd'; did you mean" in missing.json()["error"]


async def test_who_may_list_connections_sees_them(tmp_path: Path) -> None:
    """Nobody else does."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await connected(world)
        token = await granted(world, ("stages", ["get"], []))
        async with client(world, token) as api:
            assert (await api.get("/towpath/v1/argocd")).status_code == 403


async def test_an_explanation_of_a_stage_names_its_connection(tmp_path: Path) -> None:
    """And what is in the way of it; where no Argo CD is connected nothing is said."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        path = f"/towpath/v1/projects/{PROJECT}/stages/dev/explain"
        async with client(world) as api:
            assert "argocd" not in (await api.get(path)).json()
            await connected(world)
            assert (await api.get(path)).json()["argocd"] == {
                "connection": "prod",
                "state": "Connected",
                "error": "",
            }
            stage = stage_document("dev")
            stage["metadata"]["annotations"] = {"towpath.dev/argocd-connection": "away"}
            await world.apply(stage)
            told = (await api.get(path)).json()["argocd"]
            assert told == {"connection": "away", "state": "Down", "error": "cannot be reached"}
            stage["metadata"]["annotations"] = {"towpath.dev/argocd-connection": "gone"}
            await world.apply(stage)
            told = (await api.get(path)).json()["argocd"]
            assert (told["connection"], told["state"]) == ("", "")
            assert "no Argo CD connection 'gone'" in told["error"]


async def test_kargos_shards_are_connections_with_pages(tmp_path: Path) -> None:
    """Its UI makes links of them; the empty shard is the default's."""
    async with running(tmp_path) as world, client(world) as api:
        path = "/v1beta1/system/server-config"
        assert (await api.get(path)).json()["argocdShards"] == {}
        await connected(world)
        page = {"url": "https://argo.example.com", "namespace": "argocd"}
        assert (await api.get(path)).json()["argocdShards"] == {"prod": page, "": page}
        world.argocd.define(definition("eu", url="https://eu.example.com", namespace="cd"))
        shards = (await api.get(path)).json()["argocdShards"]
        assert (shards[""], shards["eu"]["namespace"]) == (page, "cd")


async def test_connections_have_metrics(tmp_path: Path) -> None:
    """One line for each connection."""
    async with running(tmp_path) as world:
        await connected(world)
        shown: Any = text(argocd_metrics.families(world.argocd))
    lines = shown.splitlines()
    assert 'towpath_argocd_up{connection="prod"} 1' in lines
    assert 'towpath_argocd_up{connection="away"} 0' in lines
    assert 'towpath_argocd_state{connection="away",state="Down"} 1' in lines
    assert 'towpath_argocd_applications{connection="prod"} 2' in lines
    assert 'towpath_argocd_calls_total{connection="prod"} 1' in lines
    assert 'towpath_argocd_last_event_age_seconds{connection="away"} -1' in lines


def test_the_kind_is_of_the_whole_installation() -> None:
    """Who writes it decides where credentials of the system go: no Project's administrator does."""
    assert not scheme.ARGOCD_CONNECTION.namespaced
