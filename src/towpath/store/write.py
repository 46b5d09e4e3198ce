"""What is said of a write besides the document: how it changes what is there, on which conditions, what becomes of dependents."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from towpath.resources.document import Document

Change = Callable[[Document], Document]
"""A pure function from the stored document to the wanted one; it may raise to refuse, and may run twice."""


class Propagation(enum.StrEnum):
    """What becomes of dependents (objects with an owner reference to the deleted one)."""

    BACKGROUND = "Background"
    """The object goes now, its dependents soon after."""
    FOREGROUND = "Foreground"
    """Dependents first; the object waits, terminating, for those whose reference says blockOwnerDeletion."""
    ORPHAN = "Orphan"
    """Dependents stay and lose the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePreconditions:
    """What must still be true of the stored object; otherwise `Conflict`."""

    uid: str | None = None
    revision: int | None = None
