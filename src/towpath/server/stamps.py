"""What every answer of our own API says about itself: as of which revision, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.server.services import Services


def stamped(
    services: Services, answer: Mapping[str, Any], revision: int | None = None
) -> dict[str, Any]:
    """Return an answer with `rev` and `at`. `revision`: what it was read at, the newest where it is not given.

    Whoever reads in several steps takes the revision before the first: `ifRev` of a move then covers all that was seen.
    """
    rev = services.store.revision() if revision is None else revision
    return {"rev": rev, "at": moments.written(services.clock.now()), **answer}
