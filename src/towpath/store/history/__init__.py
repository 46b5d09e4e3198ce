"""History: what happened to Promotions, verifications, Stages and approvals, kept when the objects are gone.

`derivation` looks at one write, the document before and after, and says what it means for history, in the
words of `changes`. `questions` is what can be asked. Intervals are `[began, ended)` in history's own time, which
is that of the writes and never decreases; the documents' own times are kept beside.
"""

from towpath.store.history.changes import Change
from towpath.store.history.derivation import derive
from towpath.store.history.questions import (
    Approval,
    Density,
    History,
    HistorySelection,
    Occupancy,
    Past,
    PastPromotion,
    Records,
    Verified,
)

__all__ = [
    "Approval",
    "Change",
    "Density",
    "History",
    "HistorySelection",
    "Occupancy",
    "Past",
    "PastPromotion",
    "Records",
    "Verified",
    "derive",
]
