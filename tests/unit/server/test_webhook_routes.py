"""What is told of receivers of webhooks, to whom, and what would come of a delivery."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.deliveries import (
    SECRET,
    config_document,
    git_warehouse,
    path_of,
    push,
    receiver,
    secret_document,
    signed,
)
from tests.support.pipeline import HOOKS_URL, PROJECT, project_document, running
from tests.support.serving import client, granted
from towpath.resources import moments, scheme
from towpath.resources.finding import Wellness
from towpath.resources.kinds import Ref
from towpath.webhooks import intake
from towpath.webhooks.ailing import ReceiverLook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

BASE = f"/towpath/v1/projects/{PROJECT}/webhooks"
GITHUB = path_of("github")


@asynccontextmanager
async def _asking(folder: Path) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world, client(world) as asking:
        await world.apply(project_document(), secret_document(), git_warehouse())
        await world.apply(git_warehouse("other", branch="other"))
        await world.apply(config_document(receiver("github"), receiver("quay", secret="none")))
        await world.settled()
        yield world, asking


async def _deliver(asking: httpx.AsyncClient, body: bytes | None = None) -> None:
    body = push() if body is None else body
    answer = await asking.post(GITHUB, content=body, headers=signed(body))
    assert answer.status_code == 200


async def test_receivers_are_told_with_what_came_last(tmp_path: Path) -> None:
    """Receivers are told with what came last."""
    async with _asking(tmp_path) as (world, asking):
        await _deliver(asking)
        github, quay = (await asking.get(BASE)).json()["items"]
        assert github["url"] == f"{HOOKS_URL}{GITHUB}"
        assert (github["taken"], github["refused"], github["lastStatus"]) == (1, 0, 200)
        assert github["last"] is not None
        assert (github["warning"], github["usualSeconds"]) == ("", None)
        assert (quay["url"], quay["taken"], quay["last"]) == ("", 0, None)
        assert 'Secret "none" not found' in quay["warning"]
        del world


async def test_silence_is_warned_of(tmp_path: Path) -> None:
    """Silence is warned of."""
    async with _asking(tmp_path) as (world, asking):
        for _ in range(6):
            await _deliver(asking)
            await world.clock.advance(600)
        github, _ = (await asking.get(BASE)).json()["items"]
        assert (github["usualSeconds"], github["silentSeconds"]) == (600.0, None)
        await world.clock.advance(3 * 600)
        github, _ = (await asking.get(BASE)).json()["items"]
        assert github["silentSeconds"] == 4 * 600
        assert "nothing came for 40 minutes" in github["warning"]


async def test_silence_is_a_condition_until_something_comes(tmp_path: Path) -> None:
    """It comes by itself when the time is over, says since when and what to do, stays as it is, and goes with the next delivery."""
    async with _asking(tmp_path) as (world, asking):
        await _deliver(asking)
        await world.settled()
        assert await _silent(world) == ("", "", "")
        for _ in range(5):
            await world.clock.advance(600)
            await _deliver(asking)
        last = moments.whole_seconds(world.clock.now())
        await world.settled()
        await world.clock.advance(3 * 600)
        await world.settled()
        assert await _silent(world) == ("", "", "")
        await world.clock.advance(1)
        await world.settled()
        status, reason, message = await _silent(world)
        assert (status, reason) == ("True", "ReceiverSilent")
        assert message == (
            f"spec.webhookReceivers github: nothing came since {last}, 3 times and more what is usual (10 minutes): "
            "see at the sender whether it still delivers, and to which address"
        )
        before = await world.get(scheme.PROJECT_CONFIG, PROJECT)
        await world.clock.advance(7200)
        await world.settled()
        assert await world.get(scheme.PROJECT_CONFIG, PROJECT) == before, "written once"
        await _deliver(asking)
        await world.settled()
        assert await _silent(world) == ("", "", "")


async def _silent(world: Pipeline) -> tuple[str, str, str]:
    return await world.condition(scheme.PROJECT_CONFIG, PROJECT, "WebhooksSilent")


async def test_a_warehouse_says_which_receiver_of_its_is_silent(tmp_path: Path) -> None:
    """Since when and what to do; only where deliveries were about it, and by name only to who may see the configuration."""
    path = f"/towpath/v1/projects/{PROJECT}/warehouses/{{}}/explain"
    async with _asking(tmp_path) as (world, asking):
        elsewhere = git_warehouse("elsewhere", url="https://github.example/acme/other.git")
        await world.apply(elsewhere)
        for _ in range(6):
            await world.clock.advance(600)
            await _deliver(asking)
        last = moments.whole_seconds(world.clock.now())
        assert (await asking.get(path.format("git"))).json()["silentReceivers"] == []
        await world.clock.advance(2400)
        [told] = (await asking.get(path.format("git"))).json()["silentReceivers"]
        assert (told["name"], told["of"]) == ("github", "ProjectConfig")
        assert (told["since"], told["usualSeconds"]) == (last, 600.0)
        assert told["said"].startswith(f"nothing came since {last}, 3 times and more")
        assert f"towpath webhooks receipts github -p {PROJECT}" in told["remedy"]
        # One that a branch keeps from looking subscribes to the repository nevertheless.
        assert len((await asking.get(path.format("other"))).json()["silentReceivers"]) == 1
        assert (await asking.get(path.format("elsewhere"))).json()["silentReceivers"] == []
        token = await granted(world, ("warehouses", ["get"], []))
        async with client(world, token) as other:
            [told] = (await other.get(path.format("git"))).json()["silentReceivers"]
        assert (told["name"], told["remedy"]) == (
            "",
            "ask somebody who may see the ProjectConfig",
        )


async def test_receivers_and_receipts_come_in_pages(tmp_path: Path) -> None:
    """By name, and the newest first; a part of the name picks."""
    async with _asking(tmp_path) as (world, asking):
        first = (await asking.get(BASE, params={"limit": 1})).json()
        assert [each["name"] for each in first["items"]] == ["github"]
        rest = (await asking.get(BASE, params={"cursor": first["cursor"]})).json()
        assert ([each["name"] for each in rest["items"]], rest["cursor"]) == (["quay"], None)
        picked = (await asking.get(BASE, params={"q": "UAY"})).json()
        assert [each["name"] for each in picked["items"]] == ["quay"]
        for _ in range(3):
            await _deliver(asking)
            await world.clock.advance(60)
        found, query = list[str](), dict[str, str]()
        while query.get("cursor", "") is not None:
            page = await asking.get(f"{BASE}/github/receipts", params={"limit": "2", **query})
            found += [each["time"] for each in page.json()["items"]]
            query = {"cursor": page.json()["cursor"]}
        assert len(found) == len(set(found)) == 3
        assert found == sorted(found, reverse=True)


async def test_the_servers_own_look_names_receivers_that_are_ill(tmp_path: Path) -> None:
    """Those that are silent or do not listen, wherever they are; then what is said of all."""
    async with _asking(tmp_path) as (world, asking):
        for _ in range(6):
            await _deliver(asking)
            await world.clock.advance(600)
        look = ReceiverLook(
            store=world.store, receivers=world.webhooks.receivers, clock=world.clock
        )
        before = [each async for each in look.findings()]
        await world.clock.advance(3 * 600)
        after = [each async for each in look.findings()]
    assert [each.what for each in before] == [
        f"webhook receiver quay of Project {PROJECT}",
        "webhook receivers",
    ]
    silent = after[0]
    assert silent.what == f"webhook receiver github of Project {PROJECT}"
    assert silent.wellness is Wellness.ILL
    assert silent.said.startswith("nothing came for 40 minutes")
    assert silent.remedy == f"towpath webhooks receipts github -p {PROJECT} says what came"
    assert after[-1].said == "2 are ill"


async def test_receipts_say_who_looked_and_who_did_not(tmp_path: Path) -> None:
    """Receipts say who looked and who did not."""
    async with _asking(tmp_path) as (_, asking):
        await _deliver(asking)
        answer = await asking.get(f"{BASE}/github/receipts")
        (item,) = answer.json()["items"]
        assert item["woken"] == [{"project": PROJECT, "name": "git"}]
        assert item["passed"][0]["name"] == "other"
        assert item["passed"][0]["why"] == "refs/heads/main: the subscription is to branch other"
        assert (item["status"], item["event"], item["taken"]) == (200, "push", True)
        assert SECRET not in answer.text


async def test_a_trial_tells_the_same_and_wakes_nobody(tmp_path: Path) -> None:
    """A trial tells the same and wakes nobody."""
    async with _asking(tmp_path) as (world, asking):
        revision = world.store.revision()
        tried = await asking.post(
            f"{BASE}/github/test",
            json={"headers": {"X-GitHub-Event": "push"}, "body": push().decode()},
        )
        found = tried.json()
        assert found["answer"] == {"msg": "refreshed 1 warehouse(s)"}
        assert found["receipt"]["woken"] == [{"project": PROJECT, "name": "git"}]
        assert world.store.revision() == revision
        assert (await asking.get(f"{BASE}/github/receipts")).json()["items"] == []
        refused = await asking.post(
            f"{BASE}/github/test", json={"headers": {"X-GitHub-Event": "star"}, "body": {}}
        )
        assert refused.json()["receipt"]["status"] == 400
        missing = await asking.post(f"{BASE}/none/test", json={})
        assert missing.status_code == 404


@pytest.mark.parametrize("base", [BASE, "/towpath/v1/webhooks"])
async def test_strangers_are_told_nothing(tmp_path: Path, base: str) -> None:
    """Strangers are told nothing."""
    async with _asking(tmp_path) as (world, _):
        token = await granted(world, ("stages", ["get", "list"], []))
        async with client(world, token) as stranger, client(world, "") as nobody:
            for path in (base, f"{base}/github/receipts"):
                assert (await stranger.get(path)).status_code == 403
                assert (await nobody.get(path)).status_code == 401
            assert (await stranger.post(f"{base}/github/test", json={})).status_code == 403


async def test_a_configuration_that_is_made_anew_has_no_past(tmp_path: Path) -> None:
    """A configuration that is made anew has no past."""
    async with _asking(tmp_path) as (world, asking):
        await _deliver(asking)
        config = Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT)
        former = (await world.store.get(config)).uid
        await world.store.delete(config, actor="test")
        await world.settled()
        assert not await world.store.receipts.times(former)
        assert (await asking.get(BASE)).json()["items"] == []
        await world.apply(config_document(receiver("github")))
        await world.settled()
        (github,) = (await asking.get(BASE)).json()["items"]
        assert github["taken"] == 0


async def test_a_generic_receiver_does_what_its_expressions_say(tmp_path: Path) -> None:
    """A generic receiver does what its expressions say."""
    actions: list[dict[str, Any]] = [
        {
            "action": "Refresh",
            "whenExpression": 'request.header("x-event") == "pushed" && request.params("a") == "1"',
            "parameters": {"suffix": "acme/shop"},
            "targetSelectionCriteria": [
                {
                    "kind": "Warehouse",
                    "indexSelector": {
                        "matchIndices": [
                            {
                                "key": "subscribedURLs",
                                "operator": "Equals",
                                "value": "${{ normalizeGit(request.body.host + params.suffix) }}",
                            }
                        ]
                    },
                }
            ],
        },
        {
            "action": "Refresh",
            "targetSelectionCriteria": [
                {"kind": "Warehouse", "name": "${{ request.body.none.x }}"}
            ],
        },
        {
            "action": "Refresh",
            "whenExpression": "false",
            "targetSelectionCriteria": [{"kind": "Warehouse", "name": "git"}],
        },
        {
            "action": "Refresh",
            "targetSelectionCriteria": [
                {
                    "kind": "Warehouse",
                    "labelSelector": {"matchLabels": {"team": "${{ request.body.team }}"}},
                }
            ],
        },
    ]
    async with _asking(tmp_path) as (world, asking):
        labelled = git_warehouse("labelled", "https://elsewhere.example/x.git")
        labelled["metadata"]["labels"] = {"team": "shop"}
        await world.apply(labelled)
        await world.apply(config_document(receiver("generic", actions=actions)))
        await world.settled()
        answer = await asking.post(
            f"{path_of('generic')}?a=1",
            json={"host": "https://GitHub.example/", "team": "shop"},
            headers={"X-Event": "pushed"},
        )
        assert answer.status_code == 500
        first, second, third, fourth = answer.json()["results"]
        assert first["matchedWhenExpression"] is True
        assert first["result"] == "Success"
        assert [each["name"] for each in first["selectedTargets"]] == ["git", "other"]
        assert second["result"] == "Error"
        assert (third["result"], third["selectedTargets"]) == ("NotApplicable", [])
        assert [each["name"] for each in fourth["selectedTargets"]] == ["labelled"]
        again = await asking.post(path_of("generic"), json={"none": {"x": "git"}})
        assert [each["result"] for each in again.json()["results"]] == [
            "NotApplicable", "Success", "NotApplicable", "Error",
        ]  # fmt: skip


async def test_no_more_is_tried_out_at_the_same_time_than_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may only look on could have the server work at large bodies and long expressions, any number at once."""
    async with _asking(tmp_path) as (_, asking):
        monkeypatch.setattr(intake, "MOST", 0)
        answer = await asking.post(f"{BASE}/github/test", json={"body": {}})
        assert answer.status_code == 429
