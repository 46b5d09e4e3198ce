"""RoleBinding and ClusterRoleBinding: who may do it."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Struct
from towpath.resources.meta import Resource


class RoleReference(Struct):
    """Names a role."""

    api_group: Annotated[str, Field("Its API group.")]
    kind: Annotated[str, Field("`Role` or `ClusterRole`.")]
    name: Annotated[str, Field("Its name.")]


class Subject(Struct):
    """Somebody."""

    kind: Annotated[str, Field("`User`, `Group` or `ServiceAccount`.")]
    name: Annotated[str, Field("Their name.")]
    namespace: Annotated[str, Field("Namespace of a ServiceAccount.")] = ""
    api_group: Annotated[str, Field("API group of that kind.")] = ""


class RoleBinding(Resource, kw_only=True):
    """Who may do it in a Project."""

    role_ref: Annotated[
        RoleReference, Field("The role that says what they may do.", map_type="atomic")
    ]
    subjects: Annotated[
        list[Subject], Field("The people, groups and programs meant.", list_type="atomic")
    ] = []


class ClusterRoleBinding(Resource, kw_only=True):
    """Who may do it everywhere."""

    role_ref: Annotated[
        RoleReference, Field("The role that says what they may do.", map_type="atomic")
    ]
    subjects: Annotated[
        list[Subject], Field("The people, groups and programs meant.", list_type="atomic")
    ] = []
