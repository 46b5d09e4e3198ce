"""Issues that the messages of commits name, by a pattern of whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import patterns

if TYPE_CHECKING:
    from towpath.rules.released.report import ReleaseReport

KEYS: Final = r"\b[A-Z][A-Z0-9]{1,9}-[0-9]{1,7}\b"
"""Keys of issues as Jira and others write them, such as SHOP-12."""
MOST_ISSUES: Final = 500
_LONGEST: Final = 100
"""Characters of one: what is longer is no name of an issue."""


def issues(report: ReleaseReport, pattern: str) -> list[str]:
    """Return what matches a pattern in the messages of the commits that come: each once, as it is met first.

    The newest commits come first. Of a pattern with groups the first group counts. At most 500 are returned. Raises
    PatternError for a pattern that cannot be read.
    """
    compiled = patterns.compile(pattern)
    found = dict[str, None]()
    for _, commit in report.commits:
        for each in compiled.every(f"{commit.subject}\n{commit.body}"):
            if each and len(each) <= _LONGEST:
                found[each] = None
            if len(found) >= MOST_ISSUES:
                return list(found)
    return list(found)
