"""What became of Promotions, as metrics; they have the names that Kargo gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.controllers.promotion.tally import Tally

_ERRORED: Final = "Errored"


def families(tally: Tally) -> Iterator[Family]:
    """Yield them, each by Project."""
    finished = sorted(tally.finished_by_phase.items())
    created = [({"project": name}, n) for name, n in sorted(tally.created_by_project.items())]
    retried = [({"project": name}, n) for name, n in sorted(tally.retried_by_project.items())]
    yield Family(
        "kargo_promotions_created_total", "counter", "Promotions that were created.", created
    )
    yield Family(
        "kargo_promotions_completed_total",
        "counter",
        "Promotions that have ended, by phase.",
        [({"project": name, "phase": phase}, n) for (name, phase), n in finished],
    )
    yield Family(
        "kargo_promotions_errored_retryable_total",
        "counter",
        "Errors of steps after which the step was run again.",
        retried,
    )
    yield Family(
        "kargo_promotions_errored_terminal_total",
        "counter",
        "Promotions that have ended Errored.",
        [({"project": name}, n) for (name, phase), n in finished if phase == _ERRORED],
    )
