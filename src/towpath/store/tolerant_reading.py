"""Reads many stored objects as what they are, and goes on where one of them cannot be read so.

Admission refuses what cannot be read. Should something have come in all the same, by an earlier version perhaps, it must not
keep the others of its Project from being looked at: it is passed over, and named.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from towpath.errors import TowpathError
from towpath.store import damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import msgspec

    from towpath.store.contract import Stored

ViewT = TypeVar("ViewT", bound="msgspec.Struct")

_log = logging.getLogger(__name__)
_MOST: Final = 1_000
_named: dict[tuple[str, int], None] = {}
"""What was named already: uid and revision; the oldest go when there are too many."""


def views(
    items: Iterable[Stored], type_: type[ViewT], *, purpose: str
) -> Iterator[tuple[Stored, ViewT]]:
    """Yield each object with its view. `purpose` says in the log what it means that one is passed over."""
    for item in items:
        found = view(item, type_, purpose=purpose)
        if found is not None:
            yield item, found


def view(item: Stored, type_: type[ViewT], *, purpose: str) -> ViewT | None:
    """Return the view of an object; None, and a line in the log, if it cannot be read."""
    found: ViewT | None = None
    with passing_over(item, purpose):
        found = item.view(type_)
    return found  # noqa: RET504 - nothing was assigned where that was passed over


@contextmanager
def passing_over(item: Stored, purpose: str) -> Iterator[None]:
    """Let what is wrong with one object end the block and no more; the log names it, once for each state of it."""
    try:
        yield
    except damage.Damaged as error:
        damage.tell(item.uid, item.raw, error)
    except TowpathError:
        raise  # the world's answer, not a fault of the object
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one object
        named = (item.uid, item.revision)
        if named not in _named:
            _named[named] = None
            if len(_named) > _MOST:
                del _named[next(iter(_named))]
            said = f"{type(error).__name__}: {error}"
            _log.error("%s cannot be read (%s): %s", item.ref, said[:300], purpose)
