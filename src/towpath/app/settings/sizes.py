"""Sizes in the operator's configuration: a number of bytes, or one with a unit such as `2Gi`."""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(r"([0-9]{1,15})(Ki|Mi|Gi|Ti)?B?")
_UNITS: Final = {None: 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}


def read(size: int | str) -> int:
    """Return a size in bytes. Raises ValueError for any other text, and for less than one byte."""
    found = _FORM.fullmatch(str(size))
    number = int(found[1]) * _UNITS[found[2]] if found else 0
    if number < 1:
        raise ValueError(f"{size!r} is not a size such as 2Gi or a number of bytes from 1 on")
    return number
