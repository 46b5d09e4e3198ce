"""The kinds of Kubernetes itself that are served as well."""

from __future__ import annotations

from typing import Final

from towpath.resources import (
    argocd_connection,
    claims,
    config_map,
    event,
    lease,
    namespace,
    role,
    role_binding,
    secret,
    service_account,
)
from towpath.resources.kinds import Destination, Index, Kind, PrinterColumn
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.scheme.groups import COORDINATION, RBAC
from towpath.resources.scheme.rows import columns, indexes

NAMESPACE: Final = Kind(
    group="",
    version="v1",
    name="Namespace",
    plural="namespaces",
    namespaced=False,
    type=namespace.Namespace,
    short_names=("ns",),
    columns=columns(Status=".status.phase"),
    indexes=indexes("status.phase"),
    status=True,
    life_cycle=True,
)
SECRET: Final = Kind(
    group="",
    version="v1",
    name="Secret",
    plural="secrets",
    namespaced=True,
    type=secret.Secret,
    columns=columns(Type=".type"),
    indexes=indexes("type"),
    sealed=True,
    destination=Destination(
        label=CREDENTIAL_TYPE,
        keys=frozenset({secret.REPO_URL, secret.REPO_URL_IS_REGEX, argocd_connection.SERVER}),
        flags=frozenset({secret.REPO_URL_IS_REGEX}),
        keyless=frozenset({secret.GENERIC}),
        public=frozenset(
            {
                secret.REPO_URL,
                secret.REPO_URL_IS_REGEX,
                secret.USERNAME,
                secret.KNOWN_HOSTS,
                argocd_connection.SERVER,
                argocd_connection.CA_DATA,
            }
        ),
    ),
)
CONFIG_MAP: Final = Kind(
    group="",
    version="v1",
    name="ConfigMap",
    plural="configmaps",
    namespaced=True,
    type=config_map.ConfigMap,
    short_names=("cm",),
)
EVENT: Final = Kind(
    group="",
    version="v1",
    name="Event",
    plural="events",
    namespaced=True,
    type=event.Event,
    short_names=("ev",),
    columns=(
        PrinterColumn("Last Seen", ".lastTimestamp", type="date"),
        PrinterColumn("Type", ".type"),
        PrinterColumn("Reason", ".reason"),
        PrinterColumn("Object", ".involvedObject.name"),
        PrinterColumn("Message", ".message"),
    ),
    indexes=indexes(
        "involvedObject.apiVersion",
        "involvedObject.fieldPath",
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "involvedObject.uid",
        "reason",
        "reportingComponent",
        "source.component",
        "type",
        "metadata.creationTimestamp",
    ),
)
SERVICE_ACCOUNT: Final = Kind(
    group="",
    version="v1",
    name="ServiceAccount",
    plural="serviceaccounts",
    namespaced=True,
    type=service_account.ServiceAccount,
    short_names=("sa",),
    indexes=(Index(claims.INDEX, derive_each=claims.keys),),
)
ROLE: Final = Kind(
    group=RBAC, version="v1", name="Role", plural="roles", namespaced=True, type=role.Role
)
CLUSTER_ROLE: Final = Kind(
    group=RBAC,
    version="v1",
    name="ClusterRole",
    plural="clusterroles",
    namespaced=False,
    type=role.ClusterRole,
)
ROLE_BINDING: Final = Kind(
    group=RBAC,
    version="v1",
    name="RoleBinding",
    plural="rolebindings",
    namespaced=True,
    type=role_binding.RoleBinding,
    columns=columns(Role=".roleRef.name"),
    indexes=indexes("roleRef.name", "subjects[].name"),
)
CLUSTER_ROLE_BINDING: Final = Kind(
    group=RBAC,
    version="v1",
    name="ClusterRoleBinding",
    plural="clusterrolebindings",
    namespaced=False,
    type=role_binding.ClusterRoleBinding,
    columns=columns(Role=".roleRef.name"),
    indexes=indexes("roleRef.name", "subjects[].name"),
)
LEASE: Final = Kind(
    group=COORDINATION,
    version="v1",
    name="Lease",
    plural="leases",
    namespaced=True,
    type=lease.Lease,
    columns=columns(Holder=".spec.holderIdentity"),
)
