"""Revisions that callers name: how they are written, and how one that is not reached yet is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest, FieldError, Timeout

if TYPE_CHECKING:
    from towpath.store.contract import Store

_MOST_DIGITS: Final = 18
_TOO_LARGE: Final = FieldError("", "ResourceVersionTooLarge", "Too large resource version")
"""By which clients know that they are ahead of what they ask, and list anew."""


def is_number(given: str) -> bool:
    """Whether a text is a whole number from 0 on that the store can hold, as numbers of a query must be."""
    return given.isascii() and given.isdecimal() and len(given) <= _MOST_DIGITS


def parse(given: str) -> int | None:
    """Return a revision as a parameter of a query has it, None for an empty one. Raises BadRequest."""
    if not given:
        return None
    if not is_number(given):
        raise BadRequest(f"resourceVersion: {given[:50]!r} is none; use the one of a list")
    return int(given)


def require(store: Store, revision: int | None) -> None:
    """Return if reads can see a revision. Raises Timeout.

    A write is answered once all can see it. So whoever names a later revision has it from elsewhere, from a store of
    which an older backup was restored for one, and would wait in vain.
    """
    newest = store.revision()
    if revision is not None and revision > newest:
        raise Timeout(f"Too large resource version: {revision}, current: {newest}", [_TOO_LARGE])
