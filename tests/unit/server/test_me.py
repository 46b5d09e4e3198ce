"""Who one is, what one may, and what waits: for this caller alone, in small answers."""

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
from towpath.admission.requester import ADMIN
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Project whose Stage `auto` takes Freight by itself."""
    async with running(tmp_path) as found:
        await found.apply(
            project_document("auto"),
            warehouse_document(),
            *(stage_document(name) for name in ("dev", "auto")),
            stage_document("qa", "dev"),
        )
        await found.settled()
        yield found


async def ask(world: Pipeline, path: str, token: str = serving.TOKEN, **query: str) -> Any:
    """Ask, and return what is answered."""
    async with serving.client(world, token) as client:
        answer = await client.get(f"/towpath/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) <= 4096
    return answer.json()


async def test_one_is_told_who_one_is(world: Pipeline) -> None:
    """By the names that rights and records go by."""
    assert (await ask(world, "me"))["actor"] == "admin"
    token = await serving.account_token(world, PROJECT, "kargo-viewer")
    found = await ask(world, "me", token)
    assert found["user"] == f"system:serviceaccount:{PROJECT}:kargo-viewer"
    assert found["admin"] is False
    assert found["via"]["means"]
    assert "system:serviceaccounts" in found["groups"]


async def test_rights_are_bits_and_only_what_differs_is_named(world: Pipeline) -> None:
    """Bit n stands for word n; a stranger is refused."""
    admin = await ask(world, "me/can", project=PROJECT)
    assert admin["default"] == (1 << len(admin["words"])) - 1
    assert admin["stages"] == {}
    token = await serving.granted(
        world,
        ("stages", ["get"], []),
        ("stages", ["promote"], ["dev"]),
        ("promotions", ["create"], []),
    )
    found = await ask(world, "me/can", token, project=PROJECT)
    assert found["default"] == 0
    may = [word for bit, word in enumerate(found["words"]) if found["stages"]["dev"] >> bit & 1]
    assert list(found["stages"]) == ["dev"]
    assert may == ["promote", "verify", "hold"]
    async with serving.client(world, token) as client:
        assert (await client.get("/towpath/v1/me/can?project=other")).status_code == 403
        assert (await client.get("/towpath/v1/me/can")).status_code == 400


async def test_500_stages_fit(world: Pipeline) -> None:
    """Where most are alike, 4 KB are enough."""
    names = [f"web-prod-eu-{number:03}" for number in range(500)]
    await world.store.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "many"}}, actor="test"
    )
    for name in names:
        document = stage_document(name)
        document["metadata"]["namespace"] = "many"
        await world.store.create(document, actor="test")
    assert (await ask(world, "me/can", project="many"))["default"]


async def test_what_failed_and_what_is_held_waits_for_whoever_asked_for_it(world: Pipeline) -> None:
    """And for nobody else."""
    token = await serving.account_token(world, PROJECT, "kargo-promoter")
    freight = await world.freight("1.0.0")
    await world.settled()
    world.work.fail("dev")
    async with serving.client(world, token) as client:
        path = f"/towpath/v1/projects/{PROJECT}/moves"
        for body in (
            {"stages": ["dev"], "freight": freight},
            {"kind": "hold", "stages": ["auto"], "reason": "fair week"},
        ):
            answer = await client.post(path, json=body)
            assert answer.status_code < 207, answer.text
    await world.settled()
    found = {each["kind"]: each for each in (await ask(world, "me/inbox", token))["items"]}
    assert set(found) == {"failed", "hold"}
    assert (found["failed"]["stage"], found["failed"]["freight"]) == ("dev", freight)
    assert found["failed"]["msg"]
    assert (found["hold"]["stage"], found["hold"]["freight"]) == ("auto", freight)
    assert (await ask(world, "me/inbox"))["items"] == []


async def test_a_verification_that_failed_asks_for_an_approval(world: Pipeline) -> None:
    """Of who may approve, until it is approved."""
    freight = await world.freight("1.0.0")
    await world.promote("dev", freight)
    await world.settled()

    def failed(document: Any) -> Any:
        document["status"]["freightHistory"][0]["verificationHistory"] = [
            {"id": "v", "phase": "Failed", "message": "3 of 5"}
        ]
        return document

    ref = Ref(scheme.STAGE, PROJECT, "dev")
    await world.store.patch(ref, failed, actor="test", subresource="status")
    (item,) = (await ask(world, "me/inbox"))["items"]
    assert (item["kind"], item["stage"], item["freight"]) == ("approve", "qa", freight)
    assert "3 of 5" in item["msg"]
    viewer = await serving.account_token(world, PROJECT, "kargo-viewer")
    assert (await ask(world, "me/inbox", viewer))["items"] == []
    async with serving.client(world) as client:
        body = {"kind": "approve", "stages": ["qa"], "freight": freight}
        await client.post(f"/towpath/v1/projects/{PROJECT}/moves", json=body)
    assert (await ask(world, "me/inbox"))["items"] == []


async def test_a_long_inbox_is_paged(world: Pipeline) -> None:
    """Each item once."""
    names = [f"s{number:02}" for number in range(45)]
    await world.apply(*(stage_document(name) for name in names))
    await world.settled()
    freight = await world.freight("1.0.0")
    for name in names:
        world.work.fail(name)
    async with serving.client(world) as client:
        path = f"/towpath/v1/projects/{PROJECT}/moves"
        answer = await client.post(path, json={"stages": names, "freight": freight})
        assert answer.status_code == 201, answer.text
    await world.settled()
    found, cursor = [], ""
    while True:
        page = await ask(world, "me/inbox", **({"cursor": cursor} if cursor else {}))
        found += [each["stage"] for each in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == names
    assert len((await ask(world, "me/inbox", limit="7"))["items"]) == 7
    picked = (await ask(world, "me/inbox", q="S1"))["items"]
    assert [each["stage"] for each in picked] == [each for each in names if "s1" in each]


async def test_an_inbox_may_be_that_of_one_project(world: Pipeline) -> None:
    """One that is not there is not found, which says nothing to whoever may see none of it."""
    freight = await world.freight("1.0.0")
    world.work.fail("dev")
    await world.promote("dev", freight, ADMIN)
    await world.settled()
    other = {**project_document(), "metadata": {"name": "other"}}
    await world.apply(other)
    (item,) = (await ask(world, "me/inbox", project=PROJECT))["items"]
    assert item["project"] == PROJECT
    assert (await ask(world, "me/inbox", project="other"))["items"] == []
    nobody = await serving.granted(world, ("freights", ["get"], []))
    path = "/towpath/v1/me/inbox?project="
    async with serving.client(world) as client:
        missing = await client.get(f"{path}{PROJECT[:-1]}")
    assert missing.status_code == 404
    assert f'did you mean "{PROJECT}"?' in missing.json()["error"]
    async with serving.client(world, nobody) as client:
        answers = [(await client.get(path + each)).status_code for each in ("other", "nowhere")]
    assert answers == [403, 403]
