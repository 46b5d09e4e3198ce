"""The checkers there are, by entry points of the group `towpath.health_checks`, and what they come to together."""

from __future__ import annotations

import asyncio
import logging
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import TowpathError
from towpath.health.checker import Checked
from towpath.messages import instead
from towpath.resources.stage import Health, HealthState
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.clock import Clock
    from towpath.health.checker import CheckContext, Checker
    from towpath.resources.promotion import HealthCheckStep

GROUP: Final = "towpath.health_checks"
SECONDS: Final = 15.0
"""That one check may take."""

_log = logging.getLogger(__name__)


class CheckerRegistry:
    """Checkers by the name that `uses` says."""

    def __init__(self, checkers: Iterable[Checker], clock: Clock) -> None:
        self._clock = clock
        self._checkers: dict[str, Checker] = {}
        for checker in checkers:
            if checker.name in self._checkers:
                raise ValueError(f"two health checkers are named {checker.name}")
            self._checkers[checker.name] = checker

    @classmethod
    def installed(cls, clock: Clock) -> CheckerRegistry:
        """Return every checker that is installed, ours and others'."""
        found = sorted(entry_points(group=GROUP), key=str)
        return cls((each.load()() for each in found), clock)

    @property
    def names(self) -> frozenset[str]:
        """What `uses` may say."""
        return frozenset(self._checkers)

    async def check(
        self, checks: Sequence[HealthCheckStep], context: CheckContext
    ) -> list[Checked]:
        """Run checks beside one another and return what each found, in their order. It never raises."""
        return await asyncio.gather(
            *(self._one(each.uses, each.config, context) for each in checks)
        )

    async def _one(self, uses: str, config: Any, context: CheckContext) -> Checked:
        checker = self._checkers.get(uses)
        if checker is None:
            said = (
                f"there is no health checker {uses!r} here; {instead(uses, sorted(self._checkers))}"
            )
            return _unknown(said)
        where = f"health check {uses} of Stage {context.stage}"
        try:
            return await within(self._clock, SECONDS, checker.check(context, config), what=where)
        except OutOfTime as error:
            return _unknown(error.message)
        except TowpathError as error:
            return _unknown(f"{where}: {error.message}")
        except Exception as error:  # noqa: BLE001 - one check that is at fault must not hide the others
            _log.exception("a health check failed", extra={"stage": context.stage, "check": uses})
            return _unknown(f"{where} failed ({type(error).__name__}); the server's log has more")


def _unknown(why: str) -> Checked:
    return Checked(health=Health(status=HealthState.UNKNOWN, issues=[why]))
