"""What becomes of each candidate of a subscription, told while it is looked for: who wins, who is kept out, and by which rule.

A type of subscription that is given a `Verdicts` tells it what it decides, as it decides it; one that tells nothing is
explained by what it found. It is bounded: of those that are kept out so many are listed, and all are counted.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST: Final = 100
"""Candidates that are listed of those that are kept out, and of the others, of which a subscription may want no more."""
_MOST_OF_RULE: Final = 15
"""The same by one and the same rule: where thousands are ignored by name, the one of another platform is seen all the same."""
_LONGEST: Final = 300
_LONGEST_NAME: Final = 200
LIMIT: Final = "discoveryLimit"


@dataclass(frozen=True, slots=True)
class CandidateVerdict:
    """What became of one candidate."""

    name: str
    """A tag, a version or a commit, as a person would name it."""
    outcome: str
    """`wins`: Freight is made of it; `offered`: people may make Freight of it; `excluded`."""
    rule: str = ""
    """The field of the subscription that keeps it out, or what else does: `manifest`, `commit`."""
    reason: str = ""
    detail: str = ""
    """What else tells people which one it is: a digest, a subject."""


class Verdicts:
    """The verdicts on the candidates of one subscription."""

    def __init__(self, most: int = MOST) -> None:
        self.most = min(most, MOST)
        self.seen = 0
        """Candidates that were looked at, as far as that is known."""
        self.offered: list[CandidateVerdict] = []
        """In their order: the first wins."""
        self.excluded: list[CandidateVerdict] = []
        self.counts: Counter[str] = Counter()
        """How many each rule keeps out."""
        self._listed: Counter[str] = Counter()

    @property
    def left_out(self) -> int:
        """How many are kept out and not listed."""
        return self.counts.total() - len(self.excluded)

    def looked_at(self, count: int) -> None:
        """So many more candidates were looked at."""
        self.seen += count

    def exclude(self, name: str, rule: str, reason: str, detail: str = "") -> None:
        """A rule keeps a candidate out."""
        self.counts[rule] += 1
        self._list(name, rule, reason, detail)

    def exclude_many(
        self, listed: Iterable[tuple[str, str, str]], counts: Mapping[str, int]
    ) -> None:
        """Rules keep candidates out, of which some are listed: name, rule, reason."""
        self.counts.update(counts)
        for name, rule, reason in listed:
            self._list(name, rule, reason, "")

    def beyond(self, names: Iterable[str], count: int, limit: int) -> None:
        """So many candidates come behind those that are wanted; `names`: of the first of them."""
        if count <= 0:
            return
        self.counts[LIMIT] += count
        for name in itertools.islice(names, _MOST_OF_RULE):
            self._list(name, LIMIT, f"{limit} come before it", "")

    def offer(self, name: str, reason: str = "", detail: str = "") -> None:
        """A candidate is found: the first wins, the others are offered."""
        if len(self.offered) < self.most:
            outcome = "offered" if self.offered else "wins"
            self.offered.append(_verdict(name, outcome, "", reason, detail))

    def _list(self, name: str, rule: str, reason: str, detail: str) -> None:
        if len(self.excluded) < self.most and self._listed[rule] < _MOST_OF_RULE:
            self._listed[rule] += 1
            self.excluded.append(_verdict(name, "excluded", rule, reason, detail))


def _verdict(name: str, outcome: str, rule: str, reason: str, detail: str) -> CandidateVerdict:
    return CandidateVerdict(
        messages.cut(messages.plain(name), _LONGEST_NAME),
        outcome,
        rule,
        messages.cut(messages.plain(reason), _LONGEST),
        messages.cut(messages.plain(detail), _LONGEST_NAME),
    )
