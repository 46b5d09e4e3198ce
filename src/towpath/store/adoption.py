"""What a store takes over from another instance: objects as they were there, and the history of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.resources.document import Document
    from towpath.store.history import Past


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is to be taken over. Both are called once, are read some at a time on the event loop, and may raise to refuse all of it."""

    documents: Callable[[], Iterable[Document]]
    """The objects, owners before what they own; those of sealed kinds with their values."""
    past: Callable[[], Iterable[Past]]
    """History; of each of its tables the newest record first."""
    records: int
    """How many of those there are at most."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was taken over."""

    objects: int
    past: int
    """Records of history."""
