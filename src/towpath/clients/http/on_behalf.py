"""For whom work is done that asks others: those who share what is scarce share it among these, mostly Projects."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHOM: ContextVar[str] = ContextVar("on_behalf", default="")


@contextmanager
def on_behalf(whom: str) -> Iterator[None]:
    """Say for whom work is done in this context, and in tasks that are begun in it, while it lasts."""
    token = _WHOM.set(whom)
    try:
        yield
    finally:
        _WHOM.reset(token)


def current() -> str:
    """Return for whom work is done here; empty where nobody said it: the server's own, and requests about no Project."""
    return _WHOM.get()
