"""The board over the API: what is where, why the next does not come, and no more than one may see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import apsw

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PATH = f"/towpath/v1/projects/{PROJECT}/board"


async def _asked(world: Pipeline, token: str = serving.TOKEN, **headers: str) -> httpx.Response:
    async with serving.client(world, token) as client:
        return await client.get(PATH, headers=headers)


async def _board(world: Pipeline, token: str = serving.TOKEN) -> dict[str, Any]:
    answer = await _asked(world, token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _stages(board: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in board["stages"]}


async def test_the_board_says_what_is_where_and_what_comes_next(tmp_path: Path) -> None:
    """A promotion by hand leaves the Stage below it behind, with the gate that keeps the next from it."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        first = await world.freight("1.0.0")
        await world.settled()
        await world.promote("prod", first)
        await world.settled()
        second = await world.freight("1.1.0")
        await world.settled()
        board = await _board(world)
        assert [each["title"] for each in board["cols"]] == ["dev", "prod"]
        assert [each["name"] for each in board["freight"]] == [second, first]
        assert board["freight"][0]["artifacts"][0][:3] == ["image", "app", "1.1.0"]
        dev, prod = _stages(board)["dev"], _stages(board)["prod"]
        assert dev["freight"] == [second]
        assert (dev["from"], "from" in prod) == (["main"], False)
        assert dev["auto"]
        assert (prod["freight"], prod["up"], prod["col"]) == ([first], ["dev"], 1)
        assert prod["behind"] == 1
        assert prod["actor"] == "email:dev@example.com"
        assert "blocker" not in prod
        assert "promote" in board["may"]


async def test_the_board_tells_of_windows_of_the_instance_and_of_their_end(tmp_path: Path) -> None:
    """While somebody looks: one that is written counts at once, and one that ends by time alone is gone then."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.freight("1.0.0")
        await world.settled()
        end = world.clock.now() + timedelta(hours=3)
        form = "%Y%m%dT%H%M%SZ"
        times = {"dtstart": world.clock.now().strftime(form), "dtend": end.strftime(form)}
        window = {"name": "freeze", "kind": "Deny", **times}
        config = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "ClusterConfig",
            "metadata": {"name": "cluster"},
            "spec": {"promotionWindows": [window]},
        }
        async with serving.client(world) as client:

            async def blocked() -> Any:
                return _stages((await client.get(PATH)).json())["dev"].get("blocker")

            assert await blocked() is None
            await world.writer.create(config, USER)
            assert await blocked() == ["window", int(end.timestamp())]
            await world.clock.advance(3 * 3600 + 1)
            assert await blocked() is None


async def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    """And a change is seen by the next request, whoever wrote it."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        async with serving.client(world) as client:
            first = await client.get(PATH)
            again = await client.get(PATH, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            await world.apply(stage_document("late", "dev"))
            changed = await client.get(PATH, headers={"If-None-Match": first.headers["etag"]})
            assert changed.status_code == 200
            assert {each["name"] for each in changed.json()["stages"]} == {"dev", "late"}


async def test_nobody_sees_more_than_they_may(tmp_path: Path) -> None:
    """Who may read one Stage sees one; its neighbours' names are not told."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        await world.freight("1.0.0")
        token = await serving.granted(
            world, ("stages", ["get", "promote"], ["prod"]), account="one"
        )
        board = await _board(world, token)
        assert list(_stages(board)) == ["prod"]
        assert board["freight"] == board["lanes"] == board["may"] == []
        assert "up" not in _stages(board)["prod"]
        assert _stages(board)["prod"]["may"] == ["verify", "hold"]
        assert "dev" not in str(board)
        none = await serving.granted(world, ("freights", ["get"], []), account="none")
        refused = await _asked(world, none)
        assert refused.status_code == 403
        assert "stages" in refused.json()["error"]


async def test_a_stage_that_cannot_be_read_is_shown_as_that(tmp_path: Path) -> None:
    """And keeps no other from being shown."""
    async with running(tmp_path) as world:
        stages = (stage_document("good"), stage_document("bad"))
        await world.apply(project_document(), warehouse_document(), *stages)
        await world.settled()
    connection = apsw.Connection(str(tmp_path / "data" / "towpath.db"))
    connection.execute("UPDATE objects SET body = ? WHERE name = ?", (b'{"spec":7', "bad"))
    connection.close()
    async with running(tmp_path) as world:
        found = _stages(await _board(world))
        assert set(found) == {"good", "bad"}
        assert found["bad"]["phase"] == "Unreadable"
        assert found["bad"]["role"] == "fail"
        assert found["bad"]["msg"].startswith("cannot be read: ")


async def test_a_project_that_is_not_there_is_said(tmp_path: Path) -> None:
    """As for every other route of it."""
    async with running(tmp_path) as world:
        answer = await _asked(world)
        assert answer.status_code == 404
        assert "not found" in answer.json()["error"]


async def test_the_board_of_a_moment_says_what_was_where_then(tmp_path: Path) -> None:
    """Also of a Stage that is gone; nothing of it can be acted on."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev", "old"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("old"),
        )
        first = await world.freight("1.0.0")
        await world.settled()
        await world.clock.advance(60)
        then = moments.written(world.clock.now())
        await world.clock.advance(60)
        second = await world.freight("1.1.0")
        await world.settled()
        await world.store.delete(Ref(scheme.STAGE, PROJECT, "old"), actor="test")
        await world.settled()
        async with serving.client(world) as client:
            past = (await client.get(f"{PATH}?at={then}")).json()
            now = (await client.get(PATH)).json()
            for wrong in ("yesterday", "2999-01-01T00:00:00Z"):
                assert (await client.get(f"{PATH}?at={wrong}")).status_code == 400
        assert _stages(now)["dev"]["freight"] == [second]
        assert set(_stages(now)) == {"dev"}
        assert past["past"]
        assert past["now"] == ["dev", "old"]
        assert {name: each["freight"] for name, each in _stages(past).items()} == {
            "dev": [first],
            "old": [first],
        }
        assert _stages(past)["old"]["gone"]
        assert past["rows"][-1]["title"] == "no longer there"
        assert [each["name"] for each in past["freight"]] == [first]
        assert "may" not in past
