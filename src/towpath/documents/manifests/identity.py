"""What a manifest is: its group, version, kind, namespace and name. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from towpath.errors import BadRequest
from towpath.resources.manifests.safe_loader import SAFE_LOADER

_CLUSTER_SCOPED: Final = frozenset(
    {
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "IngressClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a manifest says it is; what it does not say is empty."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def is_cluster_scoped(self) -> bool:
        """Whether Kubernetes itself keeps such objects outside of namespaces."""
        return (self.group, self.kind) in _CLUSTER_SCOPED


def identity(text: str, source: str) -> Identity | None:
    """Return what one document is, None for one that holds nothing. Raises BadRequest for what is no YAML."""
    try:
        found = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise BadRequest(f"{source}: what it renders to is no YAML: {error}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadRequest(f"{source}: what it renders to cannot be read: {error}") from error
    if found is None:
        return None
    if not isinstance(found, dict):
        return Identity()
    metadata = found.get("metadata")
    told = metadata if isinstance(metadata, dict) else {}
    group, _, version = _text(found.get("apiVersion")).rpartition("/")
    return Identity(
        group,
        version,
        _text(found.get("kind")),
        _text(told.get("namespace")),
        _text(told.get("name")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
