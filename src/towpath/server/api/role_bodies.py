"""What callers say of roles: claims, rules, grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.errors import BadRequest, Conflict
from towpath.resources.annotations import DESCRIPTION
from towpath.resources.role import PolicyRule
from towpath.rules import role_rules
from towpath.server import requests

if TYPE_CHECKING:
    from towpath.store.contract import Document


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A role as somebody wants it."""

    name: str
    description: str
    claims: dict[str, list[str]]
    rules: list[PolicyRule]


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What is to be given to a role, or taken from it: people, or verbs on a resource."""

    role: str
    claims: dict[str, list[str]]
    resource: str = ""
    name: str = ""
    verbs: tuple[str, ...] = ()


def role(body: Document, project: str) -> WantedRole:
    """Return the role that a body describes. Raises BadRequest; Conflict for one of another Project."""
    metadata = _object(body, "metadata")
    name, namespace = _text(metadata, "metadata.name"), _text(metadata, "metadata.namespace")
    if not name:
        raise BadRequest("metadata.name: it is missing: say what the role is to be called")
    if namespace and namespace != project:
        raise Conflict(
            f"metadata.namespace: {namespace[:63]!r} is not the Project of the path, {project!r}"
        )
    noted = metadata.get("annotations")
    said = noted.get(DESCRIPTION) if isinstance(noted, dict) else None
    return WantedRole(
        name,
        said if isinstance(said, str) else "",
        claims_of(body.get("claims"), "claims"),
        _rules(body.get("rules")),
    )


def change(body: Document) -> RoleChange:
    """Return what a grant or a revocation is about. Raises BadRequest."""
    name = requests.text_of(body, "role")
    if not name:
        raise BadRequest("role: it is missing: name the role")
    people, details = body.get("userClaims"), body.get("resourceDetails")
    if (people is None) == (details is None):
        raise BadRequest("exactly one of userClaims and resourceDetails is wanted")
    if people is not None:
        found = claims_of(_object(body, "userClaims").get("claims"), "userClaims.claims")
        if not found:
            raise BadRequest("userClaims.claims: it is empty: name a claim and its values")
        return RoleChange(name, found)
    details = _object(body, "resourceDetails")
    resource = _text(details, "resourceDetails.resourceType")
    verbs = _texts(details.get("verbs"), "resourceDetails.verbs")
    if not resource:
        raise BadRequest(
            "resourceDetails.resourceType: it is missing: name a resource, such as stages"
        )
    role_rules.plural(resource, "resourceDetails.resourceType")
    return RoleChange(
        name, {}, resource, _text(details, "resourceDetails.resourceName"), tuple(verbs)
    )


def claims_of(given: Any, where: str) -> dict[str, list[str]]:
    """Return claims by name; several entries of one name add up. Raises BadRequest."""
    found: dict[str, list[str]] = {}
    for place, each in enumerate(_list(given, where)):
        path = f"{where}[{place}]"
        if not isinstance(each, dict):
            raise BadRequest(f"{path}: it must be an object with name and values")
        name = _text(each, f"{path}.name")
        values = _texts(each.get("values"), f"{path}.values")
        if not name or not values or not all(values):
            raise BadRequest(f"{path}: it needs a name and at least one value, none of them empty")
        kept = found.setdefault(name, [])
        kept += [value for value in values if value not in kept]
    return found


def _rules(given: Any) -> list[PolicyRule]:
    rules = []
    for place, each in enumerate(_list(given, "rules")):
        path = f"rules[{place}]"
        if not isinstance(each, dict):
            raise BadRequest(f"{path}: it must be an object")
        verbs, groups, resources, names, urls = (
            _texts(each.get(key), f"{path}.{key}")
            for key in ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
        )
        rules.append(
            PolicyRule(
                verbs=verbs,
                api_groups=groups,
                resources=resources,
                resource_names=names,
                non_resource_urls=urls,
            )
        )
    return role_rules.checked(rules)


def _object(document: Document, key: str) -> Document:
    found = document.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadRequest(f"{key}: it must be an object")
    return found


def _list(given: Any, where: str) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise BadRequest(f"{where}: it must be a list")
    return given


def _texts(given: Any, where: str) -> list[str]:
    found = _list(given, where)
    return [requests.text_of({where: each}, where) for each in found]


def _text(document: Document, path: str) -> str:
    return requests.text_of({path: document.get(path.rpartition(".")[2])}, path)
