"""Which Applications belong to a Stage, for whoever shows it: those that its last Promotion that succeeded has updated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.promotion import HealthCheckStep


NOTHING: Final = "[]"
"""Of Stages without Applications."""


def context(checks: Iterable[HealthCheckStep]) -> str:
    """Return the Applications that checks are about as the annotation has them, a JSON list of `{name, namespace}`."""
    found = []
    for check in checks:
        apps = check.config.get("apps") if isinstance(check.config, dict) else None
        for app in apps if isinstance(apps, list) else ():
            if isinstance(app, dict) and isinstance(app.get("name"), str):
                entry = {"name": app["name"], "namespace": str(app.get("namespace") or "")}
                if entry not in found:
                    found.append(entry)
    return json.dumps(found, separators=(",", ":"))
