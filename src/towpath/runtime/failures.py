"""What is told of a reconcile that did not come to its end, and who is told.

The machine names no kind: it hands every failure to one `Reporter`, which says it on the object.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from towpath import errors
from towpath.runtime.reconcile import Retry, Terminal

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref

_ANSWERS: Final = (Retry, Terminal, errors.TowpathError)
"""What says itself all there is to say; anything else is a fault, whose text may hold what nobody is to read."""
_ID_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class PassFailure:
    """What kept a reconciler from its end."""

    controller: str
    key: Ref
    error: BaseException
    is_final: bool
    """Whether it is not tried again until something changes."""

    @property
    def is_fault(self) -> bool:
        """Whether it is one of ours, rather than something the world answered."""
        return not isinstance(self.error, _ANSWERS)

    @property
    def message(self) -> str:
        """What is said of it to people, without the id."""
        if self.is_fault:
            return f"an error in Towpath itself ({type(self.error).__name__}); the server's log has more"
        said = getattr(self.error, "message", "") or str(
            self.error
        )  # without what only the operator reads
        return str(said) or type(self.error).__name__

    @property
    def id(self) -> str:
        """What finds the line in the log: the same for the same cause on the same object."""
        said = f"{self.controller}\0{self.key}\0{type(self.error).__name__}\0{self.error}"
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]


class Reporter(Protocol):
    """Says on an object how its reconciling fares. Whatever it raises is logged and counted, and harms nobody."""

    async def failed(self, failure: PassFailure) -> None:
        """Say what went wrong; saying it again changes nothing."""
        ...

    async def recovered(self, controller: str, key: Ref) -> None:
        """Take back what was said before, by an earlier process perhaps: a pass has come to its end."""
        ...
