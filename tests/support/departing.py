"""A Project with a past in a pipeline of its own, and what is asked of it where it goes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.store.contract import Query
from towpath.transfer import contents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEY = serving.TRANSFER_KEY.recipient.text
VALUE = "s3cr3tCANARYvalue91"
OURS = f"/towpath/v1/projects/{PROJECT}"
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "repo",
        "namespace": PROJECT,
        "labels": {"kargo.akuity.io/cred-type": "git"},
    },
    "stringData": {"repoURL": "https://example.com/a.git", "username": "u", "password": VALUE},
}


@dataclass
class Source:
    """A Project with a past: one Freight in `auto` and `dev`, a second approved and held."""

    world: Pipeline
    first: str
    second: str


@asynccontextmanager
async def source(folder: Path) -> AsyncIterator[Source]:
    """Run it."""
    folder.mkdir()
    async with running(folder) as world:
        soaking = stage_document("soaking", "auto")
        soaking["spec"]["requestedFreight"][0]["sources"]["requiredSoakTime"] = "1h"
        await world.apply(
            project_document("auto"),
            warehouse_document(),
            *(stage_document(name) for name in ("auto", "dev")),
            soaking,
            SECRET,
        )
        await world.settled()
        first = await world.freight("v1")
        await world.settled()
        await world.promote("dev", first)
        await world.settled()
        second = await world.freight("v2")
        await world.settled()
        await world.promote("auto", first)  # back by hand: a hold
        await world.settled()
        async with serving.client(world) as client:
            answer = await client.post(
                f"/v1beta1/projects/{PROJECT}/freight/{second}/approve?stage=soaking"
            )
            assert answer.status_code == 200, answer.text
        await world.settled()
        yield Source(world, first, second)
        if world.work.gate is not None:
            world.work.gate.set()


async def archive(world: Pipeline, key: str = KEY, salt: str = "") -> bytes:
    """Freeze the Project and return its archive."""
    async with serving.client(world) as client:
        frozen = await client.post(f"{OURS}/freeze", json={"reason": "it moves"})
        assert frozen.status_code == 200, frozen.text
        assert frozen.json()["underWay"] == []
        answer = await client.post(f"{OURS}/export", json={"key": key, "salt": salt})
        assert answer.status_code == 200, answer.text
        return answer.content


async def taken_in(world: Pipeline, content: bytes, status: int = 200) -> Any:
    """Send an archive; return the answer."""
    async with serving.client(world) as client:
        answer = await client.post("/towpath/v1/imports", content=content)
        assert answer.status_code == status, answer.text
        return answer.json()


async def everything(world: Pipeline) -> dict[str, Any]:
    """Return all objects of the Project, as they are but for what belongs to the store."""
    found = {}
    kinds = [*contents.CARRIED]
    for kind in kinds:
        for item in (await world.store.list(Query(kind=kind, namespace=PROJECT))).items:
            document = item.document
            del document["metadata"]["resourceVersion"]
            found[str(item.ref)] = document
    return found


async def told(world: Pipeline) -> dict[str, Any]:
    """Return what history answers, of all Stages."""
    found = {}
    async with serving.client(world) as client:
        for stage in ("auto", "dev", "soaking"):
            for of in ("freight", "promotions", "approvals", "verifications"):
                answer = await client.get(f"{OURS}/stages/{stage}/history?of={of}")
                assert answer.status_code == 200, answer.text
                found[f"{stage}/{of}"] = answer.json()["items"]
        answer = await client.get(f"/towpath/v1/history?project={PROJECT}")
        found["all"] = answer.json()["items"]
    return found
