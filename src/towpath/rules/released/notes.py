"""What was released, for people: as text, or as Markdown in which words of others mean nothing."""

from __future__ import annotations

import enum
import json
import re
from typing import TYPE_CHECKING, Final

from towpath.messages import short_id
from towpath.rules.released.changes import ChangeKind
from towpath.rules.released.report import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.rules.released.report import ReleasedArtifact, ReleasedCommit, ReleaseReport


class NotesFormat(enum.StrEnum):
    """In which form notes are written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


NOTHING: Final = "Nothing differs."
_SPECIAL: Final = re.compile(r"([\\`*_\[\]()<#|~@&$])")
"""What means something in the middle of a line, where alone words of others stand."""
_DATE: Final = 10


def text(report: ReleaseReport) -> str:
    """Return a report as lines of text."""
    return "\n".join(_lines(report, _Text())) or NOTHING


def markdown(report: ReleaseReport) -> str:
    """Return a report as Markdown."""
    return "\n".join(_lines(report, _Markdown())) or NOTHING


def written(report: ReleaseReport, form: NotesFormat) -> str:
    """Return a report in a form."""
    match form:
        case NotesFormat.TEXT:
            return text(report)
        case NotesFormat.MARKDOWN:
            return markdown(report)
        case NotesFormat.JSON:
            return json.dumps(shown(report), ensure_ascii=False, indent=2)


class _Text:
    def heading(self, kind: str, name: str, versions: str) -> str:
        return f"{kind} {name}  {versions}"

    def said(self, words: str) -> str:
        return f"  {words}"

    def commit(self, each: ReleasedCommit) -> str:
        return f"  {short_id(each.id)}  {each.subject} ({_by(each)})"

    def between(self) -> str:
        return ""


class _Markdown:
    def heading(self, kind: str, name: str, versions: str) -> str:
        return f"### {kind} {escaped(name)}: {escaped(versions)}\n"

    def said(self, words: str) -> str:
        return f"- *{escaped(words)}*"

    def commit(self, each: ReleasedCommit) -> str:
        return f"- `{short_id(each.id)}` {escaped(each.subject)} ({escaped(_by(each))})"

    def between(self) -> str:
        return ""


def escaped(words: str) -> str:
    """Return words of others as Markdown that shows them and does nothing else."""
    return _SPECIAL.sub(r"\\\1", words)


def _lines(report: ReleaseReport, form: _Text | _Markdown) -> Iterator[str]:
    differing = report.differing
    for place, found in enumerate(differing):
        if place:
            yield form.between()
        yield form.heading(found.kind, found.name, _versions(found))
        yield from _commits(form, found.commits, "", is_cut=found.is_cut)
        goes = "goes away" if len(found.removed_commits) == 1 else "go away"
        yield from _commits(
            form,
            found.removed_commits,
            f"{_many(len(found.removed_commits), more=found.is_removed_cut)} {goes}:",
            is_cut=found.is_removed_cut,
        )
        if found.unknown:
            yield form.said(f"commits not known: {found.unknown}")
        elif not found.commits and not found.removed_commits:
            yield form.said("no commits differ")
    if report.left_out:
        yield form.said(f"{report.left_out} more artifacts are not compared")


def _commits(
    form: _Text | _Markdown, commits: Sequence[ReleasedCommit], heading: str, *, is_cut: bool
) -> Iterator[str]:
    if commits and heading:
        yield form.said(heading)
    for each in commits:
        yield form.commit(each)
    if is_cut:
        yield form.said(f"and more: only the newest {len(commits)} are listed")


def _many(count: int, *, more: bool) -> str:
    return f"{'more than ' if more else ''}{count} commit{'' if count == 1 else 's'}"


def _versions(found: ReleasedArtifact) -> str:
    match found.change:
        case ChangeKind.ADDED:
            return f"{found.after} (was not there)"
        case ChangeKind.REMOVED:
            return f"{found.before} (goes away)"
        case _ if found.before == found.after:
            return f"{found.after} (the same name, other contents)"
        case _:
            return f"{found.before} -> {found.after}"


def _by(each: ReleasedCommit) -> str:
    name = each.author.partition(" <")[0] or "nobody"
    return f"{name}, {each.date[:_DATE]}" if each.date else name
