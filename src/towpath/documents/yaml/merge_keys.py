"""Which lists of Kubernetes objects are merged item by item, and by which fields their items are told apart.

The fields are those that the Kubernetes API declares for patches (`x-kubernetes-patch-merge-key` and
`x-kubernetes-list-map-keys` in its OpenAPI document), of the kinds that people write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class MergeShape:
    """What is known of a mapping's fields: mappings, and lists that are merged."""

    fields: Mapping[str, MergeShape | Keyed] = field(default_factory=dict)

    def inner(self, name: str) -> MergeShape:
        """Return what is known of a field that is a mapping."""
        found = self.fields.get(name)
        return found if isinstance(found, MergeShape) else PLAIN

    def keyed(self, name: str) -> Keyed | None:
        """Return how a field is merged that is a list; None: it takes the place of what was there."""
        found = self.fields.get(name)
        return found if isinstance(found, Keyed) else None


@dataclass(frozen=True, slots=True)
class Keyed:
    """A list whose items are told apart by fields of theirs."""

    keys: tuple[str, ...]
    item: MergeShape = field(default_factory=MergeShape)

    def identity(self, item: Any) -> tuple[Any, ...] | None:
        """Return what tells an item from the others; None for what is no such item."""
        if not isinstance(item, dict):
            return None
        found = tuple(item.get(key, _USUAL.get(key)) for key in self.keys)
        return found if all(isinstance(each, str | int) for each in found) else None


PLAIN: Final = MergeShape()
"""Of a mapping of which nothing is known."""
_USUAL: Final = {"protocol": "TCP"}

_CONTAINER: Final = MergeShape(
    {
        "env": Keyed(("name",)),
        "ports": Keyed(("containerPort", "protocol")),
        "volumeDevices": Keyed(("devicePath",)),
        "volumeMounts": Keyed(("mountPath",)),
    }
)
_POD: Final = MergeShape(
    {
        "containers": Keyed(("name",), _CONTAINER),
        "ephemeralContainers": Keyed(("name",), _CONTAINER),
        "hostAliases": Keyed(("ip",)),
        "imagePullSecrets": Keyed(("name",)),
        "initContainers": Keyed(("name",), _CONTAINER),
        "resourceClaims": Keyed(("name",)),
        "schedulingGates": Keyed(("name",)),
        "topologySpreadConstraints": Keyed(("topologyKey", "whenUnsatisfiable")),
        "volumes": Keyed(("name",)),
    }
)
_METADATA: Final = MergeShape({"ownerReferences": Keyed(("uid",))})
_STATUS: Final = MergeShape({"conditions": Keyed(("type",))})


def _of(**fields: MergeShape | Keyed) -> MergeShape:
    return MergeShape({"metadata": _METADATA, "status": _STATUS, **fields})


_TEMPLATE: Final = MergeShape({"metadata": _METADATA, "spec": _POD})
_WITH_TEMPLATE: Final = _of(spec=MergeShape({"template": _TEMPLATE}))
_WEBHOOKS: Final = _of(webhooks=Keyed(("name",)))
_KINDS: Final[Mapping[tuple[str, str], MergeShape]] = {
    ("v1", "Pod"): _of(spec=_POD),
    ("v1", "PodTemplate"): _of(template=_TEMPLATE),
    ("v1", "ReplicationController"): _WITH_TEMPLATE,
    ("v1", "Service"): _of(spec=MergeShape({"ports": Keyed(("port", "protocol"))})),
    ("v1", "ServiceAccount"): _of(secrets=Keyed(("name",))),
    ("apps/v1", "DaemonSet"): _WITH_TEMPLATE,
    ("apps/v1", "Deployment"): _WITH_TEMPLATE,
    ("apps/v1", "ReplicaSet"): _WITH_TEMPLATE,
    ("apps/v1", "StatefulSet"): _WITH_TEMPLATE,
    ("batch/v1", "CronJob"): _of(
        spec=MergeShape({"jobTemplate": MergeShape({"spec": MergeShape({"template": _TEMPLATE})})})
    ),
    ("batch/v1", "Job"): _WITH_TEMPLATE,
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): _WEBHOOKS,
}


def of(document: Any) -> MergeShape:
    """Return what is known of a document by its `apiVersion` and `kind`; nothing of what is no object of a known kind."""
    if not isinstance(document, dict):
        return PLAIN
    version, kind = document.get("apiVersion"), document.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        return PLAIN
    return _KINDS.get((version, kind), PLAIN)
