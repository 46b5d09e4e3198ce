"""`commitsBetween`, `issuesBetween` and `releaseNotes`, over what was in a Stage and what comes to it.

What was there is in the Stage's history, and what differs in repositories: both are data, so an evaluation stops for them. A
need of kind `RELEASE` carries what is to be compared; whoever loads it answers with a `ReleaseReport`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.values import Failure, Function, shown
from towpath.patterns import PatternError
from towpath.resources.freight import collection_id
from towpath.resources.structs import view
from towpath.rules.released import notes, report, tickets
from towpath.rules.released.changes import REVISION, SOURCE
from towpath.rules.released.notes import NotesFormat
from towpath.rules.released.report import ReleaseReport
from towpath.versions.urls import normalize_git

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.expressions.need import LoadedObjects

RELEASE: Final = "Release"
"""Kind of a need for a report."""
_SUCCEEDED: Final = "Succeeded"
_BEFORE_IT_IS_THERE: Final = frozenset(
    f"promotion-{each}" for each in ("created", "started", "failed", "errored", "aborted")
)
"""Events whose Freight is not in the Stage by what happened."""
_KEPT: Final = {
    "commits": ("repoURL", "id", "tag", "subscriptionName"),
    "images": ("repoURL", "tag", "digest", "annotations", "subscriptionName"),
    "charts": ("repoURL", "name", "version", "subscriptionName"),
    "artifacts": ("artifactType", "version", "subscriptionName"),
}


def was_there(stage: Mapping[str, Any] | None, promotion: str) -> list[Mapping[str, Any]]:
    """Return the Freight that was in a Stage before a Promotion: references; none if the Stage had none."""
    status = (stage or {}).get("status") or {}
    history = status.get("freightHistory") or ()
    last = status.get("lastPromotion") or {}
    is_recorded = (
        bool(promotion)
        and last.get("name") == promotion
        and ((last.get("status") or {}).get("phase") == _SUCCEEDED)
    )
    before = history[1:2] if is_recorded else history[:1]
    return [reference for each in before for reference in (each.get("items") or {}).values()]


def was_before(
    stage: Mapping[str, Any] | None, references: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the Freight that was in a Stage before other Freight that is or was in it: references.

    What is in the Stage now where that other Freight never was there.
    """
    history = ((stage or {}).get("status") or {}).get("freightHistory") or ()
    there = collection_id(str(each.get("name") or "") for each in references)
    places = [place for place, each in enumerate(history) if each.get("id") == there]
    before = history[places[0] + 1 :][:1] if places else history[:1]
    return [reference for each in before for reference in (each.get("items") or {}).values()]


def wanted(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the need that carries what is to be compared."""
    pair = {"before": [_kept(each) for each in before], "after": [_kept(each) for each in after]}
    return json.dumps(pair, separators=(",", ":"), sort_keys=True)


def compared(name: str) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return what a need of that name compares."""
    pair = json.loads(name)
    return pair["before"], pair["after"]


def functions(
    project: str,
    stage: str,
    promotion: str,
    references: Sequence[Mapping[str, Any]],
    event: Mapping[str, Any] | None = None,
) -> dict[str, Function]:
    """Return the functions by name, for what comes to a Stage by a Promotion: `references`.

    `event`: what happened, for a hook: after most events what is spoken of is in the Stage already.
    """

    def found(known: LoadedObjects) -> ReleaseReport:
        there = known.find("Stage", project, stage)
        if event is None or str(event.get("event")) in _BEFORE_IT_IS_THERE:
            before = was_there(there, "" if event is not None else promotion)
        else:
            before = was_before(there, references)
        document = known.find(RELEASE, project, wanted(before, references))
        if document is None:
            raise Failure("what was released is not looked at here")
        return view(ReleaseReport, document)

    def commits_between(known: LoadedObjects, repo: Any = "") -> list[Any]:
        of = normalize_git(_text(repo, "a repository"))
        return [
            report.value_of(url, each)
            for url, each in found(known).commits
            if not of or normalize_git(url) == of
        ]

    def issues_between(known: LoadedObjects, pattern: Any) -> list[str]:
        try:
            return tickets.issues(found(known), _text(pattern, "a pattern"))
        except PatternError as error:
            raise Failure(f"the pattern is no regular expression (RE2): {error}") from error

    def release_notes(known: LoadedObjects, form: Any = NotesFormat.MARKDOWN) -> str:
        name = _text(form, "a format")
        if name not in tuple(NotesFormat):
            raise Failure(f"there is no format {name[:50]!r}; there are {', '.join(NotesFormat)}")
        return notes.written(found(known), NotesFormat(name))

    read: dict[str, Callable[..., Any]] = {
        "commitsBetween": commits_between,
        "issuesBetween": issues_between,
        "releaseNotes": release_notes,
    }
    return {name: Function(name, call, reads=True) for name, call in read.items()}


def _kept(reference: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"origin": reference.get("origin") or {}}
    for field, names in _KEPT.items():
        kept[field] = [
            {name: _of(item[name]) for name in names if item.get(name)}
            for item in reference.get(field) or ()
        ]
    return kept


def _of(value: Any) -> Any:
    """Return a field of an artifact; of annotations those alone that say where it comes from."""
    if not isinstance(value, dict):
        return value
    return {name: value[name] for name in (REVISION, SOURCE) if name in value}


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Failure(f"{what} must be a string, not {shown(value)}")
    return value
