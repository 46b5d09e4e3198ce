"""How many examples a property test takes: as many as it names in `make test`, an eighth of them in `make quick`."""

from __future__ import annotations

import os
from typing import Final

QUICK: Final = bool(os.environ.get("TOWPATH_QUICK"))
"""Whether `make quick` runs: what is tried before a commit takes seconds, the suite tries the rest."""
_FEWEST: Final = 5


def examples(number: int) -> int:
    """The number of examples for a test that takes `number` of them in the suite."""
    return max(min(number, _FEWEST), number // 8) if QUICK else number
