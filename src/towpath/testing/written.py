"""Sees where this process writes files: an audit hook, which Python never takes away again, and which rests between uses."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_CHANGES: Final = {
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
}
"""Which of the arguments are paths that are changed."""
_NOT_OURS: Final = ("/dev/", "/proc/")
_watching: list[set[str]] = []
_installed: list[bool] = []


@contextlib.contextmanager
def written() -> Iterator[set[str]]:
    """Yield a set that has the absolute paths that are written while the context lasts; relative ones are not seen."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    found = set[str]()
    _watching.append(found)
    try:
        yield found
    finally:
        _watching.remove(found)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open":
        path, _, flags = arguments
        paths = [path] if isinstance(flags, int) and flags & _WRITES else []
    elif event in _CHANGES:
        paths = [arguments[place] for place in _CHANGES[event]]
    else:
        return
    for path in paths:
        if not isinstance(path, str | bytes | os.PathLike):
            continue
        text = os.fsdecode(path)
        if text.startswith("/") and not text.startswith(_NOT_OURS) and "__pycache__" not in text:
            for found in _watching:
                found.add(text)
