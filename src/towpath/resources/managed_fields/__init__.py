"""Server-side apply and managed fields (placeholder until the package is here: nothing is tracked)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import NotImplemented as NotOffered

if TYPE_CHECKING:
    from towpath.resources.schema import Schema
    from towpath.store.contract import Document


@dataclass(frozen=True, slots=True)
class Manager:
    """A field manager."""

    name: str
    api_version: str
    subresource: str = ""


def updated(
    schema: Schema, old: Document | None, new: Document, manager: Manager, *, now: str
) -> Document:
    """Return `new` as it is."""
    del schema, old, manager, now
    return new


def applied(
    schema: Schema,
    old: Document | None,
    config: Document,
    manager: Manager,
    *,
    force: bool,
    now: str,
) -> Document:
    """Refuse: not here yet."""
    del schema, old, config, manager, force, now
    raise NotOffered("server-side apply is not offered yet")
