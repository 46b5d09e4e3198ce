"""The byte budgets of what screens are drawn from, in the worlds that they are given for, and what a change costs."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import opened
from towpath.clock import VirtualClock
from towpath.demo.worlds import writing
from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.rules.board import coming, sight
from towpath.rules.board.states import Phase, StageRole
from towpath.screens import live_project
from towpath.screens.answers import PackedAnswer
from towpath.screens.listener import ScreenListener
from towpath.screens.overview_scope import OverviewScope
from towpath.screens.screens import Screens
from towpath.screens.subjects import BoardSubject
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = {"rev": 1_000_000, "at": "2026-01-01T00:00:00.000000Z"}


def _told(packed: PackedAnswer) -> dict[str, Any]:
    whole = packed.body(STAMP)
    assert gzip.decompress(packed.gzipped(STAMP)) == whole
    found: dict[str, Any] = json.loads(whole)
    return found


async def test_the_board_of_five_hundred_stages_keeps_to_its_budget(tmp_path: Path) -> None:
    """113 KB, 15.5 KB packed, 196 bytes a Stage; the lens 60 bytes a Stage; a change of one Stage as much as it says."""
    clock = VirtualClock(NOW)
    async with opened(tmp_path) as store:
        await writing.write(store, writing.W500, NOW)
        screens = Screens(store, clock)
        packed = await screens.board(writing.LARGE, sight.ALL)
        board = _told(packed)
        stages = board["stages"]
        assert (len(board["rows"]), len(board["cols"]), len(stages)) == (50, 10, 500)
        assert len(board["freight"]) == 60
        assert len(packed.body(STAMP)) <= 113_000
        assert len(packed.gzipped(STAMP)) <= 15_500
        bytes_of_stages = len(json.dumps(stages, separators=(",", ":"), ensure_ascii=False))
        assert bytes_of_stages / 500 <= 196
        assert {each.get("role", "ok") for each in stages} == set(StageRole) - {StageRole.WAIT}
        assert {each.get("phase") for each in stages} >= {
            Phase.PROMOTING,
            Phase.FAILED,
            Phase.VERIFYING,
            None,
        }
        newest = board["freight"][3]["name"]
        freight = (await store.get(Ref(scheme.FREIGHT, writing.LARGE, newest))).view(Freight)
        lens = await screens.lens(writing.LARGE, freight, sight.ALL)
        assert len(lens.body(STAMP)) / 500 <= 60
        assert len(lens.gzipped(STAMP)) <= 6_000
        assert len(_told(lens)["stages"]) == 500
        await screens.close()


async def test_one_change_asks_for_the_gates_of_one_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told in the bytes of what changed."""
    asked: list[str] = []
    plain = coming.coming

    def counted(stage: Any, *args: Any, **given: Any) -> Any:
        asked.append(stage.name)
        return plain(stage, *args, **given)

    async with opened(tmp_path) as store:
        await writing.write(store, writing.W500, NOW)
        screens = Screens(store, VirtualClock(NOW))
        await screens.board(writing.LARGE, sight.ALL)
        subject = BoardSubject(writing.LARGE, sight.ALL, screens)
        listener = ScreenListener()
        channel = await screens.channels.join(subject, listener)
        monkeypatch.setattr(live_project, "coming", counted)
        ref = Ref(scheme.STAGE, writing.LARGE, "svc07-qa")
        stored = await store.get(ref)
        status = {**stored.document["status"], "health": {"status": "Progressing"}}
        await store.update_status({**stored.document, "status": status}, actor="test")
        await screens.channels.update()
        assert asked == ["svc07-qa"]
        [told] = channel.after(0) or []
        assert sum(map(len, told.frames)) <= 200
        assert b'"k":"stages/svc07-qa"' in told.frames[0]
        screens.channels.forget(listener)
        await screens.close()


async def test_the_overview_of_two_hundred_projects_keeps_to_its_budget(tmp_path: Path) -> None:
    """500 bytes a Project, 25 KB packed."""
    async with opened(tmp_path) as store:
        await writing.write(store, writing.WALL, NOW)
        screens = Screens(store, VirtualClock(NOW))
        page = await store.list(Query(kind=scheme.PROJECT))
        scope = OverviewScope(tuple((each.ref.name, sight.ALL) for each in page.items))
        document, _ = await screens.overviews.document(scope)
        projects = list(document["projects"].values())
        packed = PackedAnswer.of({**document, "projects": projects})
        assert len(projects) == 200
        assert len(json.dumps(projects, separators=(",", ":"))) / 200 <= 500
        assert len(packed.gzipped(STAMP)) <= 25_000
        assert any(each.get("trouble") for each in projects)
        await screens.close()


def test_there_is_no_other_world() -> None:
    """Whoever names one is told which there are."""
    with pytest.raises(BadRequest, match="there are W500 and Wall"):
        writing.made_of("W501", NOW)
