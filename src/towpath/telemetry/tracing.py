"""Traces: what was done, how long it took, and what it was part of. Nobody has them unless `begin` is called.

Without a tracer a span costs one look at a variable. `otel` has the tracer that sends spans by OTLP; only who wants it imports it.
Names of spans are of a bounded number: templates of routes, names of steps, methods of requests.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Kind = Literal["server", "client", "internal"]


class TracedSpan(Protocol):
    """Something that is under way."""

    def name(self, name: str) -> None:
        """Give it another name than it began with."""
        ...

    def note(self, **facts: str | int) -> None:
        """Note facts, by names in which `_` stands for `.` and `__` for `_`; texts are masked and cut."""
        ...

    def fail(self, what: str) -> None:
        """Note that it came to nothing; `what` is of a bounded number of words."""
        ...


class Tracer(Protocol):
    """Keeps spans, and sends them somewhere."""

    def span(
        self, name: str, kind: Kind, parent: Mapping[str, str] | None, part_of: str
    ) -> AbstractContextManager[TracedSpan]:
        """See `span`."""
        ...

    def whole(
        self, uid: str, name: str, began: datetime, ended: datetime
    ) -> AbstractContextManager[TracedSpan]:
        """See `whole`."""
        ...

    def outgoing(self) -> Mapping[str, str]:
        """See `outgoing`."""
        ...


class _Nothing:
    def name(self, name: str) -> None:
        pass

    def note(self, **facts: str | int) -> None:
        pass

    def fail(self, what: str) -> None:
        pass


NOTHING: Final[TracedSpan] = _Nothing()
"""A span that nobody keeps."""
_NO_SPAN: Final = nullcontext(NOTHING)
_tracer: Tracer | None = None


def begin(tracer: Tracer | None) -> None:
    """Have spans kept from now on; None: no more."""
    global _tracer  # noqa: PLW0603 - as with logging: one for the process, wherever a span begins
    _tracer = tracer


def is_on() -> bool:
    """Whether anybody keeps spans."""
    return _tracer is not None


def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: Mapping[str, str] | None = None,
    part_of: str = "",
) -> AbstractContextManager[TracedSpan]:
    """Return what keeps a span while it lasts; it ends as failed where an exception leaves it.

    It is part of the span that surrounds it, if any. `parent`: headers by which a caller says what it is part of (W3C Trace
    Context). `part_of`: the uid of an object whose spans are one trace, whenever they are made.
    """
    return _NO_SPAN if _tracer is None else _tracer.span(name, kind, parent, part_of)


def no_span(
    name: str,  # noqa: ARG001 - as `span`
    kind: Kind = "internal",  # noqa: ARG001
    *,
    parent: Mapping[str, str] | None = None,  # noqa: ARG001
) -> AbstractContextManager[TracedSpan]:
    """Return what keeps no span, whoever else has them kept."""
    return _NO_SPAN


def whole(
    uid: str, name: str, began: datetime, ended: datetime
) -> AbstractContextManager[TracedSpan]:
    """Return what keeps the span that all spans which are `part_of` a uid belong to, once that has ended."""
    return _NO_SPAN if _tracer is None else _tracer.whole(uid, name, began, ended)


def outgoing() -> Mapping[str, str]:
    """Return the headers by which whoever is asked now can say what its spans are part of."""
    return {} if _tracer is None else _tracer.outgoing()
