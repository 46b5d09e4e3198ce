"""What goes wrong on demand: one small object that tests, benchmarks and the demo turn while the stand-in runs."""

from __future__ import annotations

import asyncio
import collections
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from towpath.demo.argocd.source_error import SourceError

ANY: Final = ""
"""Stands for every Application."""


@dataclass
class OperationFaults:
    """What goes wrong in operations of one Application, or of all."""

    failures: int = 0
    """How many tries fail from now on (each retry counts)."""
    message: str = (
        "one or more objects failed to apply, reason: admission webhook denied the request"
    )
    failing_hooks: frozenset[str] = frozenset()
    """Names of hooks that fail."""
    seconds: float = 0.0
    """How long an operation takes, beside what its hooks take."""
    ends_without_result: bool = False
    """The next operation ends in Error before there is a sync result, as when its project cannot be read."""


@dataclass
class Faults:
    """Everything that can be turned. As it is made, nothing goes wrong."""

    latency_seconds: float = 0.0
    """Before every answer."""
    statuses: collections.deque[int] = field(default_factory=collections.deque)
    """The next answers are these HTTP statuses, one each."""
    is_away: bool = False
    """Connections are closed without an answer, streams too."""
    refuses_watches: bool = False
    """Watches and streams are forbidden; all else goes on."""
    clock_offset: timedelta = timedelta()
    """How far the installation's clock is off."""
    comparison_error: str = ""
    """Manifests cannot be made, for this reason."""
    stalls: bool = False
    """The application controller does nothing: requests lie, status stands still."""
    hides_operation_state: bool = False
    """`status.operationState` is never written."""
    padding_bytes: int = 0
    """By how much each Application's status is larger than it had to be."""
    operations: dict[str, OperationFaults] = field(default_factory=dict)
    """By `NAMESPACE/NAME`, or `ANY`."""
    _broken: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def of(self, application: str) -> OperationFaults:
        """Return what goes wrong in operations of an Application, `NAMESPACE/NAME`."""
        return self.operations.get(application) or self.operations.get(ANY) or _NONE

    def operation(self, application: str = ANY) -> OperationFaults:
        """Return the same to be turned."""
        return self.operations.setdefault(application, OperationFaults())

    def check_comparison(self) -> None:
        """Raise SourceError while manifests cannot be made."""
        if self.comparison_error:
            raise SourceError(self.comparison_error)

    def drop_streams(self) -> None:
        """Break off every watch and stream that is open."""
        broken, self._broken = self._broken, asyncio.Event()
        broken.set()

    @property
    def broken(self) -> asyncio.Event:
        """Set when the streams that are open now are broken off."""
        return self._broken


_NONE: Final = OperationFaults()
