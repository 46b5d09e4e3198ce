"""How much work a pattern is, and that nobody is kept waiting by one: nor by many in one document or expression."""

from __future__ import annotations

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from towpath import expressions, patterns
from towpath.errors import FieldError, Invalid
from towpath.expressions.budget import Heavy
from towpath.patterns import glob
from towpath.patterns.weight import estimate
from towpath.resources import scheme
from towpath.resources.validation import admit
from towpath.rules.subscriptions import subscription_errors
from towpath.rules.written_patterns import step_errors

_ATOMS = st.sampled_from(
    [
        r"a",
        r".",
        r"é",
        r"\pL",
        r"\PN",
        r"\d",
        r"\W",
        r"[a-z]",
        r"[^x]",
        r"[\pL\pN]",
        r"[^\pL]",
        r"[[:^alpha:]]",
        r"\x{1F6A2}",
        r"(?:ab|c)",
        r"(?i)k",
        r"[á-ž]",
        r"\Qab\E",
    ]
)
_REPEATED = st.sampled_from(["", "*", "+", "?", "{3}", "{1,9}", "{4,}"])
_PATTERNS = st.lists(st.tuples(_ATOMS, _REPEATED), min_size=1, max_size=5).map(
    lambda parts: "".join(f"(?:{atom}){times}" for atom, times in parts)
)


@given(_PATTERNS)
def test_no_pattern_is_more_than_its_estimate(pattern: str) -> None:
    """RE2's own count of instructions is the truth."""
    compiled = re2.compile(pattern)
    assert max(compiled.programsize, compiled.reverseprogramsize) <= estimate(pattern) + 20


@pytest.mark.parametrize(
    "pattern",
    [
        r"\pL|" * 1000,
        r"[\pL\pN]" * 500,
        r"(\pL\pN){1,400}",
        r"((\pL{1,9}){1,9}){1,9}",
        r"(?i)\p{L}{1,500}",
        r"\PL{999,}",
        r"[^\pL]{900}",
        r"(?:(?:[^a]{30}){30}){1}" * 3,
    ],
)
def test_what_is_much_work_is_refused_unread(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of RE2 for twenty characters: everybody would wait."""
    monkeypatch.setattr(re2, "compile", None)
    with pytest.raises(patterns.PatternError, match="too much work"):
        patterns.compile(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^v\d+\.\d+\.\d+(-rc\.\d{1,9})?$",
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        r"^\pL{1,15}$",
        "b{1,900}",
        "a{2,b}",
    ],
)
def test_ordinary_patterns_are_read(pattern: str) -> None:
    """Counts, classes and a brace that is none."""
    patterns.compile(pattern)


@pytest.mark.parametrize(
    "text",
    ["{a,b}" * 9 + "*x" * 1800, "{a*,b*}" * 8 + "*?" * 1500, "{" * 3 + "}{a,b}" * 3 + "*?" * 2000],
)
def test_braces_of_a_glob_stand_for_so_much_only(text: str) -> None:
    """Four kilobytes stood for four megabytes."""
    with pytest.raises(patterns.PatternError):
        glob.compile(text)


def _wrong(*subscriptions: dict[str, Any]) -> list[FieldError]:
    items = [
        {"git": {"repoURL": f"https://example.com/{number}.git", **git}}
        for number, git in enumerate(subscriptions)
    ]
    return subscription_errors(items, {"git": None})


@pytest.mark.parametrize(
    "git",
    [
        {"includePaths": [f"regex:(a{number}|b{{1,900}})" for number in range(2000)]},
        {"excludePaths": [f"glob:{{a,b}}{{c,d}}{{e,f}}/{number}/*" for number in range(2000)]},
        {"allowTagsRegexes": [rf"\pL{{9}}{number}" for number in range(2000)]},
    ],
)
def test_the_patterns_of_a_document_are_bounded_together(
    git: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand of 10 ms each held the server for a minute and a half, on write and at every pass again."""
    read: list[str] = []
    compile_ = patterns.Pattern

    def count(text: str) -> patterns.Pattern:
        read.append(text)
        return compile_(text)

    monkeypatch.setattr(patterns, "Pattern", count)
    wrong = _wrong(git)
    assert "too much work" in str(wrong[0])
    assert len(wrong) <= 101
    assert sum(map(patterns.weight, read)) <= patterns.MOST_WEIGHT


def test_the_patterns_of_all_subscriptions_are_bounded_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A little in each of five hundred, in selectors and in expressions."""
    read: list[str] = []
    compile_ = patterns.Pattern

    def count(text: str) -> patterns.Pattern:
        read.append(text)
        return compile_(text)

    monkeypatch.setattr(patterns, "Pattern", count)
    each = [
        {
            "includePaths": [rf"regex:\pL{{8}}{number}"],
            "expressionFilter": rf'author matches "\\pL{{8}}{number}"',
        }
        for number in range(500)
    ]
    wrong = _wrong(*each)
    assert "too much work" in str(wrong[0])
    assert len(wrong) <= 202
    assert sum(map(patterns.weight, read)) <= 2 * patterns.MOST_WEIGHT


def test_the_selectors_of_policies_are_bounded_together() -> None:
    """They are read at every pass of a Stage."""
    policies = [{"stageSelector": {"name": rf"regex:\pL{{4}}{number}"}} for number in range(1000)]
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ProjectConfig",
        "metadata": {"name": "p", "namespace": "p"},
        "spec": {"promotionPolicies": policies},
    }
    with pytest.raises(Invalid, match="too much work"):
        admit(document, scheme.PROJECT_CONFIG)


def test_a_hundred_ordinary_selectors_are_admitted() -> None:
    """Plain paths, globs with braces, regular expressions."""
    paths = [f"apps/{number}" for number in range(1000)]
    paths += [f"glob:charts/{number}/**/*.{{yaml,yml}}" for number in range(50)]
    paths += [rf"regex:^env/{number}/[^/]+\.yaml$" for number in range(50)]
    assert _wrong({"includePaths": paths}) == []


def test_a_pattern_that_an_expression_makes_is_work() -> None:
    """Thirty of them were two seconds of the event loop, counted as thirty units."""
    program = expressions.compile(r'len(filter(1..30, {"a" matches ("\\pL{15}" + string(#))}))')
    with pytest.raises(Heavy):
        program.evaluate({}, light=True)
    assert program.evaluate({}) == 0


def test_the_patterns_of_an_expression_are_bounded_together() -> None:
    """As they are read when it is compiled."""
    source = " || ".join(rf'x matches "\\pL{{15}}{number}"' for number in range(50))
    with pytest.raises(expressions.ExpressionError, match="too much work"):
        expressions.compile(source)


def test_expressions_with_heavy_patterns_wait_until_they_are_evaluated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the texts of a document those are looked at that are little work together."""
    read: list[str] = []
    compile_ = patterns.Pattern

    def count(text: str) -> patterns.Pattern:
        read.append(text)
        return compile_(text)

    monkeypatch.setattr(patterns, "Pattern", count)
    steps = [{"if": rf'${{{{ x matches "\\pL{{16}}{number}" }}}}'} for number in range(150)]
    assert step_errors("s", steps) == []
    assert 0 < sum(map(patterns.weight, read)) <= 2 * patterns.MOST_WEIGHT
