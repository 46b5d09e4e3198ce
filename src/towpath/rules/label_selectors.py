"""What may be wrong with a label selector in a document: `matchLabels` and `matchExpressions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError
from towpath.resources.meta import MOST_SELECTOR_TERMS, MOST_SELECTOR_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


def selector_errors(given: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return what is wrong with a selector at a path: operators, values that are missing or too many, too many terms."""
    terms, labels = given.get("matchExpressions") or (), given.get("matchLabels") or {}
    if len(terms) + len(labels) > MOST_SELECTOR_TERMS:
        said = (
            f"Too many: {len(terms) + len(labels)}: must have at most {MOST_SELECTOR_TERMS} terms"
        )
        return [FieldError(path, "FieldValueTooMany", said)]
    found = []
    for number, term in enumerate(terms):
        where = f"{path}.matchExpressions[{number}]"
        operator, values = term.get("operator"), term.get("values") or []
        if operator not in _OPERATORS:
            said = f'Invalid value: "{operator}": it must be In, NotIn, Exists or DoesNotExist'
            found.append(FieldError(f"{where}.operator", "FieldValueInvalid", said))
        elif operator in ("In", "NotIn") and not values:
            said = f"Required value: {operator} needs at least one value"
            found.append(FieldError(f"{where}.values", "FieldValueRequired", said))
        elif operator in ("Exists", "DoesNotExist") and values:
            said = f"Forbidden: {operator} takes none"
            found.append(FieldError(f"{where}.values", "FieldValueForbidden", said))
        elif len(values) > MOST_SELECTOR_VALUES:
            said = f"Too many: {len(values)}: must have at most {MOST_SELECTOR_VALUES} items"
            found.append(FieldError(f"{where}.values", "FieldValueTooMany", said))
    return found
