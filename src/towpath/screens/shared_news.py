"""What readers are told who follow the same channels and have heard as much: put together once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

_MOST: Final = 16
_LARGEST: Final = 64 << 10
"""Bytes of what is kept. What is larger is told to somebody who has not listened for long, as hardly anybody else has."""


class SharedNews:
    """Keeps what was told in a round, until the next."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, bytes] = {}

    def of(self, place: Hashable) -> bytes | None:
        """Return what whoever is at a place is told; None if it was not put together in this round."""
        return self._kept.get(place)

    def keep(self, place: Hashable, told: bytes) -> None:
        """Keep what somebody at a place was told, if there is room."""
        if len(self._kept) < _MOST and len(told) <= _LARGEST:
            self._kept[place] = told

    def clear(self) -> None:
        """Keep nothing more: something else may be told now."""
        self._kept.clear()
