"""What is dated ahead of us wins over all that is made until then, where the newest is taken: people are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.artifacts.subscription import Subscription

_SLACK: Final = timedelta(days=1)
"""By which clocks may differ without anybody being told."""


def note(subscription: Subscription, what: str, dated: datetime | None) -> None:
    """Note on a look that what it takes as the newest is dated more than a day ahead."""
    if dated is not None and dated - subscription.now > _SLACK:
        subscription.note(
            f"{what} is dated {moments.whole_seconds(dated)}, which lies ahead: it stays the newest until then; make it anew "
            "with a clock that is right, or keep it out by a rule"
        )
