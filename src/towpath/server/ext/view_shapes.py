"""Bodies and answers of the views of the web UI that people save."""

from __future__ import annotations

from msgspec import field

from towpath.server.shaped import Moment, Shaped


class WantedView(Shaped):
    """What is to be saved: a screen, and what of it is shown."""

    screen: str
    """`overview`, `board` or `history`."""
    project: str = ""
    """Of which Project: of `board` alone."""
    search: dict[str, str] = field(default_factory=dict)
    """Filters and the like by name, as the address of the screen has them."""


class View(Shaped):
    """A view that was saved."""

    name: str
    screen: str
    project: str
    """Empty where the screen is of no single Project."""
    search: dict[str, str]
    saved: Moment


class Views(Shaped):
    """A page of one's own, by name."""

    rev: int
    at: Moment
    items: list[View]
    cursor: str | None = None
