"""Headers of requests as those write them who have others send: one by one, in any spelling, whatever they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import messages
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence


def joined(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name; several of one name become one, as RFC 9110 has it. Raises BadRequest for what is none."""
    found: dict[str, str] = {}
    for name, value in fields:
        if not _is_plain(name, value):
            raise BadRequest(
                f"header {messages.cut(repr(name), messages.FOREIGN_BYTES)}: a header holds no line ends, and its name "
                "no blanks"
            )
        known = next((each for each in found if each.lower() == name.lower()), None)
        if known is None:
            found[name] = value
        else:  # the same as two lines
            found[known] = f"{found[known]}, {value}"
    return found


def _is_plain(name: str, value: str) -> bool:
    is_named = (
        bool(name) and name.isascii() and not any(each <= " " or each in ":\x7f" for each in name)
    )
    return is_named and not any(each in "\r\n\0" for each in value)
