"""Rules of Kargo's roles in their one form: a group, a resource and at most one name each, with every verb by its name."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest
from towpath.messages import alike, foreign
from towpath.resources import scheme
from towpath.resources.role import PROMOTE, VERBS, PolicyRule
from towpath.rules.rbac import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_EXTENT: Final = 10_000
"""What all rules of a role may come to: so it is compared with what somebody holds, and shown."""
_SHOWN: Final = 100

_GROUPS: Final = {kind.plural: kind.group for kind in scheme.SCHEME}
_PLURALS: Final = {
    word.lower(): kind.plural
    for kind in scheme.SCHEME
    for word in (kind.name, kind.singular, *kind.short_names)
}

_Key = tuple[str, str, str]


def extent(rules: Iterable[Mapping[str, Any]]) -> int:
    """Return what the rules of a document come to: verbs on resources, or objects by their names, written one by one."""
    return sum(map(_extent, rules))


def normalized(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Return what rules about resources allow, in the one form and in order; those about paths are left out.

    Rules that come to more than they may, which an older version has let in, stay as they are written.
    """
    given = list(rules)
    if sum(map(_extent_of, given)) > MOST_EXTENT:
        return [each for each in given if each.resources]
    return _rules(_by_key(given))


def checked(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Return rules as somebody wrote them, in the one form, with the groups that they left out. Raises BadRequest."""
    given, found = list(rules), []
    if (many := sum(map(_extent_of, given))) > MOST_EXTENT:
        raise BadRequest(f"rules: {too_many(many)}")
    for place, rule in enumerate(given):
        where = f"rules[{place}]"
        if rule.non_resource_urls:
            raise BadRequest(
                f"{where}.nonResourceURLs: a role in a Project is about resources; bind a ClusterRole for paths"
            )
        if not rule.resources or not rule.verbs:
            lacking = "verbs" if rule.resources else "resources"
            raise BadRequest(f"{where}.{lacking}: at least one is wanted")
        for resource in dict.fromkeys(rule.resources):
            groups = [_group(resource, f"{where}.resources")]
            if rule.api_groups:
                groups = rule.api_groups
            found += [
                PolicyRule(
                    verbs=rule.verbs,
                    api_groups=[group],
                    resources=[resource],
                    resource_names=rule.resource_names,
                )
                for group in groups
            ]
    return normalized(found)


def granted(
    rules: Iterable[PolicyRule], resource: str, name: str, verbs: Sequence[str]
) -> list[PolicyRule]:
    """Return rules that allow verbs on a resource besides; `name`: on that object alone. Raises BadRequest."""
    return normalized([*rules, _one(resource, name, verbs)])


def revoked(
    rules: Iterable[PolicyRule], resource: str, name: str, verbs: Sequence[str]
) -> list[PolicyRule]:
    """Return rules that do not allow verbs on a resource any more, where they do so under that very name. Raises BadRequest."""
    held = _by_key(rules)
    for key, taken in _by_key([_one(resource, name, verbs)]).items():
        if key in held:
            held[key] -= set(VERBS) | {PROMOTE} | held[key] if ALL in verbs else taken
    return _rules(held)


def plural(resource: str, where: str) -> str:
    """Return a resource's name. Raises BadRequest for one that there is not, with what may be meant."""
    _group(resource, where)
    return resource


def _one(resource: str, name: str, verbs: Sequence[str]) -> PolicyRule:
    group = _group(resource, "resourceDetails.resourceType")
    if not verbs or not all(verbs):
        raise BadRequest("resourceDetails.verbs: at least one is wanted, such as get")
    names = [name] if name else []
    return PolicyRule(
        verbs=list(verbs), api_groups=[group], resources=[resource], resource_names=names
    )


def _group(resource: str, where: str) -> str:
    """Return the API group of a resource, or of what a subresource belongs to. Raises BadRequest."""
    name, _, _ = resource.partition("/")
    if name == ALL:
        return ALL
    if name in _GROUPS:
        return _GROUPS[name]
    given = name.lower()
    meant = _PLURALS.get(given) or next(iter(alike(given, list(_GROUPS))), "")
    hint = f'; did you mean "{meant}"?' if meant else f"; there are {', '.join(sorted(_GROUPS))}"
    said = foreign(name, most_bytes=_SHOWN)
    raise BadRequest(f'{where}: "{said}" is no resource by its plural name{hint}')


def too_many(many: int) -> str:
    """Return what is wrong with rules that come to more than they may, with the remedy."""
    return (
        f"Too many: {many:,} combinations of verbs, API groups, resources and names: must have at most {MOST_EXTENT:,}; "
        "use `*`, or several roles"
    )


def _extent(rule: Mapping[str, Any]) -> int:
    keys = ("verbs", "apiGroups", "resources", "resourceNames")
    return _product(*(rule.get(key) or () for key in keys))


def _extent_of(rule: PolicyRule) -> int:
    return _product(rule.verbs, rule.api_groups, rule.resources, rule.resource_names)


def _product(*words: Iterable[str]) -> int:
    verbs, groups, resources, names = (max(1, len(set(each))) for each in words)
    return groups * resources * max(verbs, names)


def _by_key(rules: Iterable[PolicyRule]) -> dict[_Key, set[str]]:
    found: dict[_Key, set[str]] = {}
    for rule in rules:
        for group, resource in product(
            dict.fromkeys(rule.api_groups), dict.fromkeys(rule.resources)
        ):
            expanded = _expanded(rule.verbs, group, resource)
            for name in dict.fromkeys(rule.resource_names) or [""]:
                verbs = found.setdefault((group, resource, name), set())
                verbs |= expanded
    return found


def _expanded(verbs: Sequence[str], group: str, resource: str) -> set[str]:
    if ALL not in verbs or ALL in (group, resource):
        return set(verbs)
    is_stages = (group, resource) == (scheme.KARGO, scheme.STAGE.plural)
    return {*VERBS, *((PROMOTE,) if is_stages else ()), *(verb for verb in verbs if verb != ALL)}


def _rules(held: dict[_Key, set[str]]) -> list[PolicyRule]:
    return [
        PolicyRule(
            verbs=sorted(verbs),
            api_groups=[group],
            resources=[resource],
            resource_names=[name] if name else [],
        )
        for (group, resource, name), verbs in sorted(held.items())
        if verbs
    ]
