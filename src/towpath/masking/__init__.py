"""Masking: texts with the secret values in them replaced, in whatever form they stand there.

A value is found as it is and as the usual writers put it (`forms`), in upper and lower case, and cut off by whoever
shortened a message. The cost grows with the text, hardly with the number of values (`pieces`).
"""

from towpath.masking.forms import SHORTEST, SHORTEST_LINE
from towpath.masking.masker import (
    MASK,
    MOST_FORMS,
    MOST_VALUES,
    Masker,
    TooMany,
    mask,
    mask_log_line,
)

__all__ = [
    "MASK",
    "MOST_FORMS",
    "MOST_VALUES",
    "SHORTEST",
    "SHORTEST_LINE",
    "Masker",
    "TooMany",
    "mask",
    "mask_log_line",
]
