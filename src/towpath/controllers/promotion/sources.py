"""Changes of other objects after which a Promotion must be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.resources.fields import Struct
from towpath.resources.kinds import Ref
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Stored

_SOON_SECONDS: Final = 1.0
"""After which a Promotion that nobody let run is said to wait."""


def sources() -> tuple[Source, ...]:
    """Return the sources of the Promotion controller: Promotions, and Stages, which say whose turn it is."""
    return (
        Source(query=Query(kind=scheme.PROMOTION), mark=without_status, patience=_patience),
        Source(query=Query(kind=scheme.STAGE), keys=_current, mark=_whose_turn),
    )


class _Asked(Struct):
    """What is read of a Promotion that was not seen before."""

    status: Any = None


def _patience(stored: Stored) -> float:
    """Give the Stage of a new Promotion time to let it run: then it is told and run in one look, and none says that it waits."""
    return 0.0 if stored.view(_Asked).status else _SOON_SECONDS


class _Named(Struct):
    name: str = ""
    freight: Any = None
    status: Any = None


class _Window(Struct):
    closed: bool = False


class _Status(Struct):
    current_promotion: _Named | None = None
    promotion_window_status: _Window | None = None


class _Turn(Struct):
    """What is read of a Stage: every write of it is looked at, and its status is large."""

    status: _Status | None = None


def _whose_turn(stored: Stored) -> object:
    status = stored.view(_Turn).status
    if status is None:
        return None
    # A window that is taken away lets the one go on that it kept from beginning.
    let_in = status.promotion_window_status
    return status.current_promotion, let_in is not None and let_in.closed


def _current(stored: Stored) -> Iterable[Ref]:
    status = stored.view(_Turn).status
    current = status.current_promotion if status is not None else None
    if current is None or not current.name:
        return ()
    return (Ref(scheme.PROMOTION, stored.ref.namespace, current.name),)
