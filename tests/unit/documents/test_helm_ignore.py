"""`.helmignore` by Helm's own rules: the first that decides counts, and a negated one leaves out what it does not fit."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.documents import helm_ignore
from towpath.errors import BadRequest


def _ignored(rules: str, *paths: str) -> list[str]:
    found = helm_ignore.read(rules.encode(), ".helmignore")
    return [path for path in paths if found.ignores(path)]


@pytest.mark.parametrize(
    ("rules", "ignored", "kept"),
    [
        ("", [], ["a", "templates/a", "templates/sub/.b"]),
        ("", ["templates/.a", "templates/.git/config"], []),
        ("*.bak", ["a.bak", "sub/a.bak", "sub.bak/a"], ["a", "bak"]),
        ("# *.md\n\n  notes.txt  ", ["notes.txt", "sub/notes.txt"], ["README.md"]),
        ("ci/", ["ci/values.yaml", "sub/ci/x"], ["ci"]),
        ("/top.txt", ["top.txt"], ["sub/top.txt"]),
        ("sub/*.txt", ["sub/a.txt"], ["sub/deep/a.txt", "a.txt", "other/sub/a.txt"]),
        ("a?c", ["abc"], ["ac", "abbc"]),
        ("[a-c]x", ["ax", "cx"], ["dx"]),
        ("[^a-c]x", ["dx"], ["ax"]),
        (r"\*x", ["*x"], ["ax"]),
        # Git would keep b.txt, as its last rule fits; Helm's first one leaves it out.
        ("*.txt\n!b.txt", ["a.txt", "b.txt"], []),
        # What a negated rule does not fit is left out, folders too.
        ("!keep.txt", ["a.txt", "sub/keep.txt"], ["keep.txt"]),
        ("!docs/", ["docs", "a.txt", "docs/a.txt"], []),
        ("\ufeff*.bak", ["a.bak"], []),
    ],
)
def test_what_is_left_out(rules: str, ignored: list[str], kept: list[str]) -> None:
    """A file, or a folder that it lies in."""
    assert _ignored(rules, *ignored, *kept) == ignored


@pytest.mark.parametrize("rule", ["a/**", "[", "[a", "[]", "[-a]", "[a-]", "a\\", "**"])
def test_what_helm_refuses(rule: str) -> None:
    """The file and the line are named."""
    with pytest.raises(BadRequest, match=r"\.helmignore: line 2: "):
        helm_ignore.read(f"ok\n{rule}".encode(), ".helmignore")


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_of_names(pattern: str, name: str) -> None:
    """As Python reads them, where both know the same."""
    if not name or "**" in pattern or not pattern.strip():
        return
    expected = re.fullmatch(fnmatch.translate(pattern), name) is not None
    assert (_ignored(pattern, name) == [name]) is expected


def test_a_hostile_pattern_is_quick() -> None:
    """Stars upon stars take no more than the product of the lengths."""
    assert _ignored("*a" * 400 + "b", "a" * 4_000) == []
