"""Freight: what must not change, whose alias it is, and when it may go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client
from towpath.admission import aliases
from towpath.admission.requester import Requester
from towpath.admission.writer import Writer
from towpath.errors import Conflict, Forbidden, Invalid, NotFound
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.store.sqlite import refusing

if TYPE_CHECKING:
    from pathlib import Path

FREIGHT_CONTROLLER = Requester("controller:freight-controller", is_controller=True)


def _ref(name: str) -> Ref:
    return Ref(scheme.FREIGHT, PROJECT, name)


async def test_what_it_holds_and_whence_are_fixed(tmp_path: Path) -> None:
    """Each changed field is named."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        document = await world.get(scheme.FREIGHT, await world.freight("1.0.0"))
        document["images"][0]["tag"] = "2.0.0"
        document["origin"]["name"] = "other"
        with pytest.raises(Invalid) as caught:
            await world.writer.update(document, USER)
    assert sorted(cause.path for cause in caught.value.causes) == ["images", "origin"]


async def test_freight_of_the_future_is_refused(tmp_path: Path) -> None:
    """It would be the newest for ever; a day is left to clocks that go ahead, and what is stored may stay."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        first = await world.get(scheme.FREIGHT, await world.freight("1.0.0"))
        new = {key: first[key] for key in ("apiVersion", "kind", "origin")}
        new |= {
            "metadata": {"namespace": PROJECT},
            "images": [{**first["images"][0], "tag": "3.0.0"}],
        }
        far = "9999-12-31T23:59:59.999999999Z"
        for refused in (
            world.writer.update({**first, "discoveredAt": far}, USER),
            world.writer.create({**new, "discoveredAt": far}, USER),
        ):
            with pytest.raises(Invalid, match="more than a day ahead") as caught:
                await refused
            assert [cause.path for cause in caught.value.causes] == ["discoveredAt"]
        soon = moments.written(world.clock.now() + timedelta(hours=23))
        await world.writer.update({**first, "discoveredAt": soon}, USER)
        world.clock.set_wall(world.clock.now() - timedelta(days=2))
        stored = await world.get(scheme.FREIGHT, first["metadata"]["name"])
        labelled = {**stored["metadata"], "labels": {**stored["metadata"]["labels"], "a": "b"}}
        written = await world.writer.update({**stored, "metadata": labelled}, USER)
        assert written.stored.document["discoveredAt"] == soon
        later = await world.get(scheme.FREIGHT, await world.freight("4.0.0"))
        assert later["discoveredAt"] > soon.removesuffix("Z")


async def test_an_alias_that_is_taken(tmp_path: Path) -> None:
    """A conflict with the Freight that has it; its own alias may be written again."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        first = await world.get(scheme.FREIGHT, await world.freight("1.0.0"))
        second = await world.get(scheme.FREIGHT, await world.freight("2.0.0"))
        taken: dict[str, Any] = {**second, "alias": first["alias"]}
        with pytest.raises(Conflict, match=first["metadata"]["name"]):
            await world.writer.update(taken, USER)
        assert (await world.writer.update(first, USER)).unchanged
        new = {key: second[key] for key in ("apiVersion", "kind", "origin")}
        images = [{**second["images"][0], "tag": "3.0.0"}]
        new |= {"metadata": {"namespace": PROJECT}, "images": images, "alias": first["alias"]}
        with pytest.raises(Invalid, match=first["metadata"]["name"]) as caught:
            await world.writer.create(new, USER)
        assert [cause.path for cause in caught.value.causes] == ["alias"]


async def test_of_writers_at_once_one_gets_an_alias(tmp_path: Path) -> None:
    """On every way in: by the field, as a new object, by REST, by a patch and an apply of the Kubernetes API."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        names = [await world.freight(f"{number}.0.0") for number in range(6)]
        documents = [await world.get(scheme.FREIGHT, name) for name in names]
        base = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/freights"
        merges = {"content-type": "application/merge-patch+json"}
        async with client(world) as caller:
            applied = {key: documents[3][key] for key in ("apiVersion", "kind", "origin", "images")}
            applied |= {"metadata": {"name": names[3]}, "alias": "calm-otter"}
            answers = await asyncio.gather(
                world.writer.update({**documents[0], "alias": "calm-otter"}, USER),
                world.writer.update({**documents[1], "alias": "calm-otter"}, USER),
                caller.patch(
                    f"{base}/{names[2]}", content=b'{"alias":"calm-otter"}', headers=merges
                ),
                caller.patch(
                    f"{base}/{names[3]}?fieldManager=x&force=true",
                    json=applied,
                    headers={"content-type": "application/apply-patch+yaml"},
                ),
                caller.patch(
                    f"/v1beta1/projects/{PROJECT}/freight/{names[4]}/alias?newAlias=calm-otter"
                ),
                caller.put("/v1beta1/resources", json={**documents[5], "alias": "calm-otter"}),
                return_exceptions=True,
            )
        codes = [getattr(each, "status_code", 409 if isinstance(each, Conflict) else 200)
                 for each in answers]  # fmt: skip
        found = [(await world.get(scheme.FREIGHT, name))["alias"] for name in names]
        assert found.count("calm-otter") == 1
        assert sorted(codes) == [200, 409, 409, 409, 409, 409], (codes, answers)


async def test_an_alias_that_was_drawn_twice_is_drawn_again(tmp_path: Path) -> None:
    """Freight made at the same moment by the same luck: nobody is refused for what they did not name."""
    drawn = iter([0, 0, 0, 0, *range(1, 100)])
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        writer = Writer(
            world.store,
            clock=world.clock,
            known_steps={},
            known_subscriptions={"image": None},
            randomness=lambda size: next(drawn).to_bytes(size, "big"),
        )
        document = await world.get(scheme.FREIGHT, await world.freight("0.0.1"))
        image = document["images"][0]
        wanted = [
            {
                "apiVersion": document["apiVersion"],
                "kind": "Freight",
                "metadata": {"namespace": PROJECT},
                "origin": document["origin"],
                "images": [{**image, "tag": tag}],
            }
            for tag in ("1.0.0", "2.0.0")
        ]
        made = await asyncio.gather(*(writer.create(each, USER) for each in wanted))
        assert len({each.stored.document["alias"] for each in made}) == 2


async def test_aliases_from_before_are_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The eldest keeps it; until then nothing else of such Freight is held up, and nobody guesses which is meant."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        names = [await world.freight(f"{number}.0.0") for number in range(3)]
        with monkeypatch.context() as older:
            older.setattr(refusing, "taken", lambda *_: None)
            for name in names:
                document = await world.get(scheme.FREIGHT, name)
                document["alias"] = "calm-otter"
                document["metadata"]["labels"]["kargo.akuity.io/alias"] = "calm-otter"
                await world.store.update(document, actor="older")
        await world.writer.annotate(_ref(names[2]), {"a": "b"}, USER)
        async with client(world) as caller:
            unsure = await caller.get(f"/v1beta1/projects/{PROJECT}/freight/calm-otter")
            assert unsure.status_code == 409
            assert await aliases.mend(world.store, world.writer) == 2
            told = await caller.get(f"/v1beta1/projects/{PROJECT}/freight/calm-otter")
            assert told.json()["metadata"]["name"] == names[0]
        assert await aliases.mend(world.store, world.writer) == 0
        assert not (await world.get(scheme.FREIGHT, names[1])).get("alias")


async def test_freight_in_a_stage_stays(tmp_path: Path) -> None:
    """The Stage decides: what the Freight's own status says of it follows with a delay."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        old, new = await world.freight("1.0.0"), await world.freight("2.0.0")
        for name in (old, new):
            await world.promote("dev", name)
            await world.settled()

        def forgotten(status: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in status.items() if key != "currentlyIn"}

        await world.writer.set_status(_ref(new), forgotten, FREIGHT_CONTROLLER)
        with pytest.raises(Forbidden, match="Stage dev"):
            await world.writer.delete(_ref(new), USER)
        await world.writer.delete(_ref(old), USER)
        with pytest.raises(NotFound):
            await world.get(scheme.FREIGHT, old)
