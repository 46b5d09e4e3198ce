"""Targets and PromotionRequests over Kargo's API: lists, filters, single ones and watches."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, project_document, running, stage_document
from tests.support.serving import TOKEN, account_token, client, granted, served
from tests.support.sse_reader import SseReader
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

BASE = f"/v1beta1/projects/{PROJECT}"
TARGETS = f"{BASE}/targets"
REQUESTS = f"{BASE}/promotion-requests"


def _target(name: str, **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{scheme.KARGO}/v1alpha1",
        "kind": "Target",
        "metadata": {"name": name, "namespace": PROJECT, "labels": labels},
        "spec": {"params": {"size": 3}},
    }


def _request(name: str, stage: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{scheme.KARGO}/v1alpha1",
        "kind": "PromotionRequest",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": {"stage": stage, "freight": "f" * 40, "targets": [{"name": "eu-1"}]},
    }


def _stage(name: str, *selectors: dict[str, Any]) -> dict[str, Any]:
    document = stage_document(name)
    document["spec"]["targets"] = {"selectors": list(selectors)}
    return document


@asynccontextmanager
async def _asking(folder: Path) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world:
        await world.apply(
            project_document(),
            _target("us-1", region="us"),
            _target("eu-2", region="eu", tier="b"),
            _target("eu-1", region="eu", tier="a"),
            stage_document("classic"),
            _stage(
                "fleet",
                {"matchLabels": {"region": "us"}},
                {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["a"]}]},
            ),
            _stage("all", {}),
            _request("z", "fleet"),
            _request("a", "fleet"),
            _request("m", "other"),
        )
        await world.settled()
        async with client(world) as asking:
            yield world, asking


async def _names(asking: httpx.AsyncClient, path: str) -> list[str]:
    answer = await asking.get(path)
    assert answer.status_code == 200, answer.text
    return [each["metadata"]["name"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["eu-1", "eu-2", "us-1"]),
        ("?labelSelector=region%3Deu", ["eu-1", "eu-2"]),
        ("?labelSelector=region+in+(eu,us),tier!=a", ["eu-2", "us-1"]),
        ("?stage=fleet", ["eu-1", "us-1"]),
        ("?stage=fleet&labelSelector=region%3Dus", ["us-1"]),
        ("?stage=all", ["eu-1", "eu-2", "us-1"]),
        ("?stage=classic", []),
        ("?stage=", ["eu-1", "eu-2", "us-1"]),
    ],
)
async def test_targets_are_found_by_labels_and_by_stage(
    tmp_path: Path, query: str, names: list[str]
) -> None:
    """In order of their names; of a Stage any selector counts, and one without Targets has none."""
    async with _asking(tmp_path) as (_, asking):
        assert await _names(asking, f"{TARGETS}{query}") == names


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (f"{TARGETS}?stage=none", 404, "none"),
        (f"{TARGETS}?labelSelector=a+ni+(b)", 400, "labelSelector"),
        (f"{TARGETS}/none", 404, "none"),
        (f"{TARGETS}?stage=none&watch=true", 404, "none"),
        (f"{REQUESTS}/none", 404, "none"),
        ("/v1beta1/projects/none/targets", 404, "none"),
    ],
)
async def test_what_is_not_there_is_said(tmp_path: Path, path: str, status: int, said: str) -> None:
    """With the name of what is missing, or wrong."""
    async with _asking(tmp_path) as (_, asking):
        answer = await asking.get(path)
        assert answer.status_code == status
        assert said in answer.json()["error"]


async def test_a_stage_that_selects_nothing_sensible_is_named(tmp_path: Path) -> None:
    """400, as for a selector of the query."""
    async with _asking(tmp_path) as (world, asking):
        stored = await world.get(scheme.STAGE, "fleet")
        term = {"key": "tier", "operator": "Within", "values": ["a"]}
        stored["spec"]["targets"] = {"selectors": [{"matchExpressions": [term]}]}
        await world.store.update(stored, actor="an older version")
        answer = await asking.get(f"{TARGETS}?stage=fleet")
        assert answer.status_code == 400
        assert "spec.targets.selectors[0].matchExpressions[0].operator" in answer.json()["error"]


async def test_requests_are_found_by_stage(tmp_path: Path) -> None:
    """As Promotions are."""
    async with _asking(tmp_path) as (_, asking):
        assert await _names(asking, REQUESTS) == ["a", "m", "z"]
        assert await _names(asking, f"{REQUESTS}?stage=fleet") == ["a", "z"]
        assert await _names(asking, f"{REQUESTS}?stage=none") == []
        one = (await asking.get(f"{REQUESTS}/a")).json()
        assert (one["kind"], one["spec"]["targets"]) == ("PromotionRequest", [{"name": "eu-1"}])
        target = (await asking.get(f"{TARGETS}/eu-1")).json()
        assert (target["kind"], target["spec"]["params"]) == ("Target", {"size": 3})


async def test_the_selectors_of_a_stage_are_told_to_who_may_see_it(tmp_path: Path) -> None:
    """Who sees Targets alone learns nothing of Stages; a viewer sees both."""
    async with _asking(tmp_path) as (world, _):
        token = await granted(world, ("targets", ["list"], []))
        async with client(world, token) as asking:
            assert (await asking.get(TARGETS)).status_code == 200
            for stage in ("fleet", "none"):
                assert (await asking.get(f"{TARGETS}?stage={stage}")).status_code == 403
        async with client(world, await account_token(world, PROJECT, "kargo-viewer")) as asking:
            assert await _names(asking, f"{TARGETS}?stage=fleet") == ["eu-1", "us-1"]
            assert await _names(asking, REQUESTS) == ["a", "m", "z"]


async def test_both_are_watched(tmp_path: Path) -> None:
    """With the same filters; what a Stage does not promote to any more is told as gone."""
    async with _asking(tmp_path) as (world, _):
        watch = SseReader(served(world), TARGETS, "watch=true&stage=fleet", TOKEN)
        assert [await _told(watch), await _told(watch)] == [("ADDED", "eu-1"), ("ADDED", "us-1")]
        await world.apply(_target("eu-1", region="eu"), _target("eu-3", tier="a"))
        assert [await _told(watch), await _told(watch)] == [("DELETED", "eu-1"), ("ADDED", "eu-3")]
        await watch.leave()
        one = SseReader(served(world), f"{REQUESTS}/a", "watch=true", TOKEN)
        assert await _told(one) == ("ADDED", "a")
        await one.leave()


async def _told(watch: SseReader) -> tuple[str, str]:
    event = await watch.next()
    return event.data["type"], event.data["object"]["metadata"]["name"]
