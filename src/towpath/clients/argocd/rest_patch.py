"""A merge patch of an Application as Argo CD's own API takes it: changes, a wish to compare anew, a request to sync. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.patches import merge_patch
from towpath.rules.argocd.application import REFRESH

if TYPE_CHECKING:
    from collections.abc import Mapping

_METADATA: Final = ("annotations", "labels", "finalizers")
"""What of the metadata that API writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPatch:
    """The parts of a patch."""

    version: str
    """The version that it is for; empty: whichever."""
    changed: Mapping[str, Any]
    """What of spec and metadata it changes, without the wish to compare anew."""
    refresh: str
    """`hard`, `normal`, or empty."""
    operation: Mapping[str, Any] | None
    is_withdrawal: bool
    """Whether it takes an operation back."""

    @classmethod
    def of(cls, patch: Mapping[str, Any]) -> RestPatch:
        """Take a merge patch apart."""
        metadata = dict(patch.get("metadata") or {})
        annotations = dict(metadata.pop("annotations", None) or {})
        refresh = str(annotations.pop(REFRESH, None) or "")
        changed: dict[str, Any] = {}
        kept = {key: metadata[key] for key in _METADATA if key in metadata}
        if annotations:
            kept["annotations"] = annotations
        if kept:
            changed["metadata"] = kept
        if patch.get("spec"):
            changed["spec"] = patch["spec"]
        operation = patch.get("operation")
        return cls(
            version=str(metadata.get("resourceVersion") or ""),
            changed=changed,
            refresh=refresh,
            operation=operation,
            is_withdrawal="operation" in patch and operation is None,
        )

    def changes(self, found: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the JSON patch (RFC 6902) that makes the changes of what was found, and of no other version.

        Empty where nothing changes but that it is to be compared anew.
        """
        metadata = found.get("metadata") or {}
        steps = []
        for holder, key in (("", "spec"), *(("metadata", key) for key in _METADATA)):
            given = self.changed.get(holder, {}) if holder else self.changed
            if key not in given:
                continue
            before = (metadata if holder else found).get(key)
            after = merge_patch.apply(before, given[key])
            if after != before:
                steps.append(
                    {"op": "add", "path": f"{'/' + holder if holder else ''}/{key}", "value": after}
                )
        if not steps:
            return []
        if self.refresh:
            _add_refresh(steps, metadata, self.refresh)
        test = {
            "op": "test",
            "path": "/metadata/resourceVersion",
            "value": str(metadata.get("resourceVersion") or ""),
        }
        return [test, *steps]

    def request(self, name: str, namespace: str) -> dict[str, Any]:
        """Return the request to sync that stands for the operation (`ApplicationSyncRequest`)."""
        operation = self.operation or {}
        sync = operation.get("sync") or {}
        told: dict[str, Any] = {
            "prune": sync.get("prune"),
            "dryRun": sync.get("dryRun"),
            "revision": sync.get("revision"),
            "revisions": sync.get("revisions"),
            "resources": sync.get("resources"),
            "strategy": sync.get("syncStrategy"),
            "infos": operation.get("info"),
            "retryStrategy": operation.get("retry"),
        }
        if options := sync.get("syncOptions"):
            told["syncOptions"] = {"items": list(options)}
        return {
            "name": name,
            "appNamespace": namespace,
            **{key: value for key, value in told.items() if value},
        }


def _add_refresh(steps: list[dict[str, Any]], metadata: Mapping[str, Any], refresh: str) -> None:
    for step in steps:
        if step["path"] == "/metadata/annotations":
            step["value"] = {**(step["value"] or {}), REFRESH: refresh}
            return
    value = {**(metadata.get("annotations") or {}), REFRESH: refresh}
    steps.append({"op": "add", "path": "/metadata/annotations", "value": value})
