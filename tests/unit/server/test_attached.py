"""…/freight/{name}/attached: who may ask, what is told of each image, and how often registries are asked."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, cast

import httpx

from tests.support import waiting
from tests.support.attaching import NOTATION, SPDX, SUBJECT, Attaching, descriptor
from tests.support.odd_registry import world as registry
from tests.support.pipeline import PROJECT, USER, project_document, running, warehouse_document
from tests.support.serving import TOKEN, granted, services
from tests.support.strict_answers import StrictTransport
from towpath.errors import Unavailable
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.clients.oci import Registries

OURS = f"/towpath/v1/projects/{PROJECT}/freight"
REPO = "registry.example/a"


def _client(world: Pipeline, registries: Registries, token: str = TOKEN) -> httpx.AsyncClient:
    readiness = Readiness()
    readiness.reason = None
    app = application(services(world, registries=registries), AdminToken(TOKEN), readiness)
    return httpx.AsyncClient(
        transport=StrictTransport(app=app),
        base_url="http://test",
        headers={"Authorization": f"Bearer {token}"},
    )


async def _freight(world: Pipeline, *repositories: str) -> str:
    """Make Freight of images, and the Warehouse that subscribes to them."""
    subscribed = [{"image": {"repoURL": each}} for each in repositories]
    await world.apply(project_document())
    await world.settled()
    await world.apply(warehouse_document(subscriptions=subscribed))
    await world.settled()
    images = [{"repoURL": each, "tag": "1", "digest": SUBJECT} for each in repositories]
    written = await world.writer.create(
        {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Freight",
            "metadata": {"namespace": PROJECT},
            "alias": "fox",
            "origin": {"kind": "Warehouse", "name": "main"},
            "images": images,
        },
        USER,
    )
    return str(written.stored.ref.name)


async def test_each_image_is_told_of_and_one_that_fails_hides_no_other(tmp_path: Path) -> None:
    """Registries are asked once a minute, for one type apart."""
    async with running(tmp_path) as world, registry() as (served, registries):
        created = {"org.opencontainers.image.created": "2026-01-02T03:04:05Z"}
        Attaching([descriptor(NOTATION, annotations=created), descriptor(SPDX)]).serve(served)
        Attaching(api=False).serve(served, "old")
        Attaching(api=False, there=False).serve(served, "gone")
        name = await _freight(world, REPO, "registry.example/old", "registry.example/gone")
        async with _client(world, registries) as http:
            answer = await http.get(f"{OURS}/{name}/attached")
            assert answer.status_code == 200, answer.text
            told = answer.json()
            assert (told["freight"], told["alias"], told["leftOut"]) == (name, "fox", 0)
            good, old, gone = told["images"]
            assert [(each["kind"], each["format"]) for each in good["attached"]] == [
                ("signature", "notation"),
                ("sbom", "SPDX"),
            ]
            assert good["attached"][0]["created"] == "2026-01-02T03:04:05Z"
            assert (old["by"], old["error"], old["attached"]) == ("nothing", "", [])
            assert (gone["by"], gone["askedAt"]) == ("", None)
            assert "answered 404" in gone["error"]
            before = [each for each in served.asked if "/gone/" not in each]
            await http.get(f"{OURS}/fox/attached")
            assert [each for each in served.asked if "/gone/" not in each] == before
            some = await http.get(f"{OURS}/fox/attached", params={"artifactType": SPDX})
            assert [each["kind"] for each in some.json()["images"][0]["attached"]] == ["sbom"]
            count = len(served.asked)
            await world.clock.advance(61)
            await http.get(f"{OURS}/fox/attached")
            assert len(served.asked) >= count + len(before)
            for wrong in ("x" * 300, "a\nb"):
                refused = await http.get(f"{OURS}/fox/attached", params={"artifactType": wrong})
                assert refused.status_code == 400
            assert (await http.get(f"{OURS}/none/attached")).status_code == 404


async def test_certificates_are_verified_as_the_warehouse_has_it(tmp_path: Path) -> None:
    """What a registry's client says is cut to what people read."""
    opened: dict[str, bool] = {}

    class Noting:
        """Registries that note how they are opened."""

        def open(self, url: str, _: object, *, insecure: bool) -> None:
            """Refuse."""
            opened[url] = insecure
            raise Unavailable("x\x1b[31m" * 5_000)

    async with running(tmp_path) as world:
        name = await _freight(world, REPO, "registry.example/b")
        subscribed = [
            {"image": {"repoURL": REPO, "insecureSkipTLSVerify": True}},
            {"image": {"repoURL": "registry.example/b"}},
        ]
        await world.apply(warehouse_document(subscriptions=subscribed))
        async with _client(world, cast("Registries", Noting())) as http:
            told = (await http.get(f"{OURS}/{name}/attached")).json()["images"]
        assert opened == {REPO: True, "registry.example/b": False}
        assert all(set(each["error"]) <= {"x", "…"} for each in told)
        assert all(len(each["error"]) <= 2 << 10 for each in told)


async def test_who_may_see_the_freight_may_ask(tmp_path: Path) -> None:
    """By its name: a right to an alias is none."""
    async with running(tmp_path) as world, registry() as (served, registries):
        Attaching().serve(served)
        name = await _freight(world, REPO)
        alias_only = await granted(world, ("freights", ["get"], ["fox"]), account="one")
        named = await granted(world, ("freights", ["get"], [name]), account="two")
        nobody = await granted(world, ("stages", ["get"], []), account="three")
        for token, path, status in (
            (alias_only, "fox", 403),
            (named, name, 200),
            (nobody, name, 403),
        ):
            async with _client(world, registries, token) as http:
                assert (await http.get(f"{OURS}/{path}/attached")).status_code == status
        assert any("referrers" in each for each in served.asked)


async def test_a_project_has_one_question_at_a_time_and_few_that_wait(tmp_path: Path) -> None:
    """However many of its people ask at once."""
    async with running(tmp_path) as world, registry() as (served, registries):
        Attaching([descriptor(NOTATION)]).serve(served)
        listed, answers = served.special["/v2/a/referrers/"], threading.Event()
        served.special["/v2/a/referrers/"] = lambda request: (answers.wait(30), listed(request))[1]
        path = f"{OURS}/{await _freight(world, REPO)}/attached"
        async with _client(world, registries) as http:
            asking = [asyncio.create_task(http.get(path)) for _ in range(12)]

            async def refused() -> bool:
                return sum(each.done() for each in asking) >= 3

            await waiting.until_async(refused)
            assert {each.result().status_code for each in asking if each.done()} == {429}
            answers.set()
            told = [each.status_code for each in await asyncio.gather(*asking)]
        assert told.count(200) == 9
        assert sum("referrers" in each for each in served.asked) == 1
