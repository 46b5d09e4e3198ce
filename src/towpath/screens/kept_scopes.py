"""What is made for scopes: kept while somebody holds it, and for a while after that."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.screens.overview_scope import OverviewScope

KeptT = TypeVar("KeptT")

_MOST: Final = 200
"""That are kept though nobody holds them."""


class KeptScopes(Generic[KeptT]):
    """Makes one thing for each scope. Who holds it has it for as long as they want, however many scopes there are."""

    def __init__(self, make: Callable[[OverviewScope], KeptT], most: int = _MOST) -> None:
        self._make = make
        self._most = most
        self._recent: OrderedDict[OverviewScope, KeptT] = OrderedDict()
        """Those that were asked for last."""
        self._all: WeakValueDictionary[OverviewScope, KeptT] = WeakValueDictionary()

    def of(self, scope: OverviewScope) -> KeptT:
        """Return what there is for a scope; it is made if there is nothing."""
        found = self._all.get(scope)
        if found is None:
            found = self._all[scope] = self._make(scope)
        self._recent[scope] = found
        self._recent.move_to_end(scope)
        if len(self._recent) > self._most:
            self._recent.popitem(last=False)
        return found
