"""`fields`: whoever wants less of the items of a list gets that, and is told when there is no such field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

LISTS = {
    "/towpath/v1/overview": "projects",
    "/towpath/v1/history": "items",
    "/towpath/v1/me/inbox": "items",
    "/towpath/v1/me/tokens": "items",
    "/towpath/v1/me/sessions": "items",
    "/towpath/v1/me/views": "items",
    "/towpath/v1/argocd": "items",
    "/towpath/v1/webhooks": "items",
    f"/towpath/v1/projects/{PROJECT}/webhooks": "items",
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Promotion that failed, of the administrator's."""
    async with running(tmp_path) as found:
        await found.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await found.freight("1.0.0")
        found.work.fail("dev")
        async with serving.client(found) as client:
            body = {"stages": ["dev"], "freight": freight}
            await client.post(f"/towpath/v1/projects/{PROJECT}/moves", json=body)
        await found.settled()
        yield found


async def ask(world: Pipeline, path: str, **query: str) -> httpx.Response:
    """Ask as the administrator."""
    async with serving.client(world) as client:
        return await client.get(path, params=query)


@pytest.mark.parametrize(
    ("path", "fields", "wanted"),
    [
        ("/towpath/v1/overview", "name", [{"name": PROJECT}]),
        ("/towpath/v1/history", "stage,result,stage", [{"stage": "dev", "result": "Failed"}]),
        ("/towpath/v1/me/inbox", "kind,until", [{"kind": "failed"}]),
    ],
)
async def test_items_have_what_is_asked_for(
    world: Pipeline, path: str, fields: str, wanted: list[dict[str, Any]]
) -> None:
    """And nothing else; what an item has not is left out, and the answer says what was asked for."""
    answer = await ask(world, path, fields=fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()[LISTS[path]] == wanted
    assert answer.json()["fields"] == list(dict.fromkeys(fields.split(",")))
    whole = (await ask(world, path)).json()
    assert "fields" not in whole
    assert len(whole[LISTS[path]][0]) > len(wanted[0])


@pytest.mark.parametrize("path", LISTS)
async def test_a_field_that_there_is_not_is_named(world: Pipeline, path: str) -> None:
    """With those that there are."""
    answer = await ask(world, path, fields="name,colour")
    assert answer.status_code == 400
    assert "is none of" in answer.json()["error"]
    assert answer.json()["error"].startswith("fields: ")


async def test_a_file_has_all_of_each_line(world: Pipeline) -> None:
    """It is said that the two do not go together."""
    answer = await ask(world, "/towpath/v1/history", fields="stage", format="csv")
    assert answer.status_code == 400
    assert "format" in answer.json()["error"]


def test_every_list_in_pages_takes_it() -> None:
    """Of our own API: what takes a cursor takes `fields`."""
    paged = {
        each.path
        for each in ENDPOINTS
        if each.path.startswith("/towpath/v1") and "cursor" in {one.name for one in each.query}
    }
    taking = {each.path for each in ENDPOINTS if "fields" in {one.name for one in each.query}}
    assert paged - taking == {"/towpath/v1/projects/{project}/compare"}, (
        "its cursor goes through commits of several artifacts"
    )
