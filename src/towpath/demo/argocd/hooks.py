"""Hooks: objects that are made at a certain time of a sync, and do not count otherwise (Argo CD's page "Resource Hooks")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from towpath.demo.argocd.keys import Document

HOOK: Final = "argocd.argoproj.io/hook"
PHASES: Final = ("PreSync", "Sync", "PostSync")
"""In their order; `SyncFail` hooks are not run by this stand-in."""


def phases_of(manifest: Document) -> tuple[str, ...]:
    """Return at which times a manifest is a hook; none if it is none."""
    found = ((manifest.get("metadata") or {}).get("annotations") or {}).get(HOOK, "")
    return tuple(part.strip() for part in str(found).split(",") if part.strip())


def is_hook(manifest: Document) -> bool:
    """Whether a manifest is a hook."""
    return bool(phases_of(manifest))
