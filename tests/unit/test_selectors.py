"""Selectors of names and paths: plain, globs as doublestar reads them, regular expressions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.patterns import PatternError, glob, selector

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("pattern", "selected", "left_out"),
    [
        ("*", ["", "main"], ["release/1.0"]),
        ("release/*", ["release/1.0"], ["release/1/0", "release"]),
        ("?", ["a", "\u00e9"], ["/", "", "ab"]),
        ("x/**", ["x", "x/", "x/a", "x/a/b"], ["xy", "y/x"]),
        ("x/**/", ["x", "x/", "x/a/"], ["x/a"]),
        ("**", ["", "a", "a/b"], []),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax", "x/a"]),
        ("a/**/b", ["a/b", "a/c/b", "a/c/d/b"], ["ab", "a/cb"]),
        ("a**", ["a", "ab"], ["a/b"]),
        ("***", ["a"], ["a/b"]),
        ("x**/", ["x", "x/", "xy/"], ["x/y"]),
        ("{a,b}/**", ["a", "b/c"], ["c", "ab"]),
        ("{a/**,b}", ["a", "a/b", "b"], ["b/c"]),
        ("a/{**,x}", ["a", "a/", "a/b/c"], ["b"]),
        ("{a,{b,c}}d", ["ad", "bd", "cd"], ["d", "abd"]),
        ("{,v}1", ["1", "v1"], ["vv1"]),
        ("a,b", ["a,b"], ["a", "b"]),
        ("[a-c]", ["a", "c"], ["d", "-"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[a-c-e]", ["b", "-", "e"], ["d"]),
        ("[!a]x", ["bx", "/x"], ["ax", "x"]),
        ("[^a-c]", ["d"], ["b"]),
        ("[z-a]", ["z"], ["m", "a"]),
        (r"[a\]]", ["a", "]"], ["\\"]),
        ("[{]", ["{"], ["a"]),
        (r"\*\{", ["*{"], ["a{"]),
        ("a.b+(c)", ["a.b+(c)"], ["axb+(c)"]),
        ("", [""], ["a"]),
    ],
)
def test_globs(pattern: str, selected: list[str], left_out: list[str]) -> None:
    """Names and paths are matched alike: a star stays within one segment."""
    for text in selected:
        assert selector.name(f"glob:{pattern}")(text), text
        assert selector.path(f"glob:{pattern}")(text), text
    for text in left_out:
        assert not selector.name(f"glob:{pattern}")(text), text
        assert not selector.path(f"glob:{pattern}")(text), text


@pytest.mark.parametrize("pattern", ["[", "[]", "[!]", "[a", "{a", "a}", "{{a}", "\\", "a" * 5000])
def test_what_is_no_glob_is_refused(pattern: str) -> None:
    """As doublestar refuses it."""
    with pytest.raises(PatternError):
        glob.compile(pattern)


def test_braces_do_not_explode() -> None:
    """A thousand alternatives are enough, and a hundred long ones are no trouble."""
    with pytest.raises(PatternError, match="too many alternatives"):
        glob.compile("{a,b}" * 60)
    many = glob.compile("{" + ",".join(f"apps/service-{number}" for number in range(100)) + "}/**")
    assert many.fullmatch("apps/service-99/values.yaml")
    assert not many.fullmatch("apps/service-100/values.yaml")


@given(st.text("ab/*?[]{},\\!-", max_size=14), st.text("ab/", max_size=8))
def test_any_text_is_a_glob_or_none(pattern: str, subject: str) -> None:
    """Nothing else happens; what holds no sign of a glob stands for itself."""
    try:
        compiled = glob.compile(pattern)
    except PatternError:
        return
    found = compiled.fullmatch(subject)
    if not set(pattern) & set("*?[]{}\\"):
        assert found is (pattern == subject)


@pytest.mark.parametrize(
    ("base", "selected", "left_out"),
    [
        ("apps", ["apps", "apps/a", "apps/a..b/c", "./apps/x"], ["apps2", "apps/../x", ".."]),
        ("apps/", ["apps", "apps/a"], ["app"]),
        ("", ["", "a", "a/b"], ["..", "../a", "/a"]),
        (".", ["a"], ["../a"]),
        ("..", ["..", "../a"], ["a", "", "../../a"]),
        ("../a", ["../a/b"], ["a/b", "../b"]),
        ("a/../b", ["b/c"], ["a"]),
        ("/a", ["/a/b", "//a"], ["a", "a/b"]),
    ],
)
def test_plain_paths(base: str, selected: list[str], left_out: list[str], tmp_path: Path) -> None:
    """That path and all below it, wherever the process runs."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    try:
        for text in selected:
            assert selector.path(base)(text), text
        for text in left_out:
            assert not selector.path(base)(text), text
    finally:
        os.fchdir(before)
        os.close(before)
