"""A client of Towpath's own API, with its own transports.

`Client` waits for answers, `AsyncClient` is awaited; they have the same methods (`calls/`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from towpath.sdk.awaited import AsyncClient
    from towpath.sdk.client import Client

__all__ = ["AsyncClient", "Client"]

_PLACES: Final = {"AsyncClient": "towpath.sdk.awaited", "Client": "towpath.sdk.client"}


def __getattr__(name: str) -> Any:
    """Import a client when it is asked for: commands come up without the other one's libraries."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
