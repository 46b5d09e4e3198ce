"""Whether the sync windows of an AppProject let an Application be synced (Argo CD's page "Sync Windows").

A window that denies beats those that allow; where windows allow, one of them must be open. `manualSync` lets what a
person asked for through, if all windows that stand in the way have it. Nothing here is shared with the rules that Towpath
itself follows, but for the reading of schedules: what one of them has wrong is seen by the other.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from towpath.resources import durations, moments
from towpath.rules import cron

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.demo.argocd.keys import Document


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """The windows that concern an Application at a moment."""

    assigned: Sequence[Document]
    active: Sequence[Document]

    def allows(self, *, manual: bool, started: bool = False) -> bool:
        """Whether a sync may go on. `manual`: a person asked for it; `started`: it ran before this moment."""
        denying = [each for each in self.active if each.get("kind") == "deny"]
        if denying:
            passes = manual and all(each.get("manualSync") for each in denying)
            return passes or (started and all(each.get("syncOverrun") for each in denying))
        if any(each.get("kind") == "allow" for each in self.active):
            return True
        shut = [each for each in self.assigned if each.get("kind") == "allow"]
        if not shut:
            return True
        if started and all(each.get("syncOverrun") for each in shut):
            return True
        return manual and all(each.get("manualSync") for each in shut)


def verdict(project: Document, application: Document, now: datetime) -> WindowVerdict:
    """Return the windows of a project that concern an Application. Raises ValueError for what cannot be read."""
    windows = (project.get("spec") or {}).get("syncWindows") or []
    assigned = [each for each in windows if _concerns(each, application)]
    return WindowVerdict(assigned, [each for each in assigned if is_active(each, now)])


def is_active(window: Document, now: datetime) -> bool:
    """Whether a window is open, or shut, at a moment. Raises ValueError for what cannot be read."""
    zone = ZoneInfo(window.get("timeZone") or "UTC")
    span = timedelta(microseconds=durations.parse(window.get("duration") or "0s") // 1000)
    schedule = cron.parse(window.get("schedule") or "", zone)
    start = schedule.after(moments.later(now, -span))
    return start is not None and start <= now


def _concerns(window: Document, application: Document) -> bool:
    spec = application.get("spec") or {}
    destination = spec.get("destination") or {}
    given = (
        (window.get("applications"), [application["metadata"]["name"]]),
        (window.get("namespaces"), [destination.get("namespace", "")]),
        (window.get("clusters"), [destination.get("server", ""), destination.get("name", "")]),
    )
    met = [
        any(
            fnmatch.fnmatchcase(value, pattern) for pattern in patterns for value in values if value
        )
        for patterns, values in given
        if patterns
    ]
    if not met:
        return False
    return all(met) if window.get("andOperator") else any(met)
