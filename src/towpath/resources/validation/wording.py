"""The words of a Kubernetes API server for what is wrong with a field.

Tools and people know these texts: `field.ErrorList` of apimachinery, and what CustomResourceDefinitions make
of a failed schema.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN: Final = "(hidden)"
TOO_MANY: Final = "FieldValueTooMany"
MOST_ERRORS: Final = 100
"""No more than these are told: a list of a hundred thousand wrong items needs no book."""
_SHOWN: Final = 200
_SHOWN_NAME: Final = 253


def bounded(errors: Iterable[FieldError]) -> list[FieldError]:
    """Return the first errors and, where there are more, one that says so."""
    found = list(islice(errors, MOST_ERRORS + 1))
    if len(found) <= MOST_ERRORS:
        return found
    more = f"Too many errors: only the first {MOST_ERRORS} are told; correct them to see the others"
    return [*found[:MOST_ERRORS], FieldError("", "FieldValueInvalid", more)]


def below(path: str, key: str) -> str:
    """Return the path of a field; what a document uses as a key may be long and is cut."""
    return f"{path}.{cut(key)}" if path else cut(key)


def cut(name: str) -> str:
    """Return a name for a message; a long one is cut."""
    return name if len(name) <= _SHOWN_NAME else f"{name[:_SHOWN_NAME]}…"


def required(path: str, detail: str = "") -> FieldError:
    """The field must be there and is not."""
    return FieldError(path, "FieldValueRequired", f"Required value: {detail}".removesuffix(": "))


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError(path, "FieldValueInvalid", f"Invalid value: {shown(value)}: {detail}")


def wrong_type(path: str, wanted: str, found: str) -> FieldError:
    """The value is of another type than `wanted`; `found` is its type, or the text that has a wrong format."""
    name = path or "object"
    return FieldError(
        path,
        "FieldValueTypeInvalid",
        f"Invalid value: {shown(found)}: {name} in body must be of type {wanted}: {shown(found)}",
    )


def unsupported(path: str, value: Any, supported: tuple[str, ...]) -> FieldError:
    """The value is none of those there are."""
    listed = ", ".join(shown(item) for item in supported)
    return FieldError(
        path,
        "FieldValueNotSupported",
        f"Unsupported value: {shown(value)}: supported values: {listed}",
    )


def duplicate(path: str, value: Any) -> FieldError:
    """The value is there a second time."""
    return FieldError(path, "FieldValueDuplicate", f"Duplicate value: {shown(value)}")


def too_long(path: str, limit: int) -> FieldError:
    """The text is too long."""
    unit = "byte" if limit == 1 else "bytes"  # of characters, too: it is what an API server says
    return FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {limit} {unit}")


def too_many(path: str, count: int, limit: int) -> FieldError:
    """The list is too long."""
    items = "item" if limit == 1 else "items"
    return FieldError(path, TOO_MANY, f"Too many: {count}: must have at most {limit} {items}")


def forbidden(path: str, detail: str) -> FieldError:
    """The field must not be set, or changed, so."""
    return FieldError(path, "FieldValueForbidden", f"Forbidden: {detail}")


def shown(value: Any) -> str:
    """Return a value for a message: texts quoted, long ones cut."""
    if isinstance(value, str):
        value = value[: _SHOWN + 1]
    try:
        text = msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, OverflowError):  # lone surrogates, integers beyond 64 bits
        text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
