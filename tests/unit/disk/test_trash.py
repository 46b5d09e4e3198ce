"""What is to go has gone at once, and is deleted later."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.support.deep_folders import deep
from towpath.disk import removal
from towpath.disk.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


async def test_the_place_is_free_before_anything_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread is held up meanwhile."""
    go, genuine = threading.Event(), removal.remove

    def held(path: Path, **more: Any) -> removal.Removed:
        go.wait(30)
        return genuine(path, **more)

    monkeypatch.setattr(removal, "remove", held)
    trash = Trash(tmp_path / "trash")
    deep(tmp_path / "x", 1500)
    trash.take(tmp_path / "x")
    trash.take(tmp_path / "nothing")
    assert not (tmp_path / "x").exists()
    assert len(list((tmp_path / "trash").iterdir())) == 1
    go.set()
    await trash.emptied()
    assert list((tmp_path / "trash").iterdir()) == []


async def test_the_next_process_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing does not wait for a deletion to end; what is left goes after the next start."""
    stopped, genuine = threading.Event(), removal.remove

    def slow(_: Path, *, stop: Callable[[], bool]) -> removal.Removed:
        while not stop():
            stopped.wait(0.001)
        return removal.Removed(is_stopped=True)

    monkeypatch.setattr(removal, "remove", slow)
    trash = Trash(tmp_path / "trash")
    for name in "ab":
        (tmp_path / name).mkdir()
        trash.take(tmp_path / name)
    await trash.close()
    assert len(list((tmp_path / "trash").iterdir())) == 2
    monkeypatch.setattr(removal, "remove", genuine)
    again = Trash(tmp_path / "trash")
    again.start()
    await again.emptied()
    assert list((tmp_path / "trash").iterdir()) == []


async def test_where_it_cannot_be_moved_far_it_is_moved_beside(tmp_path: Path) -> None:
    """As on another file system; a start finds it there again."""
    (tmp_path / "trash").touch()  # no folder can be there
    (tmp_path / "work/x").mkdir(parents=True)
    trash = Trash(tmp_path / "trash")
    trash.start()
    trash.take(tmp_path / "work/x")
    assert not (tmp_path / "work/x").exists()
    await trash.emptied()
    assert list((tmp_path / "work").iterdir()) == []
    (tmp_path / "work/.gone-1").mkdir()
    trash.start(tmp_path / "work")
    await trash.emptied()
    assert list((tmp_path / "work").iterdir()) == []
