"""What was released, to steps of Promotions and to callers of the API: real Git, real store, the controllers that run."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import TOKEN, account_token, client, granted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repositories

PATH = f"/towpath/v1/projects/{PROJECT}/compare"
CONFIG = {
    "commits": "${{ commitsBetween() }}",
    "subjects": "${{ join(map(commitsBetween(), #.subject), ', ') }}",
    "issues": r"${{ issuesBetween('SHOP-\\d+') }}",
    "notes": "${{ vars.notes }}",
}


class Shop:
    """A Stage, and Freight of one Git repository."""

    def __init__(self, world: Pipeline, server: GitServer, url: str) -> None:
        self.world = world
        self.server = server
        self.url = url

    async def freight(self, message: str = "") -> str:
        """Make Freight of a commit, a new one if it has a message; return its name."""
        if message:
            self.server.commit("app", {"a": message}, message=message)
        await self.world.clock.advance(1)
        written = await self.world.writer.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Freight",
                "metadata": {"namespace": PROJECT},
                "origin": {"kind": "Warehouse", "name": "main"},
                "commits": [{"repoURL": self.url, "id": self.server.head("app")}],
            },
            USER,
        )
        return written.stored.ref.name

    async def promoted(self, freight: str) -> dict[str, Any]:
        """Promote Freight, and return what the step was given."""
        name = await self.world.promote("dev", freight)
        await self.world.settled()
        for each in await self.world.promotions("dev"):
            if each.ref.name == name:
                status = each.document["status"]
                assert status["phase"] == "Succeeded", status
        return self.world.work.configs["say"]

    async def ask(self, before: str, after: str, token: str = TOKEN, **more: str) -> httpx.Response:
        """Ask the API."""
        async with client(self.world, token) as http:
            return await http.get(PATH, params={"from": before, "to": after, **more})


@asynccontextmanager
async def shop(folder: Path, server: GitServer, repositories: Repositories) -> AsyncIterator[Shop]:
    """Run the controllers over a Project with a Stage whose step says what was released."""
    url = server.create("app", {"a": "0"})
    warehouse, stage = warehouse_document(), stage_document("dev")
    warehouse["spec"]["subscriptions"] = [{"git": {"repoURL": url}}]
    template = stage["spec"]["promotionTemplate"]["spec"]
    template["steps"] = [{"uses": "work", "as": "say", "config": CONFIG}]
    template["vars"] = [{"name": "notes", "value": "${{ releaseNotes('text') }}"}]
    async with running(folder / "world", repositories=repositories) as world:
        await world.apply(project_document(), warehouse, stage)
        await world.settled()
        yield Shop(world, server, url)


async def test_steps_are_told_what_was_released(
    tmp_path: Path, server: GitServer, repositories: Repositories
) -> None:
    """Between what was in the Stage and what comes; back again nothing comes, and what goes away is named."""
    async with shop(tmp_path, server, repositories) as it:
        first = await it.freight()
        said = await it.promoted(first)
        assert (said["commits"], said["issues"]) == ([], [])
        assert "commits not known: nothing of it was there before" in said["notes"]
        await it.freight("SHOP-1 Basket")
        second = await it.freight("SHOP-2 Till")
        said = await it.promoted(second)
        assert said["subjects"] == "SHOP-2 Till, SHOP-1 Basket"
        assert said["issues"] == ["SHOP-2", "SHOP-1"]
        assert said["commits"][0]["repoURL"] == it.url
        assert "SHOP-1 Basket (Seed, 2023-11-14)" in said["notes"]
        said = await it.promoted(first)
        assert said["issues"] == []
        assert "2 commits go away:" in said["notes"]


async def test_a_plan_tells_it_as_well(
    tmp_path: Path, server: GitServer, repositories: Repositories
) -> None:
    """Nothing is unknown: repositories are read."""
    async with shop(tmp_path, server, repositories) as it:
        await it.promoted(await it.freight())
        second = await it.freight("SHOP-3 Door")
        async with client(it.world, TOKEN) as http:
            answer = await http.post(
                f"/towpath/v1/projects/{PROJECT}/plan", json={"stage": "dev", "freight": second}
            )
        assert answer.status_code in (200, 201), answer.text
        assert it.world.work.configs["say"]["issues"] == ["SHOP-3"]
        assert "known after" not in answer.text


async def test_freight_and_stages_are_compared(
    tmp_path: Path, server: GitServer, repositories: Repositories
) -> None:
    """By name and by alias; in words, too."""
    async with shop(tmp_path, server, repositories) as it:
        first = await it.freight()
        second = await it.freight("SHOP-4 *Roof*")
        await it.promoted(first)
        found = (await it.ask("dev", second)).json()
        assert found["from"] == {"kind": "stage", "name": "dev", "alias": ""}
        assert (found["to"]["kind"], found["to"]["name"]) == ("freight", second)
        (artifact,) = found["artifacts"]
        assert (artifact["change"], artifact["repoURL"]) == ("changed", it.url)
        assert [each["subject"] for each in artifact["commits"]] == ["SHOP-4 *Roof*"]
        assert "notes" not in found
        assert found["issues"] == ["SHOP-4"]
        alias = found["to"]["alias"]
        words = (await it.ask("stage/dev", f"freight/{alias}", format="markdown")).json()
        assert r"SHOP-4 \*Roof\*" in words["notes"]
        same = (await it.ask(first, "stage/dev", format="text")).json()
        assert same["notes"] == "Nothing differs."


async def test_what_cannot_be_compared(
    tmp_path: Path, server: GitServer, repositories: Repositories
) -> None:
    """It is said which of the two, and what is meant."""
    async with shop(tmp_path, server, repositories) as it:
        first = await it.freight()
        for before, after, code, said in (
            ("dev", "", 400, "to: it must name"),
            ("dev", "nobody", 404, "to: Project"),
            ("stage/nobody", first, 404, "nobody"),
            ("warehouse/main", first, 400, "from: 'warehouse' is neither freight nor stage"),
        ):
            answer = await it.ask(before, after)
            assert (answer.status_code, said in answer.text) == (code, True), answer.text
        assert (await it.ask("dev", first, format="html")).status_code == 400
        await it.world.apply(stage_document(first))
        assert "both Freight and a Stage" in (await it.ask("dev", first)).text


async def test_who_may_ask(tmp_path: Path, server: GitServer, repositories: Repositories) -> None:
    """Whoever reads Freight; of a Stage, whoever reads it."""
    async with shop(tmp_path, server, repositories) as it:
        first = await it.freight()
        viewer = await account_token(it.world, PROJECT, "kargo-viewer")
        assert (await it.ask("dev", first, viewer)).status_code == 200
        only = await granted(it.world, ("freights", ["list", "get"], []), account="reader")
        assert (await it.ask(first, first, only)).status_code == 200
        assert (await it.ask("stage/dev", first, only)).status_code == 403
        assert (await it.ask("dev", first, only)).status_code == 404
        none = await granted(it.world, ("stages", ["get"], []), account="other")
        assert (await it.ask(first, first, none)).status_code == 403
