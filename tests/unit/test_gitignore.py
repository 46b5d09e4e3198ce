"""Ignore rules: which paths they name, by the rules of `git help gitignore`."""

from __future__ import annotations

import pytest

from towpath.patterns import PatternError, gitignore

CASES = [
    # rules, path, is_folder, ignored
    ("*.md", "a.md", False, True),
    ("*.md", "sub/a.md", False, True),
    ("*.md\n!b.md", "sub/b.md", False, False),
    ("/a.txt", "sub/a.txt", False, False),
    ("/a.txt", "a.txt", False, True),
    ("sub/a.txt", "x/sub/a.txt", False, False),
    ("build/", "build", False, False),
    ("build/", "build", True, True),
    ("build/", "build/out.o", False, True),
    ("build\n!build/keep", "build/keep", False, True),
    ("build/*\n!build/keep", "build/keep", False, False),
    ("*\n!sub/", "sub/c.txt", False, True),
    ("doc/**/x", "doc/x", False, True),
    ("doc/**/x", "doc/a/b/x", False, True),
    ("doc/**", "doc", True, False),
    ("doc/**", "doc/a/b", False, True),
    ("**/x", "a/b/x", False, True),
    ("a**b", "axyb", False, True),
    ("a**/b", "ax/y/b", False, False),
    ("# a\n\\#b", "#b", False, True),
    ("\\!b", "!b", False, True),
    ("a\\ ", "a ", False, True),
    ("a   ", "a", False, True),
    ("a\r", "a", False, True),
    ("[a-c].txt", "b.txt", False, True),
    ("[!a-c].txt", "b.txt", False, False),
    ("[]x].txt", "].txt", False, True),
    ("x[+-9]y/*", "x/y/z", False, False),
    ("[[:digit:]]", "7", False, True),
    ("[[:nope:]]", "n", False, False),
    ("[a", "[a", False, False),
    ("a\\", "a\\", False, False),
    ("?", "é", False, True),
    ("/", "a", False, False),
]


@pytest.mark.parametrize(("rules", "path", "is_folder", "ignored"), CASES)
def test_what_a_rule_names(rules: str, path: str, is_folder: bool, ignored: bool) -> None:
    """The table above."""
    assert gitignore.read(rules).hides(path, is_folder=is_folder) is ignored


def test_names_that_are_not_utf_8_are_matched_too() -> None:
    """A name is bytes; what is no text in it counts as characters of its own."""
    assert gitignore.read("*.md").hides("\udce9.md", is_folder=False)
    assert gitignore.read("?.md").hides("\udce9.md", is_folder=False)


def test_rules_are_bounded() -> None:
    """Neither their number nor what it takes to read them is without a limit."""
    with pytest.raises(PatternError, match="too many"):
        gitignore.read("\n".join(f"a{number}" for number in range(gitignore.MOST_RULES + 1)))
    with pytest.raises(PatternError, match="too much work"):
        gitignore.read("\n".join(f"a?{number}" for number in range(gitignore.MOST_RULES)))


def test_a_text_that_makes_others_slow_costs_little() -> None:
    """A backtracking matcher takes years for this."""
    assert not gitignore.read("*a" * 30 + "b").hides("a" * 10_000, is_folder=False)
