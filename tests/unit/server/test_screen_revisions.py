"""The revision of an answer: whoever goes on from it is told all that was written later, even while the answer was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.screens.last_moves import LastMoves
from towpath.screens.live_projects import LiveProjects
from towpath.screens.subscription import ScreenSubscription
from towpath.server.auth import caller
from towpath.server.auth.caller import Standing

if TYPE_CHECKING:
    from pathlib import Path

BASE = "/towpath/v1"


@pytest.mark.parametrize(
    ("path", "of", "after"),
    [("overview", LastMoves, "update"), (f"projects/{PROJECT}/board", LiveProjects, "project")],
)
async def test_what_is_written_while_an_answer_is_made_is_told_to_who_goes_on_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, of: type, after: str
) -> None:
    """Unless the answer has it."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        plain, written = getattr(of, after), False

        async def slow(*given: Any) -> Any:
            nonlocal written
            found = await plain(*given)
            if not written:
                written = True
                await world.apply(stage_document("prod", "dev"))
            return found

        monkeypatch.setattr(of, after, slow)
        async with serving.client(world) as client:
            answer = (await client.get(f"{BASE}/{path}")).json()
            assert written
            assert "prod" not in str(answer)
            topic = "overview" if path == "overview" else f"board:{PROJECT}"
            asked = {"topics": topic, "after": answer["rev"], "wait": 0}
            told = (await client.get(f"{BASE}/changes", params=asked)).json()
        assert "prod" in str(told["patches"]) or told["reset"] == [topic]


async def test_what_is_told_while_changes_are_answered_is_told_to_who_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights are looked at once more in between."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        plain, begun = ScreenSubscription.begin, list[ScreenSubscription]()

        async def begin(self: ScreenSubscription, *given: Any, **more: Any) -> None:
            begun.append(self)
            await plain(self, *given, **more)

        async def check() -> None:
            if len(begun) == 1:
                await world.apply(stage_document("prod", "dev"))
                await begun[0]._screens.channels.update()

        monkeypatch.setattr(ScreenSubscription, "begin", begin)
        monkeypatch.setattr(caller, "standing", lambda *_: Standing("", (), check))
        async with serving.client(world) as client:
            rev = (await client.get(f"{BASE}/projects/{PROJECT}/board")).json()["rev"]
            asked: dict[str, Any] = {"topics": f"board:{PROJECT}", "wait": 0}
            first = (await client.get(f"{BASE}/changes", params={**asked, "after": rev})).json()
            assert (len(begun), first["patches"], first["reset"]) == (1, [], [])
            after = {**asked, "after": first["rev"]}
            second = (await client.get(f"{BASE}/changes", params=after)).json()
        assert "stages/prod" in str(second["patches"])
