"""…/warehouses/{name}/explain: who is told what, who may have other servers asked, and that a trial stores nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support import waiting
from tests.support.pipeline import PROJECT, project_document, running, warehouse_document
from tests.support.serving import TOKEN, account_token, client
from towpath.controllers.warehouse import REQUESTER
from towpath.errors import Unavailable
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

SLOW = "slow.example/app"
PATH = f"/towpath/v1/projects/{PROJECT}/warehouses/main/explain"


async def test_what_is_known_is_told_without_a_look(tmp_path: Path) -> None:
    """Who may see the Warehouse is told what was found, and after a look of somebody else's also what that came to."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.1.0", "1.0.0"]
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        looks = len(world.images.looks)
        viewer = await account_token(world, PROJECT, "kargo-viewer")
        async with client(world, viewer) as http:
            found = (await http.get(PATH)).json()
            assert (found["warehouse"], found["edited"], found["explainedAt"]) == (
                "main",
                False,
                None,
            )
            assert found["lastLook"] is not None
            assert found["nextLook"] is not None
            assert found["waitingFor"] == "the next look for artifacts"
            [one] = found["subscriptions"]
            assert (one["type"], one["repoURL"]) == ("image", "registry.example/app")
            assert one["candidates"] == [
                {"name": "1.1.0", "outcome": "wins"},
                {"name": "1.0.0", "outcome": "offered"},
            ]
            assert (await http.post(PATH)).status_code == 403
            assert len(world.images.looks) == looks


async def test_a_look_says_what_would_become_of_it(tmp_path: Path) -> None:
    """Freight that there is, that is made next, that criteria, the policy or a burst keep back; and what is kept for others."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        async with client(world, TOKEN) as http:
            found = (await http.post(PATH)).json()
            assert found["freight"]["state"] == "exists"
            assert found["freight"]["alias"]
            assert (await http.get(PATH)).json() == found
            world.images.tags = ["1.1.0", "1.0.0"]
            assert (await http.post(PATH)).json()["freight"]["state"] == "made"
            world.images.tags = []
            lacking = (await http.post(PATH)).json()["freight"]
            assert lacking["state"] == "lacking"
            assert "no tag of registry.example/app matches" in lacking["message"]
            world.images.error = Unavailable("the registry is down")
            failed = (await http.post(PATH)).json()
            assert failed["freight"]["state"] == "failed"
            assert failed["subscriptions"][0]["error"] == "the registry is down"


async def test_a_trial_is_admitted_and_not_stored(tmp_path: Path) -> None:
    """By the rules of the file; one that could not be written is refused as it would be then."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        before = await world.get(scheme.WAREHOUSE, "main")
        trial = warehouse_document(automatic=True)
        trial["spec"]["subscriptions"] = [{"image": {"repoURL": "registry.example/other"}}]
        trial["metadata"]["annotations"] = {"towpath.dev/settle": "30s"}
        async with client(world, TOKEN) as http:
            found = (await http.post(PATH, json=trial)).json()
            assert found["edited"] is True
            assert found["subscriptions"][0]["repoURL"] == "registry.example/other"
            assert found["freight"]["state"] == "settles"
            assert (await http.get(PATH)).json()["explainedAt"] is None
            settles = warehouse_document(automatic=True)
            settles["metadata"]["annotations"] = trial["metadata"]["annotations"]
            assert (await http.post(PATH, json=settles)).status_code == 200
            assert (await http.get(PATH)).json()["explainedAt"] is None
            manual = warehouse_document(automatic=False)
            manual["spec"]["subscriptions"] = trial["spec"]["subscriptions"]
            assert (await http.post(PATH, json=manual)).json()["freight"]["state"] == "manual"
            for wrong, status in (
                ({**trial, "spec": {"subscriptions": []}}, 422),
                ({**trial, "kind": "Stage"}, 400),
                ({**trial, "metadata": {"name": "other"}}, 400),
                ({**trial, "spec": "x"}, 422),
            ):
                answer = await http.post(PATH, json=wrong)
                assert answer.status_code == status, answer.text
            missing = PATH.replace("main", "none")
            assert (await http.post(missing)).status_code == 404
        assert await world.get(scheme.WAREHOUSE, "main") == before


async def test_what_fails_and_what_settles_is_told(tmp_path: Path) -> None:
    """Since when, and until when."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        document: dict[str, Any] = warehouse_document(automatic=True)
        document["metadata"]["annotations"] = {"towpath.dev/settle": "30s"}
        await world.apply(project_document(), document)
        await world.settled()
        async with client(world, TOKEN) as http:
            found = (await http.get(PATH)).json()
            assert found["settling"]["until"] == found["nextLook"]
            assert found["settling"]["began"] < found["settling"]["until"]
            assert found["failing"] is None
            world.images.error = Unavailable("the registry is down")
            await world.clock.advance(31)
            await world.settled()
            found = (await http.get(PATH)).json()
            assert found["failing"]["reason"] == "DiscoveryFailed"
            assert "the registry is down" in found["failing"]["message"]


async def test_each_chart_of_a_repository_is_told_of(tmp_path: Path) -> None:
    """What was found is that of the subscription of the same chart, of the same name for those of other types."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        charts = "https://charts.example"
        document = warehouse_document(automatic=True)
        document["spec"]["subscriptions"] = [
            {"chart": {"repoURL": charts, "name": "web"}},
            {"chart": {"repoURL": charts, "name": "db"}, "name": "data"},
        ]
        await world.apply(document)
        await world.settled()
        ref = Ref(scheme.WAREHOUSE, PROJECT, "main")
        found = {
            "discoveredAt": "2026-01-01T00:00:00Z",
            "charts": [
                {"repoURL": charts, "name": "web", "versions": ["2.0.0"]},
                {"repoURL": charts, "name": "db", "subscriptionName": "data", "versions": ["1"]},
            ],
        }
        await world.writer.set_status(ref, lambda _: {"discoveredArtifacts": found}, REQUESTER)
        async with client(world, TOKEN) as http:
            told = (await http.get(PATH)).json()["subscriptions"]
            assert [[each["name"] for each in one["candidates"]] for one in told] == [
                ["2.0.0"],
                ["1"],
            ]


async def test_odd_trials_are_refused(tmp_path: Path) -> None:
    """Each with a status of its own fault, none with one of ours."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        good = warehouse_document(automatic=True)
        named = {"name": "main"}
        async with client(world, TOKEN) as http:
            for odd in (
                {**good, "metadata": {**named, "annotations": {"towpath.dev/settle": 5}}},
                {**good, "metadata": {**named, "annotations": {"towpath.dev/settle": "soon"}}},
                {**good, "spec": None},
                {**good, "spec": {"subscriptions": "x"}},
                {**good, "metadata": []},
            ):
                answer = await http.post(PATH, json=odd)
                assert answer.status_code in (400, 422), (odd, answer.text)


async def test_a_project_whose_servers_are_slow_keeps_nobody_elses_from_being_explained(
    tmp_path: Path,
) -> None:
    """Nor may any number of its explanations wait."""
    other = "mill"
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        elsewhere = warehouse_document()
        elsewhere["metadata"]["namespace"] = other
        neighbour = {**project_document(), "metadata": {"name": other}}
        await world.apply(project_document(), neighbour)
        await world.settled()
        await world.apply(warehouse_document(), elsewhere)
        await world.settled()
        answer = world.images.slow[SLOW] = asyncio.Event()
        trial = warehouse_document(subscriptions=[{"image": {"repoURL": SLOW}}])
        async with client(world, TOKEN) as http:
            slow = [asyncio.create_task(http.post(PATH, json=trial)) for _ in range(20)]
            await waiting.until_async(lambda: _done(slow, 11))
            assert {each.result().status_code for each in slow if each.done()} == {429}
            found = await http.post(PATH.replace(PROJECT, other))
            assert found.json()["subscriptions"][0]["candidates"][0]["name"] == "1.0.0"
            answer.set()
            told = [each.status_code for each in await asyncio.gather(*slow)]
            assert told.count(200) == 9


async def _done(tasks: list[asyncio.Task[Any]], count: int) -> bool:
    return sum(task.done() for task in tasks) >= count
