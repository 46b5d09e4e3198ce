"""Which objects a selector of names and labels means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.patterns import PatternError, selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.meta import LabelSelector, LabelSelectorRequirement, NamedSelector


def selects(wanted: NamedSelector, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a selector means the object of a name and labels; one whose name cannot be read means none."""
    try:
        if wanted.name and not selector.name(wanted.name)(name):
            return False
    except PatternError:
        return False
    return selects_labels(wanted, labels)


def selects_labels(wanted: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether a selector means an object of these labels; an empty one means all."""
    if any(labels.get(key) != value for key, value in wanted.match_labels.items()):
        return False
    return all(_holds(term, labels) for term in wanted.match_expressions)


def _holds(term: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    match term.operator:
        case "In":
            return labels.get(term.key) in term.values
        case "NotIn":
            return labels.get(term.key) not in term.values
        case "Exists":
            return term.key in labels
        case "DoesNotExist":
            return term.key not in labels
    return False
