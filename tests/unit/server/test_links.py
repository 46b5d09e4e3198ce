"""Links of Stages and Freight: made of expressions, from two configurations, and leading nowhere but to addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import kargo_api
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client, granted
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline

BASE = f"/v1beta1/projects/{PROJECT}"
STAGE = "/v1beta1/projects/{project}/stages/{stage}/links"
FREIGHT = "/v1beta1/projects/{project}/freight/{freight-name-or-alias}/links"


def _config(kind: str, **spec: list[dict[str, str]]) -> dict[str, Any]:
    metadata = {"name": "cluster"}
    if kind == "ProjectConfig":
        metadata = {"name": PROJECT, "namespace": PROJECT}
    return {
        "apiVersion": f"{scheme.KARGO}/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


async def _links(world: Pipeline, path: str, token: str = "t0ken") -> dict[str, Any]:
    async with client(world, token) as asking:
        answer = await asking.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _shop(world: Pipeline, *configs: dict[str, Any]) -> None:
    await world.apply(project_document(), warehouse_document(), stage_document("dev"), *configs)


async def test_links_are_those_of_everything_and_then_of_the_project(tmp_path: Path) -> None:
    """With what the expressions come to; a condition may be written bare or as a template."""
    async with running(tmp_path) as world:
        await _shop(
            world,
            _config(
                "ClusterConfig",
                stageLinks=[
                    {"title": "all", "url": "https://g.example/${{ stage.metadata.name }}", "description": "d"}
                ],
            ),
            _config(
                "ProjectConfig",
                stageLinks=[
                    {"title": "dev", "url": "https://a.example/", "if": "stage.metadata.name == 'dev'"},
                    {"title": "x", "url": "https://a.example/x", "if": "${{ stage.metadata.name == 'x' }}"},
                ],
                freightLinks=[{"title": "f", "url": "https://f.example/${{ freight.metadata.name }}"}],
            ),
        )  # fmt: skip
        freight = await world.freight("1.0.0")
        found = await _links(world, f"{BASE}/stages/dev/links")
        assert found == {
            "links": [
                {"title": "all", "url": "https://g.example/dev", "description": "d"},
                {"title": "dev", "url": "https://a.example/"},
            ]
        }
        of_freight = await _links(world, f"{BASE}/freight/{freight}/links")
        assert of_freight == {"links": [{"title": "f", "url": f"https://f.example/{freight}"}]}
        assert kargo_api.faults("GET", STAGE, 200, found) == []
        assert kargo_api.faults("GET", FREIGHT, 200, of_freight) == []


async def test_there_are_none_without_configurations(tmp_path: Path) -> None:
    """An empty list, which Kargo's UI reads; and a 404 for what is not there."""
    async with running(tmp_path) as world:
        await _shop(world)
        assert await _links(world, f"{BASE}/stages/dev/links") == {"links": []}
        async with client(world) as asking:
            missing = await asking.get(f"{BASE}/stages/none/links")
        assert missing.status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example/",
        "https://",
        "/here",
        "https://[",
        "https://a.example/\n",
        "${{ 'java' + 'script:alert(1)' }}",
        "${{ stage.metadata.name",
        "${{ 1 + 'a' }}",
        "${{ {'a': 1} }}",
    ],
)
async def test_a_link_that_leads_nowhere_is_told_of_and_the_others_stay(
    tmp_path: Path, url: str
) -> None:
    """By its title."""
    async with running(tmp_path) as world:
        links = [{"title": "bad", "url": url}, {"title": "good", "url": "http://a.example"}]
        await _shop(world, _config("ProjectConfig", stageLinks=links))
        found = await _links(world, f"{BASE}/stages/dev/links")
        assert found["links"] == [{"title": "good", "url": "http://a.example"}]
        assert len(found["errors"]) == 1
        assert found["errors"][0].startswith("bad: ")
        assert kargo_api.faults("GET", STAGE, 200, found) == []


async def test_a_condition_that_is_neither_is_told_of(tmp_path: Path) -> None:
    """And hides its link."""
    async with running(tmp_path) as world:
        links = [{"title": "bad", "url": "https://a.example", "if": "stage.metadata.name"}]
        await _shop(world, _config("ProjectConfig", stageLinks=links))
        found = await _links(world, f"{BASE}/stages/dev/links")
        assert found == {"links": [], "errors": ["bad: if: the expression must be true or false"]}


async def test_a_right_to_one_freight_is_none_to_what_is_called_like_it(tmp_path: Path) -> None:
    """Who may get `nice` may not get what has that alias; who may get it by its name may."""
    async with running(tmp_path) as world:
        await _shop(world)
        freight = await world.freight("1.0.0")
        async with client(world) as asking:
            await asking.patch(f"{BASE}/freight/{freight}/alias?newAlias=nice")
        limited = await granted(world, ("freights", ["get"], ["nice"]))
        named = await granted(world, ("freights", ["get"], ["nice", freight]), account="named")
        for token, status in ((limited, 403), (named, 200)):
            async with client(world, token) as asking:
                answer = await asking.get(f"{BASE}/freight/nice/links")
            assert answer.status_code == status, answer.text
