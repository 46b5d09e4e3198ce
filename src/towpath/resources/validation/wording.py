"""The words of a Kubernetes API server for what is wrong with a field.

Tools and people know these texts: `field.ErrorList` of apimachinery, and what CustomResourceDefinitions make
of a failed schema.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from towpath.errors import FieldError

HIDDEN: Final = "(hidden)"
_SHOWN: Final = 200


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
    listed = ", ".join(shown(item) for item in sorted(supported))
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
    return FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> FieldError:
    """The list is too long."""
    items = "item" if limit == 1 else "items"
    return FieldError(
        path, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} {items}"
    )


def forbidden(path: str, detail: str) -> FieldError:
    """The field must not be set, or changed, so."""
    return FieldError(path, "FieldValueForbidden", f"Forbidden: {detail}")


def shown(value: Any) -> str:
    """Return a value for a message: texts quoted, long ones cut."""
    try:
        text = msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, OverflowError):  # lone surrogates, integers beyond 64 bits
        text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
