"""What the engine asks of whoever plans: the same engine runs the same steps, and this says what a plan does otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from towpath.expressions import Unknown
    from towpath.promotion.step import Outcome


class Rehearsal(Protocol):
    """A plan in the making."""

    def decided(self, alias: str, condition: str, unknown: Unknown) -> bool:
        """Return what is assumed of an `if` that is not known yet."""
        ...

    def evaluated(self, alias: str, config: Any) -> Any:
        """Take note of a step's configuration; return it with texts in the place of what is not known yet."""
        ...

    def is_unsure(self, alias: str) -> bool:
        """Whether something of a step's configuration is not known yet."""
        ...

    async def rehearsed(self, alias: str, running: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Return what a step is taken to have come to; nothing is waited for, and nothing tried again."""
        ...
