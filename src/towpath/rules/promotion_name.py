"""Names of Promotions, by which those of one Stage order by age."""

from __future__ import annotations

from typing import Final

from towpath.resources.promotion_age import ulid_in
from towpath.rules.ulid import moment_of

_LONGEST_STAGE: Final = 218
_FREIGHT_CHARS: Final = 7


def promotion_name(stage: str, freight: str, ulid: str) -> str:
    """Return `<stage>.<ulid>.<freight>`, at most 253 characters; names of one Stage order by age."""
    prefix = stage
    if len(prefix) > _LONGEST_STAGE:
        prefix = prefix[:_LONGEST_STAGE].rstrip(".-")
    return f"{prefix}.{ulid}.{freight[:_FREIGHT_CHARS]}".lower()


def moment(name: str) -> int | None:
    """Return the milliseconds since 1970 that a name tells; None for one that somebody made by hand."""
    return moment_of(ulid_in(name))
