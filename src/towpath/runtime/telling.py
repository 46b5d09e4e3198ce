"""Has failures told on the objects they concern, in bounded time and at nobody's risk."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from towpath.runtime.ending import is_cancelled

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from towpath.resources.kinds import Ref
    from towpath.runtime.failures import PassFailure, Reporter

_SECONDS: Final = 10.0
"""How long it may take to say something on an object."""

_log = logging.getLogger(__name__)


class Telling:
    """What one controller has had told."""

    def __init__(self, controller: str, reporter: Reporter | None) -> None:
        self._controller = controller
        self._reporter = reporter
        self._told: dict[Ref, str] = {}
        """Keys on whose objects a failure was told, with its id."""
        self.failures = 0
        """How often something could not be told."""

    def has_told(self, failure: PassFailure) -> bool:
        """Whether this failure is what the object says already."""
        return self._told.get(failure.key) == failure.id

    def forget(self, key: Ref) -> None:
        """Forget a key whose object is gone."""
        self._told.pop(key, None)

    async def failed(self, failure: PassFailure) -> bool:
        """Have a failure told, also once more: the pass may have written over it before it failed.

        Return whether the object says so now.
        """
        if self._reporter is None:
            return True
        is_told = await self._try(self._reporter.failed(failure), failure.key)
        if is_told:
            self._told[failure.key] = failure.id
        return is_told

    async def recovered(self, key: Ref, *, is_first: bool) -> bool:
        """Have taken back what was told of a key; on its first pass also what an earlier process has told.

        Return whether the object says nothing of it any more; otherwise a later pass has it taken back.
        """
        if self._reporter is None or not (is_first or key in self._told):
            return True
        is_told = await self._try(self._reporter.recovered(self._controller, key), key)
        if is_told:
            self._told.pop(key, None)
        else:
            self._told.setdefault(key, "")
        return is_told

    async def _try(self, telling: Coroutine[Any, Any, None], key: Ref) -> bool:
        """Return whether it could be told. Whatever goes wrong here concerns nobody else."""
        try:
            # By the machine's clock: this is about a disk that does not answer, whatever time it is said to be.
            async with asyncio.timeout(_SECONDS):
                await telling
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            self.failures += 1
            return False
        except BaseException as error:  # noqa: BLE001 - the work goes on whatever becomes of the telling
            self.failures += 1
            _log.warning(
                "%s: it cannot be said on %s how it fares: %s", self._controller, key, error
            )
            return False
        return True
