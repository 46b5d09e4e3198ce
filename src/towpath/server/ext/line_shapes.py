"""The line of a Project, as the OpenAPI document describes it."""

from __future__ import annotations

from towpath.server.ext.screen_shapes import Stamped
from towpath.server.shaped import Shaped


class LineHeld(Shaped):
    """A hold that is in force. Times are seconds since 1970, 0 for none."""

    stage: str
    origin: str
    actor: str
    since: int
    until: int
    """When it ends by itself; 0: it does not."""
    stop: bool
    """Whether a stop of the line made it: resuming the line ends those alone."""
    reason: str
    """Of a stop: what somebody said as its reason."""


class LineUnderWay(Shaped):
    """A Stage whose Promotions run, or wait for their turn: what no stop stops."""

    stage: str
    promotion: str
    """The one that runs; empty: none does."""
    queued: int


class StageLine(Stamped):
    """The Stages of a Project by how they stand to a stop of the line: names, in the order of the board."""

    project: str
    to_hold: list[str]
    partly: list[str]
    """Those `toHold` of which something is held, of one Warehouse."""
    held: list[str]
    manual: list[str]
    empty: list[str]
    unreadable: list[str]
    forbidden: list[str]
    stopped: list[str]
    """Those that a stop holds."""
    to_resume: list[str]
    """Those `stopped` that the caller may resume."""
    holds: list[LineHeld]
    running: list[LineUnderWay]
