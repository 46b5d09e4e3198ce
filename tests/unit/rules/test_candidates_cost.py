"""Choosing among many Freight asks for the gates of each once, however many pages there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.candidates import choose
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.gates import availability
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COUNT = 330
ORIGIN = {"kind": "Warehouse", "name": "main"}


def _freight(number: int, at: str) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": PROJECT, "name": f"f{number:04}"},
        "origin": ORIGIN,
        "discoveredAt": at,
    }


async def test_each_freight_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all of them shut, and with the newest few open; others get the loop between two pages."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        for number in range(COUNT):
            at = f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"
            await world.store.create(_freight(number, at), actor=USER.actor)
        await world.settled()
        asked: list[str] = []
        honest = availability.gates

        def counted(stage: Any, freight: Any, **more: Any) -> Any:
            asked.append(freight.metadata.name)
            return honest(stage, freight, **more)

        monkeypatch.setattr(availability, "gates", counted)
        for name, found, most in (("prod", None, 0), ("dev", f"f{COUNT - 1:04}", 2)):
            asked.clear()
            stage = (await world.store.get(Ref(scheme.STAGE, PROJECT, name))).view(Stage)
            choice = await choose(
                world.store, stage, stage.spec.requested_freight[0], now=world.clock.now()
            )
            assert (choice.freight.metadata.name if choice.freight else None) == found
            assert len(asked) == len(set(asked)) <= most


async def test_of_what_comes_from_upstream_only_what_was_verified_or_approved_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much newer Freight there is; the newest of both is taken, and what soaks is heeded."""
    async with running(tmp_path) as world:
        soaking = stage_document("late", "dev", "test", soak="1h")
        await world.apply(
            project_document(),
            warehouse_document(),
            *(stage_document(name) for name in ("dev", "test")),
            stage_document("prod", "dev", "test"),
            stage_document("other", "test"),
            soaking,
        )
        since = "2026-01-01T00:00:00Z"
        for number in range(COUNT):
            document = _freight(number, f"2025-01-01T{number // 60:02}:{number % 60:02}:00Z")
            status: dict[str, Any] = {}
            if number in (3, 40, 41):
                status["verifiedIn"] = {"dev": {"verifiedAt": since}}
                status["currentlyIn"] = {"dev": {"since": since}}
            if number in (3, 60):
                status["approvedFor"] = {"other": {"approvedAt": since}}
            await world.store.create(document, actor=USER.actor)
            if status:
                await world.store.update_status(document | {"status": status}, actor=USER.actor)
        await world.settled()
        read: list[str] = []
        honest = views

        def counted(items: Any, type_: Any, *, purpose: str) -> Any:
            read.extend(item.ref.name for item in items)
            return honest(items, type_, purpose=purpose)

        monkeypatch.setattr("towpath.admission.candidates.views", counted)

        async def chosen(name: str) -> tuple[str | None, Any]:
            read.clear()
            stage = (await world.store.get(Ref(scheme.STAGE, PROJECT, name))).view(Stage)
            request = stage.spec.requested_freight[0]
            choice = await choose(world.store, stage, request, now=world.clock.now())
            found = choice.freight.metadata.name if choice.freight is not None else None
            return found, choice.opens_at

        assert await chosen("prod") == ("f0041", None)
        assert set(read) == {"f0003", "f0040", "f0041"}
        assert await chosen("other") == ("f0060", None)
        assert set(read) == {"f0003", "f0060"}
        found, opens_at = await chosen("late")
        assert found is None
        assert opens_at == moments.read("2026-01-01T01:00:00Z")


async def test_of_one_second_the_newest_counts(tmp_path: Path) -> None:
    """Texts of different precision do not sort as their times do."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        for number, at in enumerate(
            ("2026-01-01T00:00:05Z", "2026-01-01T00:00:05.5Z", "2026-01-01T00:00:05.25Z")
        ):
            await world.store.create(_freight(number, at), actor=USER.actor)
        stage = (await world.store.get(Ref(scheme.STAGE, PROJECT, "dev"))).view(Stage)
        request = stage.spec.requested_freight[0]
        choice = await choose(world.store, stage, request, now=world.clock.now())
        assert choice.freight is not None
        assert choice.freight.metadata.name == "f0001"
