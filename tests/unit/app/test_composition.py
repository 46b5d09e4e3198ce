"""The list of parts: they start in order, and those that have started are closed in reverse, whatever becomes of each."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import opened
from towpath.app import composition
from towpath.app.live_settings import LiveSettings
from towpath.app.settings.operator import CredentialSettings, OperatorSettings
from towpath.caller_turns import MOST_OF_ONE
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.repository import Repositories
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.promotion.engine import Engine
from towpath.promotion.workshop import Workshop
from towpath.runtime.aside import LIGHT, Aside
from towpath.runtime.manager import Manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.app.system import System

_STARTS = [(Egress, "__aenter__"), (Gateway, "__aenter__"), (Repositories, "start")]
_STARTS += [(Aside, "__aenter__"), (Manager, "start")]
_CLOSES = [(Egress, "__aexit__"), (Gateway, "__aexit__"), (Repositories, "close")]
_CLOSES += [(Aside, "__aexit__"), (Workshop, "close"), (Manager, "stop")]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What parts start and close, in order; each does what it does otherwise."""
    told: list[str] = []

    def listen(part: Any, method: str, verb: str) -> None:
        real = getattr(part, method)

        def heard(self: Any, *arguments: Any) -> Any:
            told.append(f"{verb} {part.__name__}")
            return real(self, *arguments)

        monkeypatch.setattr(part, method, heard)

    for part, method in _STARTS:
        listen(part, method, "start")
    for part, method in _CLOSES:
        listen(part, method, "close")
    return told


_NO_CLOUD = OperatorSettings(credentials=CredentialSettings(ambient=[]))
"""Whatever machine the tests run on."""


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[System]:
    clock = SystemClock()
    async with (
        opened(folder) as store,
        composition.running(
            store, clock, data=folder / "data", live=LiveSettings(_NO_CLOUD), own=()
        ) as system,
    ):
        yield system


async def test_parts_start_in_order_and_are_closed_in_reverse(
    tmp_path: Path, said: list[str]
) -> None:
    """What a part needs is there before it, and lasts longer."""
    async with _running(tmp_path) as system:
        await system.manager.listed()
        started = said.copy()
        said.clear()
    assert started == [
        *("start Egress", "start Gateway", "start Repositories"),
        *("start Aside", "start Aside", "start Aside", "start Manager"),
    ]
    assert said == [
        *("close Manager", "close Workshop", "close Workshop"),
        *("close Aside", "close Aside", "close Aside"),
        *("close Repositories", "close Gateway", "close Egress"),
    ]


async def test_a_part_that_fails_to_start_closes_those_before_it(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that fails leaves nothing open, the part that failed included."""

    async def failing(*_: Any) -> None:
        raise OSError("no work directories")

    monkeypatch.setattr(Workshop, "sweep", failing)
    with pytest.raises(OSError, match="no work directories"):
        async with _running(tmp_path):
            pytest.fail("it runs without its work directories")
    closed = [each for each in said if each.startswith("close")]
    assert closed == [
        *("close Workshop", "close Aside", "close Aside", "close Aside"),
        *("close Repositories", "close Gateway", "close Egress"),
    ]
    assert "start Manager" not in said


async def test_an_early_part_that_fails_to_start_closes_those_before_it(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is at any place of the list."""

    async def failing(_: Repositories) -> None:
        raise OSError("no git")

    monkeypatch.setattr(Repositories, "start", failing)
    with pytest.raises(OSError, match="no git"):
        async with _running(tmp_path):
            pytest.fail("it runs without git")
    assert said == [
        *("start Egress", "start Gateway"),
        *("close Repositories", "close Gateway", "close Egress"),
    ]


async def test_a_part_that_fails_to_close_keeps_no_other_open(
    tmp_path: Path,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The manager's fault is told when all are closed; one of the work directories goes to the log."""
    real = Manager.stop

    async def failing(self: Manager) -> None:
        await real(self)
        raise RuntimeError("it would not stop")

    async def unclosable(self: Workshop) -> None:
        del self
        said.append("close Workshop")
        raise OSError("disk gone")

    monkeypatch.setattr(Manager, "stop", failing)
    monkeypatch.setattr(Workshop, "close", unclosable)
    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError, match="would not stop"):
        async with _running(tmp_path):
            said.clear()
    assert said == [
        *("close Manager", "close Workshop", "close Workshop"),
        *("close Aside", "close Aside", "close Aside"),
        *("close Repositories", "close Gateway", "close Egress"),
    ]
    assert "the work directories in work could not be closed" in caplog.text


async def test_steps_are_never_told_to_ask_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is refused comes again; a step that is refused has failed its Promotion."""
    given: list[Aside] = []
    real = Engine.__init__

    def heard(self: Any, registry: Any, clock: Any, aside: Aside) -> None:
        given.append(aside)
        real(self, registry, clock, aside)

    monkeypatch.setattr(Engine, "__init__", heard)
    async with _running(tmp_path) as system:
        [aside] = given
        assert aside is not system.aside
        many = [
            aside.run(abs, -1, weight=LIGHT + 1, what="it", caller="shop")
            for _ in range(MOST_OF_ONE + 8)
        ]
        assert await asyncio.gather(*many) == [1] * len(many)
