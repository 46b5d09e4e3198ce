"""How old a Promotion is beside others of its Stage, told by its name: `STAGE.ULID.FREIGHT`."""

from __future__ import annotations

from typing import Final

ULID_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
ULID_LENGTH: Final = 26


def rank(name: str) -> tuple[bool, str, str]:
    """Return what orders the Promotions of a Stage by age: names without a ULID first, then the ULID, then the name.

    The order is total, so it is the same whichever of them are compared.
    """
    ulid = ulid_in(name)
    return (True, ulid, name) if is_ulid(ulid) else (False, "", name)


def ulid_in(name: str) -> str:
    """Return the part of a name where a ULID stands: the last but one."""
    return name.rpartition(".")[0].rpartition(".")[2]


def is_ulid(text: str) -> bool:
    """Whether a text has the form of a ULID, in lower case."""
    return len(text) == ULID_LENGTH and not text.strip(ULID_DIGITS)
