"""The table of kinds: what exists, what it is called, how it is printed and selected.

The rows are in a module for each origin: `kargo`, `towpath`, `argo`, `kubernetes`. To add a kind, add its module and its row,
and list it here; docs/contributing/add-a-kind.md is the way, step by step.
"""

from __future__ import annotations

import copyreg
from typing import Final

from towpath import messages
from towpath.resources.kinds import Kind
from towpath.resources.scheme.argo import (
    ANALYSIS_RUN,
    ANALYSIS_TEMPLATE,
    CLUSTER_ANALYSIS_TEMPLATE,
)
from towpath.resources.scheme.groups import (
    ARGO,
    BUILT_IN,
    COORDINATION,
    KARGO,
    KARGO_EE,
    RBAC,
    TOWPATH,
)
from towpath.resources.scheme.kargo import (
    CLUSTER_CONFIG,
    CLUSTER_MESSAGE_CHANNEL,
    CLUSTER_PROMOTION_TASK,
    EVENT_ROUTER,
    FREIGHT,
    MESSAGE_CHANNEL,
    PROJECT,
    PROJECT_CONFIG,
    PROMOTION,
    PROMOTION_REQUEST,
    PROMOTION_TASK,
    STAGE,
    TARGET,
    WAREHOUSE,
)
from towpath.resources.scheme.kubernetes import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    CONFIG_MAP,
    EVENT,
    LEASE,
    NAMESPACE,
    ROLE,
    ROLE_BINDING,
    SECRET,
    SERVICE_ACCOUNT,
)
from towpath.resources.scheme.towpath import (
    ARGOCD_CONNECTION,
    HOOK_RUN,
    MESSAGE,
    PROMOTION_JOURNAL,
    STAGE_HOOK,
)

_LONGEST_WORD: Final = 100
"""Of what a document says it is, in a message."""

SCHEME: Final[tuple[Kind, ...]] = (
    PROJECT,
    PROJECT_CONFIG,
    CLUSTER_CONFIG,
    WAREHOUSE,
    FREIGHT,
    STAGE,
    PROMOTION,
    PROMOTION_TASK,
    CLUSTER_PROMOTION_TASK,
    PROMOTION_REQUEST,
    PROMOTION_JOURNAL,
    ARGOCD_CONNECTION,
    MESSAGE_CHANNEL,
    CLUSTER_MESSAGE_CHANNEL,
    EVENT_ROUTER,
    MESSAGE,
    STAGE_HOOK,
    HOOK_RUN,
    TARGET,
    ANALYSIS_TEMPLATE,
    CLUSTER_ANALYSIS_TEMPLATE,
    ANALYSIS_RUN,
    NAMESPACE,
    SECRET,
    CONFIG_MAP,
    EVENT,
    SERVICE_ACCOUNT,
    ROLE,
    CLUSTER_ROLE,
    ROLE_BINDING,
    CLUSTER_ROLE_BINDING,
    LEASE,
)
"""Every kind."""

_BY_NAME: Final = {(kind.api_version, kind.name): kind for kind in SCHEME}
copyreg.pickle(Kind, lambda kind: (find, (kind.api_version, kind.name)))  # type: ignore[arg-type, return-value]  # there it is
"""A kind is the same one in another process: it is told from others by what it is, and not by what it has."""
_BY_RESOURCE: Final = {(kind.group, kind.version, kind.plural): kind for kind in SCHEME}


def find(api_version: object, name: object) -> Kind | None:
    """Return the kind of a document's `apiVersion` and `kind`."""
    if not isinstance(api_version, str) or not isinstance(name, str):
        return None
    return _BY_NAME.get((api_version, name))


def missing(api_version: object, name: object) -> str:
    """Return that there is no such kind, and which was meant."""
    if absent := [
        key for key, value in (("apiVersion", api_version), ("kind", name)) if value is None
    ]:
        return f"the document has no {' and no '.join(absent)}; an object needs both"
    said = f"there is no kind {_cut(name)} in version {_cut(api_version)}"
    versions = [kind.api_version for kind in SCHEME if kind.name == name]
    if versions:
        return f"{said}; {name} is of version {' or '.join(versions)}: put that into apiVersion"
    names = [kind.name for kind in SCHEME if kind is not PROMOTION_JOURNAL]
    meant = messages.alike_in_any_case(name, names) if isinstance(name, str) else []
    if not meant:
        return f"{said}; there are {', '.join(sorted(set(names)))}"
    told = [
        f"{found} ({kind.api_version})" for found in meant for kind in SCHEME if kind.name == found
    ]
    return f"{said}; did you mean {' or '.join(told)}?"


def _cut(word: object) -> str:
    return repr(word if not isinstance(word, str) else messages.cut(word, _LONGEST_WORD))


def find_resource(group: str, version: str, plural: str) -> Kind | None:
    """Return the kind of the parts of an API path."""
    return _BY_RESOURCE.get((group, version, plural))


def spoken(word: str) -> tuple[Kind, ...]:
    """Return the kinds a person may mean by a word on the command line.

    Singular, plural and short names count, upper or lower case, also with the group (`stage.kargo.akuity.io`).
    Several can share a word; the first of the scheme is the one usually meant.
    """
    word, _, group = word.lower().partition(".")
    return tuple(
        kind
        for kind in SCHEME
        if word in (kind.singular, kind.plural, *kind.short_names) and group in ("", kind.group)
    )


__all__ = [
    "ANALYSIS_RUN",
    "ANALYSIS_TEMPLATE",
    "ARGO",
    "ARGOCD_CONNECTION",
    "BUILT_IN",
    "CLUSTER_ANALYSIS_TEMPLATE",
    "CLUSTER_CONFIG",
    "CLUSTER_MESSAGE_CHANNEL",
    "CLUSTER_PROMOTION_TASK",
    "CLUSTER_ROLE",
    "CLUSTER_ROLE_BINDING",
    "CONFIG_MAP",
    "COORDINATION",
    "EVENT",
    "EVENT_ROUTER",
    "FREIGHT",
    "HOOK_RUN",
    "KARGO",
    "KARGO_EE",
    "LEASE",
    "MESSAGE",
    "MESSAGE_CHANNEL",
    "NAMESPACE",
    "PROJECT",
    "PROJECT_CONFIG",
    "PROMOTION",
    "PROMOTION_JOURNAL",
    "PROMOTION_REQUEST",
    "PROMOTION_TASK",
    "RBAC",
    "ROLE",
    "ROLE_BINDING",
    "SCHEME",
    "SECRET",
    "SERVICE_ACCOUNT",
    "STAGE",
    "STAGE_HOOK",
    "TARGET",
    "TOWPATH",
    "WAREHOUSE",
    "find",
    "find_resource",
    "missing",
    "spoken",
]
