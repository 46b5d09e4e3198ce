"""History in lines, as files and as a picture: of what the caller may see, in bounded answers."""

from __future__ import annotations

import json
from datetime import timedelta
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
from towpath.admission.requester import Requester
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import User
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

EVA = Requester("=eva", user=User("eva", ("system:masters",)))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """Three Promotions: two to `dev`, of which one failed, and one of somebody else's to `prod`, which is gone."""
    async with running(tmp_path) as found:
        await found.apply(
            project_document(),
            warehouse_document(),
            *(stage_document(name) for name in ("dev", "prod")),
        )
        await found.settled()
        freight = await found.freight("1.0.0")
        await found.promote("dev", freight)
        await found.settled()
        await found.clock.advance(3600)
        found.work.fail("dev")
        await found.promote("dev", freight)
        await found.settled()
        await found.clock.advance(3600)
        gone = await found.promote("prod", freight, EVA)
        await found.settled()
        await found.store.delete(Ref(scheme.PROMOTION, PROJECT, gone), actor="admin")
        yield found


async def ask(
    world: Pipeline, path: str, token: str = serving.TOKEN, **query: Any
) -> httpx.Response:
    """Ask as the administrator, or with another token."""
    async with serving.client(world, token) as client:
        return await client.get(f"/towpath/v1/{path}", params=query)


def told(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return Stage and result of each line."""
    return [(each["stage"], each["result"]) for each in answer.json()["items"]]


async def test_lines_are_the_newest_first_and_outlive_the_objects(world: Pipeline) -> None:
    """With who asked, by which name, and when."""
    answer = await ask(world, "history", project=PROJECT)
    assert told(answer) == [("prod", "Succeeded"), ("dev", "Failed"), ("dev", "Succeeded")]
    first = answer.json()["items"][0]
    assert first["actor"] == EVA.actor
    assert first["name"].startswith("prod.")
    assert answer.json()["rev"] == world.store.revision()


@pytest.mark.parametrize(
    ("query", "stages"),
    [
        ({"stage": "prod"}, ["prod"]),
        ({"actor": "=eva"}, ["prod"]),
        ({"result": "Failed"}, ["dev"]),
        ({"freight": "unknown"}, []),
        ({"from": "2026-01-01T00:30:00Z"}, ["prod", "dev"]),
        ({"to": "2026-01-01T00:30:00Z"}, ["dev"]),
        ({"kind": "approval"}, []),
    ],
)
async def test_lines_are_chosen(world: Pipeline, query: dict[str, str], stages: list[str]) -> None:
    """By Stage, actor, result, Freight, time and kind."""
    answer = await ask(world, "history", project=PROJECT, **query)
    assert [each["stage"] for each in answer.json()["items"]] == stages


async def test_verifications_and_approvals_have_lines_too(world: Pipeline) -> None:
    """As a kind of their own."""
    freight = (await world.store.history.promotions(HistorySelection())).items[0].record.freight
    async with serving.client(world) as client:
        path = f"/v1beta1/projects/{PROJECT}/freight/{freight}/approve"
        await client.post(path, params={"stage": "prod"})
    (line,) = (await ask(world, "history", kind="approval")).json()["items"]
    assert (line["stage"], line["actor"], line["kind"]) == ("prod", "admin", "approval")


async def test_pages_follow_one_another(world: Pipeline) -> None:
    """None is skipped, none comes twice; a cursor of another list is refused."""
    found, cursor = [], ""
    while True:
        answer = await ask(world, "history", limit=1, cursor=cursor)
        found += told(answer)
        cursor = answer.json()["cursor"]
        if cursor is None:
            break
    assert [stage for stage, _ in found] == ["prod", "dev", "dev"]
    assert (await ask(world, "history", cursor="x")).status_code == 400


async def test_a_line_is_short(world: Pipeline) -> None:
    """Names of Freight and Promotion are most of it."""
    answer = await ask(world, "history")
    assert len(answer.content) / 3 < 320


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_all_lines_can_be_taken_away(world: Pipeline, format_: str) -> None:
    """Whatever somebody is called, a spreadsheet computes nothing of it."""
    answer = await ask(world, "history", format=format_, project=PROJECT)
    assert answer.status_code == 200
    assert f"history.{format_}" in answer.headers["content-disposition"]
    lines = answer.text.splitlines()
    if format_ == "csv":
        assert lines[0].startswith("at,project,stage,kind,freight,result,actor")
        assert len(lines) == 4
        assert ",'=eva," in lines[1]
    else:
        assert [json.loads(each)["stage"] for each in lines] == ["prod", "dev", "dev"]


async def test_others_see_what_they_may(world: Pipeline) -> None:
    """A Project that they may not look at is refused by its name, and left out without."""
    await world.apply({**project_document(), "metadata": {"name": "other"}})
    await world.settled()
    token = await serving.account_token(world, "other", "kargo-viewer")
    assert (await ask(world, "history", token, project=PROJECT)).status_code == 403
    assert (await ask(world, "history", token)).json()["items"] == []
    assert (await ask(world, "density", token, project=PROJECT)).status_code == 403
    viewer = await serving.account_token(world, PROJECT, "kargo-viewer")
    assert len((await ask(world, "history", viewer)).json()["items"]) == 3


async def test_density_counts_moves_and_failures(world: Pipeline) -> None:
    """In parts of equal length."""
    answer = await ask(
        world,
        "density",
        project=PROJECT,
        buckets=3,
        **{"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T03:00:00Z"},
    )
    assert answer.json()["moves"] == [1, 1, 1]
    assert answer.json()["failures"] == [0, 1, 0]
    whole = await ask(world, "density", project=PROJECT)
    assert sum(whole.json()["moves"]) == 3
    assert len(whole.content) <= 2048
    span = timedelta(seconds=whole.json()["until"] - whole.json()["since"])
    assert span == timedelta(days=30)


@pytest.mark.parametrize(
    ("path", "query", "told_"),
    [
        ("history", {"kind": "x"}, "kind: 'x'"),
        ("history", {"from": "yesterday"}, "from: 'yesterday'"),
        ("history", {"limit": "0"}, "limit: 0"),
        ("history", {"format": "xml"}, "format: 'xml'"),
        ("history", {"kind": "approval", "result": "Failed"}, "result:"),
        ("density", {}, "project:"),
        ("density", {"project": PROJECT, "buckets": "1001"}, "buckets: 1001"),
        ("density", {"project": PROJECT, "from": "9", "to": "8"}, "from: it must be before"),
    ],
)
async def test_what_cannot_be_asked_says_why(
    world: Pipeline, path: str, query: dict[str, str], told_: str
) -> None:
    """400, with the parameter."""
    answer = await ask(world, path, **query)
    assert answer.status_code == 400, answer.text
    assert told_ in answer.json()["error"]
