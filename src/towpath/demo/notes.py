"""Which demos run: each notes its addresses in its own folder, and where that is in a folder of the user's.

A note counts as long as the demo that wrote it holds its folder: one that was killed leaves a note that says nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shlex
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.disk import holding, writing
from towpath.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA: Final = Path(".towpath/demo")
"""Where a demo keeps what it makes, unless it is told another folder."""
FILE: Final = "demo.json"
_START: Final = "start one with `make run` in a clone of Towpath, or with: towpath demo"


@dataclass(frozen=True, slots=True)
class Note:
    """Where a demo that runs is reached."""

    data: str
    """Its folder."""
    server: str
    token_file: str
    registry: str
    git: str


@contextmanager
def noted(note: Note, state: Path) -> Iterator[bool]:
    """Let commands find a demo while the context lasts.

    Yields whether they find it from any folder: not where `state`, the user's folder for such notes, cannot be written.
    """
    own = Path(note.data) / FILE
    writing.write(own, json.dumps(asdict(note)).encode(), mode=0o644)
    pointer = state / "demos" / hashlib.sha256(note.data.encode()).hexdigest()[:16]
    try:
        pointer.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        writing.write(pointer, note.data.encode())
        is_pointed_to = True
    except OSError:
        is_pointed_to = False
    try:
        yield is_pointed_to
    finally:
        for made in (own, pointer):
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)


def find(data: Path | None, state: Path, *, server: str | None = None) -> Note:
    """Return the demo that runs with its data in a folder; without one, the demo that is meant.

    That is the one whose address `server` is, else the one of the folder we stand in, else the only one that runs.
    Raises NotFound when none runs, BadRequest when several do.
    """
    if data is not None:
        found = _running(data)
        if found is None:
            raise NotFound(
                f"no demo runs with its data in {data}; start it with: towpath demo --data {shlex.quote(str(data))}"
            )
        return found
    running = {each.data: each for place in _places(state) if (each := _running(place)) is not None}
    if not running:
        raise NotFound(f"no demo runs on this machine; {_START}")
    here = running.get(str(DATA.resolve()))
    meant = [each for each in running.values() if each.server == server]
    if len(meant) == 1 or here is not None or len(running) == 1:
        return (meant or [here or next(iter(running.values()))])[0]
    raise BadRequest(
        f"{len(running)} demos run on this machine; say which one is meant: "
        + ", or ".join(f"--data {shlex.quote(each)}" for each in sorted(running))
    )


def _places(state: Path) -> list[Path]:
    places = [DATA]
    with contextlib.suppress(OSError):
        for pointer in sorted((state / "demos").iterdir()):
            with contextlib.suppress(OSError, ValueError):
                places.append(Path(pointer.read_text()))
    return places


def _running(data: Path) -> Note | None:
    """Return the note of the demo that holds a folder, None if none does."""
    try:
        if not holding.is_held(data):
            return None
        return Note(**json.loads((data / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
