"""The change log: what is kept of each write, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.kinds import Ref


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One write, as the change log keeps it."""

    revision: int
    time: datetime
    """UTC; never earlier than that of the entry before, also when the machine's clock was set back."""
    actor: str
    verb: Literal["create", "update", "update_status", "delete"]
    """`delete` is the write that removed the object; a deletion that only marks it is an `update`."""
    ref: Ref
    uid: str
    via: str = ""
    """By which means and from where, as JSON; empty for our own controllers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRetention:
    """How much of the change log is kept: an entry goes once it exceeds *any* limit."""

    entries: int = 200_000
    bytes: int = 512 << 20
    """Of documents kept for watches and consistent lists."""
    seconds: float = 6 * 3600.0
    minimum_entries: int = 1_000
    """Never fewer than these, whatever the other limits say."""
