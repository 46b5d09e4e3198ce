"""Discovery: which groups, versions and resources there are, in the plain form and in the aggregated one.

The aggregated form answers at once what the plain one answers group by group. Clients name its version
(`apidiscovery.k8s.io` v2, older ones v2beta1) in `Accept` and are answered in the first that they name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.resources.reviews import REVIEWS, TOKEN_REQUEST
from towpath.resources.scheme import SCHEME
from towpath.server.kube import accept, definitions

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind


_DISCOVERY: Final = "apidiscovery.k8s.io"
_AGGREGATED: Final = ("v2", "v2beta1")
_AS: Final = "APIGroupDiscoveryList"
_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_OF_STATUS: Final = ("get", "patch", "update")


@dataclass(frozen=True, slots=True)
class ServedResource:
    """A resource, or a subresource of one, as discovery tells of it."""

    group: str
    version: str
    name: str
    """`stages`, or `stages/status`."""
    kind: str
    namespaced: bool
    verbs: tuple[str, ...]
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    of: tuple[str, str] = ("", "")
    """Group and version of the kind, where it is not of this group."""

    def plain(self) -> Document:
        """Return it as an `APIResource`."""
        told: Document = {
            "name": self.name,
            "singularName": self.singular,
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": list(self.verbs),
        }
        if self.of != ("", ""):
            told["group"], told["version"] = self.of
        if self.short_names:
            told["shortNames"] = list(self.short_names)
        if self.categories:
            told["categories"] = list(self.categories)
        return told

    def aggregated(self) -> Document:
        """Return it as an `APIResourceDiscovery` or, of a subresource, `APISubresourceDiscovery`."""
        group, version = self.of if self.of != ("", "") else (self.group, self.version)
        told: Document = {
            "responseKind": {"group": group, "version": version, "kind": self.kind},
            "verbs": list(self.verbs),
        }
        resource, slash, subresource = self.name.partition("/")
        if slash:
            return {"subresource": subresource, **told}
        told = {
            "resource": resource,
            "scope": "Namespaced" if self.namespaced else "Cluster",
            "singularResource": self.singular,
            **told,
        }
        if self.short_names:
            told["shortNames"] = list(self.short_names)
        if self.categories:
            told["categories"] = list(self.categories)
        return told


def _of_kind(kind: Kind) -> list[ServedResource]:
    verbs: tuple[str, ...] = _VERBS
    if kind is scheme.NAMESPACE:
        verbs = tuple(verb for verb in _VERBS if verb != "deletecollection")
    at = (kind.group, kind.version)
    found = [
        ServedResource(
            *at,
            kind.plural,
            kind.name,
            kind.namespaced,
            verbs,
            kind.singular,
            kind.short_names,
            kind.categories,
        )
    ]
    if kind.status:
        found.append(
            ServedResource(*at, f"{kind.plural}/status", kind.name, kind.namespaced, _OF_STATUS)
        )
    if kind is scheme.NAMESPACE:
        found.append(ServedResource(*at, "namespaces/finalize", kind.name, False, ("update",)))
    if kind is scheme.SERVICE_ACCOUNT:
        of = (TOKEN_REQUEST.group, TOKEN_REQUEST.version)
        name = "serviceaccounts/token"
        found.append(ServedResource(*at, name, TOKEN_REQUEST.name, True, ("create",), of=of))
    return found


def _of_review(kind: Kind) -> ServedResource:
    at = (kind.group, kind.version)
    return ServedResource(*at, kind.plural, kind.name, kind.namespaced, ("create",), kind.singular)


_OF_DEFINITIONS: Final = ServedResource(
    definitions.GROUP,
    definitions.VERSION,
    definitions.PLURAL,
    definitions.KIND,
    False,
    ("get", "list"),
    definitions.KIND.lower(),
    ("crd", "crds"),
    ("api-extensions",),
)


@cache
def served() -> tuple[ServedResource, ...]:
    """Return everything that is served, by group and name; those of the core group first."""
    found = [each for kind in SCHEME for each in _of_kind(kind)]
    found += [*map(_of_review, REVIEWS), _OF_DEFINITIONS]
    return tuple(sorted(found, key=lambda each: (each.group, each.version, each.name)))


def groups() -> dict[str, str]:
    """Return the version of each group, the core group (empty) left out."""
    return {each.group: each.version for each in served() if each.group}


def api_versions(address: str) -> Document:
    """Return what `/api` answers. `address`: HOST:PORT of this server."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list() -> Document:
    """Return what `/apis` answers."""
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [_group(name, version) for name, version in groups().items()],
    }


def group(name: str) -> Document | None:
    """Return what `/apis/GROUP` answers; None for a group that there is not."""
    version = groups().get(name)
    if version is None:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, version)}


def resource_list(group_: str, version: str) -> Document | None:
    """Return what `/apis/GROUP/VERSION` answers; None for a version that there is not."""
    found = [each for each in served() if (each.group, each.version) == (group_, version)]
    if not found:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group_}/{version}" if group_ else version,
        "resources": [each.plain() for each in found],
    }


def aggregated_version(header: str) -> str:
    """Return the version of the aggregated form that a caller prefers to anything else we write, empty if to none."""
    for media_type, parameters in accept.ranges(header):
        if media_type != accept.JSON:
            continue
        if not parameters.get("as"):
            return ""
        if parameters["as"] == _AS and parameters.get("g") == _DISCOVERY:
            version = parameters.get("v", "")
            if version in _AGGREGATED:
                return version
    return ""


def media_type(version: str) -> str:
    """Return the media type of the aggregated form."""
    return f"{accept.JSON};g={_DISCOVERY};v={version};as={_AS}"


@cache
def aggregated(version: str, *, of_core: bool) -> tuple[bytes, str]:
    """Return what `/api` (`of_core`) or `/apis` answers in the aggregated form, and its entity tag."""
    items = []
    for name, held in ({"": "v1"} if of_core else groups()).items():
        resources: list[Document] = []
        for each in served():
            if (each.group, each.version) != (name, held):
                continue
            if "/" in each.name:
                resources[-1].setdefault("subresources", []).append(each.aggregated())
            else:
                resources.append(each.aggregated())
        items.append(
            {
                "metadata": {"name": name, "creationTimestamp": None},
                "versions": [{"version": held, "resources": resources, "freshness": "Current"}],
            }
        )
    text = json.dumps(
        {
            "kind": _AS,
            "apiVersion": f"{_DISCOVERY}/{version}",
            "metadata": {},
            "items": items,
        }
    ).encode()
    return text, f'"{hashlib.sha256(text).hexdigest().upper()}"'


def _group(name: str, version: str) -> Document:
    found = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [found], "preferredVersion": found}
