"""A fake server, named by the environment, and a command line that tells what it printed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli import fake_api
from towpath.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Told:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines of its standard output."""
        return self.out.splitlines()


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of who runs the tests counts: no server that was signed in to, no variables."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in list(os.environ):
        if name.startswith(("TOWPATH_", "KARGO_")) and name != "TOWPATH_KEY_FILE":
            monkeypatch.delenv(name)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_api.Api]:
    """A server that TOWPATH_SERVER and TOWPATH_TOKEN name, and a Project `shop`."""
    with fake_api.running() as running:
        monkeypatch.setenv("TOWPATH_SERVER", running.address)
        monkeypatch.setenv("TOWPATH_TOKEN", fake_api.TOKEN)
        monkeypatch.setenv("TOWPATH_PROJECT", "shop")
        yield running


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """The command line."""

    def called(*arguments: object) -> Told:
        code = main.run([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return called
