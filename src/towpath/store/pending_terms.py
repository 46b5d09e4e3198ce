"""Terms of search that are not in their index yet: what was written lately changes them, and search asks here as well.

Deriving terms costs more than handing an object over. So it is done when the index takes them, or somebody searches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from towpath.resources.document import at
from towpath.store import damage
from towpath.store.contract import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.resources.kinds import Kind

State: TypeAlias = Stored | frozenset[str] | None
"""An object as far as search goes: as it was stored, or its terms already. None: there is no object."""
Place: TypeAlias = tuple[str, str, str]
"""A term, and namespace and name of what is found by it."""
_Changes: TypeAlias = "dict[tuple[Kind, str, str], TermChange]"

_NONE: Final = frozenset[str]()
_LARGE: Final = 8 << 10
"""Bytes of an object of which the terms alone are kept."""


@dataclass(slots=True)
class TermChange:
    """What a write, or several in a row, did to an object that is searched for."""

    kind: Kind
    namespace: str
    name: str
    before: State
    after: State

    def settle(self) -> None:
        """Let go of the objects, and keep their terms."""
        self.before = _terms(self.kind, self.before)
        self.after = _terms(self.kind, self.after)

    def slim(self) -> None:
        """Let go of what is large."""
        if _size(self.before) + _size(self.after) > _LARGE:
            self.settle()

    @property
    def dropped(self) -> frozenset[str]:
        """Terms that it is no longer found by."""
        self.settle()
        return _terms(self.kind, self.before) - _terms(self.kind, self.after)

    @property
    def added(self) -> frozenset[str]:
        """Terms that it is found by now."""
        self.settle()
        return _terms(self.kind, self.after) - _terms(self.kind, self.before)


def changes_terms(
    kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> bool:
    """Whether a write may change what an object is found by."""
    if kind.terms is None:
        return False
    if before is None or after is None:
        return True
    return any(at(before, *part) != at(after, *part) for part in kind.terms.parts)


def collapsed(changes: Iterable[TermChange]) -> list[TermChange]:
    """Return one change for each object, from what was before the first to what is after the last."""
    found: _Changes = {}
    _collapse(found, changes)
    return list(found.values())


def _collapse(into: _Changes, changes: Iterable[TermChange]) -> None:
    for change in changes:
        change.slim()
        key = (change.kind, change.namespace, change.name)
        earlier = into.get(key)
        if earlier is None:
            into[key] = change
        else:
            earlier.after = change.after


class PendingTerms:
    """Changes in the order of their writes, one for each object: those that the index is taking, and those that wait."""

    def __init__(self) -> None:
        self._taken: _Changes = {}
        self._taken_at = 0
        self._waiting: _Changes = {}

    def __len__(self) -> int:
        """Return how many objects wait."""
        return len(self._waiting)

    def add(self, changes: Iterable[TermChange]) -> None:
        """Add what was written after all that is here."""
        _collapse(self._waiting, changes)

    def take(self, revision: int) -> tuple[list[TermChange], int]:
        """Hand everything that waits to the index, and up to which revision that is all there was.

        It is still found here, until `settled` or `clear`; what was taken and not settled is handed out again, as it was.
        """
        if not self._taken:
            self._taken, self._waiting = self._waiting, {}
            self._taken_at = revision
        return list(self._taken.values()), self._taken_at

    def settled(self) -> None:
        """What was taken is in the index now."""
        self._taken = {}

    def clear(self) -> None:
        """Forget everything."""
        self._taken, self._waiting = {}, {}

    def overlay(
        self, kind: Kind, between: tuple[str, str], namespace: str | None
    ) -> tuple[set[Place], set[Place]]:
        """Return what the index may still say of a range of terms and is not so, and what it may not say yet."""
        hidden, shown = set[Place](), set[Place]()
        for change in self._of(kind, namespace):
            gone = set(_places(change, change.dropped, between))
            new = set(_places(change, change.added, between))
            shown -= gone
            shown |= new
            hidden -= new
            hidden |= gone
        return hidden, shown

    def _of(self, kind: Kind, namespace: str | None) -> Iterator[TermChange]:
        for changes in (self._taken, self._waiting):
            for change in changes.values():
                if change.kind is kind and namespace in (None, change.namespace):
                    yield change


def _places(change: TermChange, terms: frozenset[str], between: tuple[str, str]) -> Iterator[Place]:
    first, behind = between
    for term in terms:
        if first <= term < behind:
            yield term, change.namespace, change.name


def _terms(kind: Kind, state: State) -> frozenset[str]:
    if isinstance(state, frozenset):
        return state
    if state is None or kind.terms is None:
        return _NONE
    return frozenset(kind.terms.derive(damage.seen(state.ref, state.raw)))


def _size(state: State) -> int:
    return len(state.raw) if isinstance(state, Stored) else 0
