"""When Argo CD may sync an Application: the sync windows of its AppProject.

An active window that denies counts more than one that allows; where windows allow and none is active, nothing is synced
either. Windows with `manualSync` let through what a person asked for (Argo CD, "Sync Windows").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.patterns import PatternError, glob
from towpath.resources import durations, moments
from towpath.rules import cron

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from towpath.rules.argocd.application import Application

    Zone = Callable[[str], tzinfo | None]
    """Returns a time zone by its name; None if there is none."""

_MOST_CHANGES: Final = 500
"""Beginnings and ends that are looked at for the next opening."""
_SLASH: Final = "\x1f"
_MOST_AHEAD: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """One sync window that is about an Application."""

    denies: bool
    is_manual_free: bool
    """Whether what a person asks for passes."""
    schedule: cron.Schedule
    lasts: timedelta
    said: str

    def began(self, now: datetime) -> datetime | None:
        """Return since when it is active; None if it is not."""
        start = self.schedule.after(moments.later(now, -self.lasts))
        return start if start is not None and start <= now else None

    def changes_after(self, now: datetime) -> datetime | None:
        """Return when it begins or ends next."""
        began, begins = self.began(now), self.schedule.after(now)
        ends = moments.later(began, self.lasts) if began is not None else None
        return min((each for each in (begins, ends) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class SyncOpening:
    """Whether a sync may begin."""

    is_open: bool
    why: str = ""
    """Which windows forbid it."""
    opens_at: datetime | None = None
    """When one may; None: within a year none, or nobody can tell."""


def windows(
    project: Mapping[str, Any] | None, application: Application, zone: Zone
) -> tuple[list[SyncWindow], list[str]]:
    """Return the windows of an AppProject that are about an Application, and what is wrong with others."""
    spec = project.get("spec") if project else None
    given = spec.get("syncWindows") if isinstance(spec, dict) else None
    found, wrong = [], []
    for each in given if isinstance(given, list) else ():
        if not isinstance(each, dict) or not _is_about(each, application):
            continue
        try:
            found.append(_window(each, zone))
        except ValueError as error:
            wrong.append(f"sync window {each.get('schedule')!r}: {error}")
    return found, wrong


def opening(found: Sequence[SyncWindow], now: datetime, *, is_manual: bool) -> SyncOpening:
    """Return whether a sync may begin now and, where not, when one may."""
    why = _forbids(found, now, is_manual=is_manual)
    if not why:
        return SyncOpening(True)
    at = now
    for _ in range(_MOST_CHANGES):
        changes = [change for each in found if (change := each.changes_after(at)) is not None]
        if not changes or min(changes) - now > _MOST_AHEAD:
            break
        at = min(changes)
        if not _forbids(found, at, is_manual=is_manual):
            return SyncOpening(False, why, at)
    return SyncOpening(False, why)


def _forbids(found: Sequence[SyncWindow], now: datetime, *, is_manual: bool) -> str:
    active = [each for each in found if each.began(now) is not None]
    if denying := [each for each in active if each.denies]:
        if is_manual and all(each.is_manual_free for each in denying):
            return ""
        return "; ".join(each.said for each in denying)
    allowing = [each for each in found if not each.denies]
    if not allowing or any(each in active for each in allowing):
        return ""
    if is_manual and all(each.is_manual_free for each in allowing):
        return ""
    return "none of these is active: " + "; ".join(each.said for each in allowing)


def _window(given: Mapping[str, Any], zone: Zone) -> SyncWindow:
    name = given.get("timeZone")
    place = UTC if not isinstance(name, str) or not name else zone(name)
    if place is None:
        raise ValueError(f"there is no time zone {name!r}")
    schedule, lasts = str(given.get("schedule") or ""), str(given.get("duration") or "")
    span = durations.span(lasts)
    if span is None or span <= timedelta():
        raise ValueError(f"nobody can tell how long duration {lasts[:40]!r} is")
    kind = given.get("kind")
    if kind not in ("allow", "deny"):
        raise ValueError(f"kind {kind!r} is neither allow nor deny")
    about = given.get("description")
    said = f"{kind} window {schedule!r} for {lasts}" + (f" ({name})" if name else "")
    return SyncWindow(
        denies=kind == "deny",
        is_manual_free=given.get("manualSync") is True,
        schedule=cron.parse(schedule, place),
        lasts=span,
        said=f"{said}: {about[:200]}" if isinstance(about, str) and about else said,
    )


def _is_about(given: Mapping[str, Any], application: Application) -> bool:
    """Whether a window names an Application, its cluster or its namespace; with `andOperator` all that it names must fit."""
    to = application.destination
    subjects = {
        "applications": (application.name,),
        "clusters": (str(to.get("server") or ""), str(to.get("name") or "")),
        "namespaces": (str(to.get("namespace") or ""),),
    }
    fits = [
        any(_fits(pattern, subject) for pattern in given[key] for subject in names if subject)
        for key, names in subjects.items()
        if isinstance(given.get(key), list) and given[key]
    ]
    return bool(fits) and (all(fits) if given.get("andOperator") is True else any(fits))


def _fits(pattern: object, subject: str) -> bool:
    if not isinstance(pattern, str):
        return False
    try:  # for Argo CD a slash is a character like any other: `https://*` is any server
        return glob.compile(pattern.replace("/", _SLASH)).fullmatch(subject.replace("/", _SLASH))
    except PatternError:
        return False
