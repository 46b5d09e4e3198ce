"""What a plan was made of, besides Git: the Stage, the Freight, the steps. By their digests it is told whether they changed. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from towpath.rules.gates.steps import InflatedTemplate
    from towpath.store.contract import Stored


def seen(stage: Stored, freight: Stored, template: InflatedTemplate) -> dict[str, str]:
    """Return digests of what a plan is made of, by what people call it."""
    document = {
        key: value for key, value in freight.document.items() if key not in ("metadata", "status")
    }
    return {
        "the Stage": _digest(stage.uid, stage.document.get("spec")),
        "the Freight": _digest(freight.uid, document),
        "a task of its steps": _digest(list(template.steps), list(template.variables)),
    }


def _digest(*values: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
