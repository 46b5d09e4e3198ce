"""StageHooks of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT

if TYPE_CHECKING:
    from towpath.store.contract import Document


def hook_document(name: str = "tell", **spec: Any) -> Document:
    """Return a StageHook that hears of Promotions to `dev` that succeeded."""
    return {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "StageHook",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": {
            "stageSelector": {"name": "dev"},
            "events": ["promotion-succeeded"],
            "steps": [{"uses": "work", "as": "tell"}],
            **spec,
        },
    }
