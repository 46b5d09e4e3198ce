"""How far back watches can resume (`changeLog`), and what they may cost (`streams`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.app.settings import sizes, wrong
from towpath.resources import durations
from towpath.server.open_watches import StreamLimits
from towpath.store.contract import LogRetention, WatchLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

_USUAL: Final = LogRetention()
_STREAMS: Final = StreamLimits()
_LEAST_STREAMS: Final = 1 << 20


class ChangeLogSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How far back watches can resume and lists can be continued: an entry goes once it exceeds any limit."""

    entries: int = _USUAL.entries
    minimum_entries: int = msgspec.field(default=_USUAL.minimum_entries, name="minimumEntries")
    """As many are kept whatever the other limits say."""
    age: str = ""
    """Such as `6h`; empty: the usual age."""

    @property
    def retention(self) -> LogRetention:
        """The same as the store has it."""
        age = durations.span(self.age)
        seconds = age.total_seconds() if age is not None else _USUAL.seconds
        return LogRetention(
            entries=self.entries, minimum_entries=self.minimum_entries, seconds=seconds
        )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        yield from wrong.span("age", self.age)
        yield from wrong.count("entries", self.entries)
        yield from wrong.count("minimumEntries", self.minimum_entries)


class StreamSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What watches may cost."""

    per_caller: int = msgspec.field(default=_STREAMS.per_caller, name="perCaller")
    """That one caller may have open."""
    bytes: int | str = 2 * _STREAMS.bytes
    """That may wait for readers, of all streams together: half of it in the store, half in connections."""

    @property
    def watch_limits(self) -> WatchLimits:
        """What may wait in the store for the readers of watches."""
        return WatchLimits(bytes=sizes.read(self.bytes) // 2)

    @property
    def stream_limits(self) -> StreamLimits:
        """How many watches a caller may have, and what may wait in connections."""
        return StreamLimits(per_caller=self.per_caller, bytes=sizes.read(self.bytes) // 2)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        yield from wrong.count("perCaller", self.per_caller)
        try:
            size = sizes.read(self.bytes)
        except ValueError as error:
            yield "bytes", str(error)
            return
        if size < _LEAST_STREAMS:
            yield "bytes", f"{size} is less than 1 MiB"
