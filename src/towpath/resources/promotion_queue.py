"""What Promotions of a Stage are found by without reading those that ended long ago: two derived indexes, and ages.

A Stage asks for what has ended since the last one that it took in together with what has not ended, and for the newest
that has ended with one Freight. Each is one range of one index, however many Promotions the Stage has had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.promotion import PromotionPhase

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER: Final = "queue.order"
"""Stage and age of a Promotion that has ended; behind all of these, Stage and name of one that has not."""
ENDED_WITH: Final = "queue.endedWith"
"""Stage, Freight and age of a Promotion that has ended."""

_WAITS: Final = "waits/"
"""Follows the ages, which begin with 0 or 1."""
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


def order(document: Mapping[str, Any]) -> str:
    """Return the Stage and where a Promotion stands in it: by age where it has ended, behind those where it has not."""
    stage, name = _spec(document, "stage"), _name(document)
    if not stage:
        return ""
    return f"{stage}/{_spelt(name) if _has_ended(document) else _WAITS + name}"


def ended_with(document: Mapping[str, Any]) -> str:
    """Return Stage, Freight and age, if the Promotion has ended."""
    stage, freight = _spec(document, "stage"), _spec(document, "freight")
    if not stage or not _has_ended(document):
        return ""
    return f"{stage}/{freight}/{_spelt(_name(document))}"


def unsettled(stage: str, last: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what ended from a Promotion on, which need not be there, and all that has not ended.

    `last`: that Promotion; with what ended from the first on, if it is empty.
    """
    return f"{stage}/{_spelt(last) if last else ''}", _after(stage)


def ended_since(stage: str, earlier: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what ended from a Promotion on."""
    return f"{stage}/{_spelt(earlier)}", f"{stage}/{_WAITS}"


def waiting(stage: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what has not ended."""
    return f"{stage}/{_WAITS}", _after(stage)


def with_freight(stage: str, freight: str) -> tuple[str, str]:
    """Return the range of `ENDED_WITH` for one Freight."""
    return f"{stage}/{freight}/", _after(f"{stage}/{freight}")


def _after(prefix: str) -> str:
    """Return the text that follows all that begin with `prefix/`."""
    return f"{prefix}{chr(ord('/') + 1)}"


def _spelt(name: str) -> str:
    """Return a rank as text that sorts as the rank does."""
    has_ulid, ulid, _ = rank(name)
    return f"{int(has_ulid)}{ulid}/{name}"


def _has_ended(document: Mapping[str, Any]) -> bool:
    status = document.get("status")
    phase = status.get("phase") if isinstance(status, dict) else None
    return isinstance(phase, str) and bool(phase) and PromotionPhase(phase).is_terminal


def _spec(document: Mapping[str, Any], field: str) -> str:
    spec = document.get("spec")
    value = spec.get(field) if isinstance(spec, dict) else None
    return value if isinstance(value, str) else ""


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    value = metadata.get("name") if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else ""
