"""Which Applications a step means by their labels (Kubernetes, "Labels and Selectors")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import Invalid
from towpath.resources.validation.names import wrong_with_label_value, wrong_with_qualified
from towpath.rules.label_selectors import selector_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEXTS = {"Exists": "{key}", "DoesNotExist": "!{key}", "In": "{key} in ({values})"}
_NOT_IN = "{key} notin ({values})"


def check(selector: Mapping[str, Any]) -> None:
    """Raise Invalid for a selector that selects by nothing, or by what no label can be."""
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        raise Invalid(
            "selector: it has neither matchLabels nor matchExpressions, and would mean every Application; give one of them"
        )
    wrong = [str(each) for each in selector_errors(selector, "selector")]
    if wrong := wrong or list(_wrong_labels(selector)):
        raise Invalid("; ".join(wrong))


def _wrong_labels(selector: Mapping[str, Any]) -> Iterator[str]:
    for key, operator, values in _terms(selector):
        for said in wrong_with_qualified(key):
            yield f"selector: {key[:100]!r} is no key of a label: {said}"
        if operator in ("In", "NotIn"):
            for value in values:
                for said in wrong_with_label_value(value):
                    yield f"selector: {value[:100]!r} is no value of label {key}: {said}"


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether labels are selected. Raises as `check`."""
    check(selector)
    return all(_holds(*term, labels) for term in _terms(selector))


def text(selector: Mapping[str, Any]) -> str:
    """Return a selector as it stands in a query. Raises as `check`."""
    check(selector)
    return ",".join(
        _TEXTS.get(operator, _NOT_IN).format(key=key, values=",".join(values))
        for key, operator, values in _terms(selector)
    )


def _holds(key: str, operator: str, values: Sequence[str], labels: Mapping[str, str]) -> bool:
    match operator:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def _terms(selector: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return key, operator and values of all terms; a label that must have a value is one of one."""
    found = [
        (key, "In", [value]) for key, value in sorted((selector.get("matchLabels") or {}).items())
    ]
    found += [
        (
            str(term.get("key") or ""),
            str(term.get("operator") or ""),
            list(term.get("values") or ()),
        )
        for term in selector.get("matchExpressions") or ()
    ]
    return found
