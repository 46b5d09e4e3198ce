"""Which Freight has newer Freight of its origin beside it, as far as Freight was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.freight import Freight
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.kinds import Ref
    from towpath.store.contract import Stored

_PASSED_OVER: Final = "it does not count as the newest of its origin"


def freight_origin(stored: Stored) -> tuple[str, str]:
    """Return Project and origin of Freight."""
    return stored.ref.namespace, stored.document["origin"]["name"]


class NewestFreight:
    """Knows, by origin, one Freight that is there: the newest seen since the last that was so went.

    So it may not be the newest of all, but what is older than it is not.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[datetime, Ref]] = {}
        self._origins: dict[Ref, tuple[str, str]] = {}
        """The origin of each Freight in `_known`."""

    def see(self, stored: Stored) -> None:
        """Take a state of Freight into account. What cannot be read does not count: nobody takes it."""
        self._forget(stored.ref)
        moment = moments.read(stored.document.get("discoveredAt"))
        origin = freight_origin(stored)
        known = self._known.get(origin)
        if moment is None or (known is not None and moment < known[0]):
            return
        if view(stored, Freight, purpose=_PASSED_OVER) is None:
            return
        if known is not None:
            self._origins.pop(known[1], None)
        self._known[origin] = (moment, stored.ref)
        self._origins[stored.ref] = origin

    def is_outdone(self, ref: Ref, stored: Stored | None) -> bool:
        """Whether Freight that goes has newer Freight of its origin beside it. None: its last state is not known."""
        self._forget(ref)
        if stored is None:
            return False
        known = self._known.get(freight_origin(stored))
        moment = moments.read(stored.document.get("discoveredAt"))
        return known is not None and moment is not None and moment < known[0]

    def _forget(self, ref: Ref) -> None:
        origin = self._origins.pop(ref, None)
        if origin is not None:
            del self._known[origin]
