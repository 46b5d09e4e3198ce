"""Options of a Warehouse's subscriptions that nothing comes of: what no type knows, and what the chosen strategy does not ask. Pure.

None of it is refused, as Kargo refuses none of it: whoever writes it is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.structs import schema_of
from towpath.resources.validation.unknown import without_unknown
from towpath.resources.warehouse import SUBSCRIPTIONS, subscription_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FILTERS: Final = ("allowTags", "allowTagsRegexes", "ignoreTags", "ignoreTagsRegexes")
_VERSIONS: Final = ("semverConstraint", "strictSemvers")
_STRATEGIES: Final[Mapping[str, tuple[str, str, Mapping[str, tuple[str, ...]]]]] = {
    "image": (
        "imageSelectionStrategy",
        "SemVer",
        {
            "SemVer": (),
            "Lexical": ("constraint", *_VERSIONS),
            "NewestBuild": ("constraint", *_VERSIONS),
            "Digest": (*_FILTERS, "strictSemvers", "cacheByTag"),
        },
    ),
    "git": (
        "commitSelectionStrategy",
        "NewestFromBranch",
        {
            "NewestFromBranch": (*_FILTERS, *_VERSIONS),
            "SemVer": ("branch", "since"),
            "Lexical": ("branch", "since", *_VERSIONS),
            "NewestTag": ("branch", "since", *_VERSIONS),
        },
    ),
}
"""By type: the field of its strategy, the usual one, and the options that each one does not ask."""
_SAYS_NO: Final = frozenset({"strictSemvers"})
"""Options that hold unless somebody says no."""


def idle_options(spec: Mapping[str, Any]) -> list[str]:
    """Return what to say of the options of a Warehouse's `spec`, which is sound; each text begins with the field."""
    found: list[str] = []
    subscriptions: Sequence[Any] = spec.get("subscriptions") or ()
    for number, item in enumerate(subscriptions):
        type_ = subscription_type(item)
        if type_ in SUBSCRIPTIONS:
            path = f"spec.subscriptions[{number}].{type_}"
            found += _unknown(type_, item[type_], path)
            found += _unheeded(type_, item[type_], path)
    criteria = spec.get("freightCreationCriteria") or {}
    if spec.get("freightCreationPolicy") == "Manual" and criteria.get("expression"):
        found.append(
            "spec.freightCreationCriteria: freightCreationPolicy Manual has no Freight made by itself, so nothing asks them"
        )
    return found


def _unknown(type_: str, subscription: Mapping[str, Any], path: str) -> Iterator[str]:
    _, unknown = without_unknown(schema_of(SUBSCRIPTIONS[type_]), dict(subscription))
    for each in unknown:
        yield f'{path}: unknown field "{each.path}"{each.meant}; it is kept, and nothing reads it'


def _unheeded(type_: str, subscription: Mapping[str, Any], path: str) -> Iterator[str]:
    if type_ not in _STRATEGIES:
        return
    field, usual, strategies = _STRATEGIES[type_]
    strategy = str(subscription.get(field) or usual)
    for option in strategies.get(strategy, ()):
        given = subscription.get(option)
        if given is not False if option in _SAYS_NO else not given:
            continue
        others = [each for each, idle in strategies.items() if option not in idle]
        yield f"{path}.{option}: {field} {strategy} does not ask it; leave it out, or choose {' or '.join(others)}"
