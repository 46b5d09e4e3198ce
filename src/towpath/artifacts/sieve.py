"""Holds commits against the filters of a subscription, and lets others have a turn meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.expressions import ExpressionError
from towpath.rules.commit_selection import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.expressions import Need
    from towpath.rules.commit_selection import CommitCandidate, CommitRules
    from towpath.runtime.evaluation import Evaluations

_AT_ONCE: Final = 4000
"""Comparisons of a path with a selector without anybody else having a turn."""


class Sieve:
    """The filters of one subscription."""

    def __init__(self, rules: CommitRules, evaluations: Evaluations, *, caller: str) -> None:
        """`caller`: the Project whose expression it is."""
        self._rules = rules
        self._evaluations = evaluations
        self._caller = caller
        paths = rules.paths
        self._step = max(1, _AT_ONCE // max(1, len(paths.include) + len(paths.exclude)))

    async def satisfies(self, candidate: CommitCandidate) -> bool:
        """Whether `expressionFilter` admits a commit. Raises Unavailable, naming the commit, when that cannot be told."""
        program = self._rules.filter
        if program is None:
            return True
        try:
            value = await self._evaluations.evaluate(
                program, candidate.variables(), load=_nothing, caller=self._caller
            )
            return truth(value)
        except ExpressionError as error:
            which = f"tag {candidate.tag}" if candidate.tag else f"commit {candidate.id}"
            raise errors.Unavailable(f"expressionFilter: at {which}: {error}") from error

    async def touches(self, paths: Sequence[str]) -> bool:
        """Whether changes of these paths count."""
        rules = self._rules.paths
        if not rules:
            return True
        for start in range(0, len(paths), self._step):
            if rules.admits(paths[start : start + self._step]):
                return True
            if start:
                await asyncio.sleep(0)
        return False

    def untouched(self, paths: Sequence[str]) -> tuple[str, str]:
        """Return which rule keeps a commit out that changes these paths, and why."""
        return self._rules.paths.untouched(paths)


async def _nothing(_: Need) -> Any:
    return None
