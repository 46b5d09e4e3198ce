"""Which documents of a rendered template are hooks, as Helm tells them apart and orders them. Pure."""

from __future__ import annotations

from typing import Final

import yaml

from towpath.documents.manifests import streams
from towpath.resources.manifests.safe_loader import SAFE_LOADER

_HOOK: Final = "helm.sh/hook"
_TESTS: Final = frozenset({"test", "test-success"})
_EVENTS: Final = _TESTS | {
    f"{moment}-{action}"
    for moment in ("pre", "post")
    for action in ("install", "upgrade", "delete", "rollback")
}
_ORDER: Final = {
    kind: place
    for place, kind in enumerate(
        [
            "PriorityClass",
            "Namespace",
            "NetworkPolicy",
            "ResourceQuota",
            "LimitRange",
            "PodSecurityPolicy",
            "PodDisruptionBudget",
            "ServiceAccount",
            "Secret",
            "SecretList",
            "ConfigMap",
            "StorageClass",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "CustomResourceDefinition",
            "ClusterRole",
            "ClusterRoleList",
            "ClusterRoleBinding",
            "ClusterRoleBindingList",
            "Role",
            "RoleList",
            "RoleBinding",
            "RoleBindingList",
            "Service",
            "DaemonSet",
            "Pod",
            "ReplicationController",
            "ReplicaSet",
            "Deployment",
            "HorizontalPodAutoscaler",
            "StatefulSet",
            "Job",
            "CronJob",
            "IngressClass",
            "Ingress",
            "APIService",
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ]
    )
}


class UnreadableError(ValueError):
    """What a template became is no YAML."""


def hooks(rendered: dict[str, str], *, with_tests: bool) -> list[tuple[str, str]]:
    """Return the hooks among rendered templates, each with its template, in the order in which Helm runs them.

    Raises UnreadableError.
    """
    found: list[tuple[str, str, str]] = []
    for source, text in sorted(rendered.items()):
        name = source.rpartition("/")[2]
        if name.startswith("_") or name == "NOTES.txt":
            continue
        for part in streams.documents(text):
            if _HOOK not in part:
                continue
            kind, events = _head(part, source)
            if events & _EVENTS and (with_tests or not events & _TESTS):
                found.append((kind, source, part))
    found.sort(
        key=lambda each: (_ORDER.get(each[0], len(_ORDER)), "" if each[0] in _ORDER else each[0])
    )
    return [(source, part) for _, source, part in found]


def _head(part: str, source: str) -> tuple[str, set[str]]:
    """Return the kind of a document, and for which events it is a hook."""
    try:
        document = yaml.load(part, Loader=SAFE_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError(f"YAML parse error on {source}: {error}") from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    told = annotations.get(_HOOK) if isinstance(annotations, dict) else None
    events = {each.strip().lower() for each in told.split(",")} if isinstance(told, str) else set()
    return str(document.get("kind") or "") if isinstance(document, dict) else "", events
