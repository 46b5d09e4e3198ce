"""Role and ClusterRole: what may be done."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from towpath.resources.fields import Field, Struct
from towpath.resources.meta import LabelSelector, Resource

VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
"""What may be done with objects of any kind, and what `*` stands for; with Stages it is `promote` besides."""
PROMOTE: Final = "promote"
SPECIAL: Final = ("bind", "escalate", "impersonate")
"""Verbs on roles and accounts."""

_Words = Annotated[list[str], Field(list_type="atomic")]


class PolicyRule(Struct):
    """Verbs on resources."""

    verbs: Annotated[_Words, Field("What may be done; `*`: everything.")]
    api_groups: Annotated[_Words, Field("API groups of the resources; `*`: all.")] = []
    resources: Annotated[
        _Words, Field("The resources, such as `stages` or `stages/status`; `*`: all.")
    ] = []
    resource_names: Annotated[_Words, Field("Names of the objects; empty: all.")] = []
    non_resource_urls: Annotated[
        _Words, Field("Paths of the API that are not resources, such as `/healthz`.")
    ] = msgspec.field(default_factory=list, name="nonResourceURLs")


class AggregationRule(Struct):
    """Takes the rules from other ClusterRoles."""

    cluster_role_selectors: Annotated[
        list[LabelSelector], Field("Labels of the ClusterRoles.", list_type="atomic")
    ] = []


class Role(Resource):
    """What may be done in a Project."""

    rules: Annotated[list[PolicyRule], Field("What may be done.", list_type="atomic")] = []


class ClusterRole(Resource):
    """What may be done everywhere, or, bound by a RoleBinding, in a Project."""

    rules: Annotated[list[PolicyRule], Field("What may be done.", list_type="atomic")] = []
    aggregation_rule: Annotated[
        AggregationRule | None, Field("Takes the rules from other ClusterRoles.")
    ] = None
