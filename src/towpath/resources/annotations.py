"""Annotations by which users, API and controllers speak to one another."""

from __future__ import annotations

import json
from typing import Any, Final

_GROUP: Final = "kargo.akuity.io/"

REFRESH: Final = f"{_GROUP}refresh"
"""A token; another one asks the controller to look now. The one that was met is `status.lastHandledRefresh`."""
REVERIFY: Final = f"{_GROUP}reverify"
"""Of a Stage: the verification to run again, as JSON `{id, actor, controlPlane}`."""
ABORT: Final = f"{_GROUP}abort"
"""Of a Stage: the verification to give up. Of a Promotion: `{action: terminate, actor, controlPlane}`."""
CREATE_ACTOR: Final = f"{_GROUP}create-actor"
"""Who made a Promotion or a Project."""
HOLD: Final = f"{_GROUP}auto-promotion-hold"
"""Of a Promotion: the origin whose auto-promotion it holds."""
RESUME: Final = f"{_GROUP}auto-promotion-resume"
"""Of a Promotion: the origin whose auto-promotion it resumes."""
STAGE: Final = f"{_GROUP}stage"
"""Of a Promotion: its Stage; the label of this name may be shortened."""
ROLLBACK: Final = f"{_GROUP}rollback"
"""Of a Promotion: `true` if it goes back."""
KEEP_NAMESPACE: Final = f"{_GROUP}keep-namespace"
"""Of a Project or its Namespace: `true` keeps the Namespace when the Project goes."""

_LONGEST: Final = 16 << 10
"""Characters of a request; nobody has that much to ask."""


def requested(value: str, key: str) -> dict[str, Any]:
    """Return what a request says, a JSON object; any other text stands for one that says just that of `key`."""
    try:
        found = json.loads(value) if len(value) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {key: value}
