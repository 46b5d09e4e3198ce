"""Readers that take less than they asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.hostile.attack import Attack


def attacks() -> Iterator[Attack]:
    """Yield every attack by a reader: each an `Attack` whose act begins a watch or list and does not read it."""
    yield from ()
