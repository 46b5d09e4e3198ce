"""YAML texts put together: lines that nothing is put into stay, and nothing is lost unsaid."""

from __future__ import annotations

import pytest

from towpath import errors
from towpath.documents.yaml.merging import merged, merged_all


@pytest.mark.parametrize(
    ("base", "patch", "after"),
    [
        ("a: 1 # c\nb: 2\n", "a: x # d\n", "a: x # c\nb: 2\n"),
        ("a: 1", "b: 2", "a: 1\nb: 2\n"),
        ("\ufeffa: 1\r\n", "\ufeff# top\nb:\n  # in\n  c: 1\n", "\ufeffa: 1\r\nb:\r\n  # in\r\n  c: 1\r\n"),
        ("a:\n    b: 1\n", "a:\n  c:\n  - x\n  d: |\n    y\n\n    z\n", "a:\n    b: 1\n    c:\n    - x\n    d: |\n      y\n\n      z\n"),
        ("x:\n  a: {b: 1} # c\nz: 1", "x:\n  a: {c: 2}\n", "x:\n  a: # c\n    b: 1\n    c: 2\nz: 1"),
        ("a:\n  b: 1\n", "d: 3\na: {c: 2}\n", "a:\n  b: 1\n  c: 2\nd: 3\n"),
        ("# of a\na: 1\n# of b\nb: 2\n", "a: ~\n", "# of b\nb: 2\n"),
        ("a:\n  b: 1\nc: 2\n", "a: {b: null}\n", "a: {}\nc: 2\n"),
        ("a: 1\n", "a: null\n", "{}\n"),
        ("a: 1\n", "b: null\n", "a: 1\n"),
        ("a: &x 1\nb: *x\nn: ~\n", "c: 3\n", "a: &x 1\nb: *x\nn: ~\nc: 3\n"),
        ("a: 1\n", "c: &x {q: 1}\nd: *x\n", "a: 1\nc:\n  q: 1\nd:\n  q: 1\n"),
        ("a: >\n  x\n  y\nb: 1\n", "a: z\n", "a: z\nb: 1\n"),
        ("a:\n- x\n- y\nb: 1\n", "a:\n  - z\n", "a:\n  - z\nb: 1\n"),
        ("a:\nb: 1\n", "a: 2\n", "a: 2\nb: 1\n"),
        ('{"a": 1}', "b: 2", "a: 1\nb: 2\n"),
        ("", "b: 2", "b: 2"),
        ("a: 1\n", "# nothing\n", "a: 1\n"),
    ],
)  # fmt: skip
def test_what_becomes_of_two(base: str, patch: str, after: str) -> None:
    """Layout, comments and line ends are those of the first."""
    assert merged(base, patch, base_name="a", patch_name="b") == after
    assert (
        merged(after, patch, base_name="a", patch_name="b") == after
        or "~" in patch
        or "null" in patch
    )


@pytest.mark.parametrize(
    ("base", "patch", "said"),
    [
        ("a: 1\n---\nb: 1\n", "c: 1\n", "a: it has several documents"),
        ("a: 1\n...\n]", "c: 1\n", "a: what follows its first document is not valid YAML"),
        ("- a\n", "c: 1\n", "a: it is no mapping"),
        ("a: 1\n", "text\n", "b: it is no mapping"),
        ("a: 1\n", "c: [\n", "b: line 2"),
        ("a: 1\na: 2\n", "c: 1\n", 'a: line 2, column 1: key "a" is already set on line 1'),
        ("a: &x 1\nb: *x\n", "a: 3\n", "b cannot be merged into a so that it says what both say together"),
        ("x: &x {a: 1}\ny: {<<: *x}\nz:\n  <<: *x\n", "z: {a: ~}\n", "b cannot be merged into a"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_told(base: str, patch: str, said: str) -> None:
    """With the file that is wrong."""
    with pytest.raises(errors.BadRequest) as caught:
        merged(base, patch, base_name="a", patch_name="b")
    assert caught.value.message.startswith(said)


def test_several_files() -> None:
    """Each is put into those before it; empty ones are passed over; one alone is as it is."""
    assert (
        merged_all([("a", b""), ("b", b"x: 1 # c\n"), ("c", b" \n"), ("d", b"x: 2\ny: 3\n")])
        == b"x: 2 # c\ny: 3\n"
    )
    assert merged_all([("a", b"- x\n---\n- y\n")]) == b"- x\n---\n- y\n"
    assert merged_all([]) == merged_all([("a", b""), ("b", b"\n")]) == b""
    with pytest.raises(errors.BadRequest, match="b: byte 0 is not UTF-8"):
        merged_all([("a", b"x: 1\n"), ("b", b"\xff")])
    with pytest.raises(errors.BadRequest, match="a: it is no mapping"):
        merged_all([("a", b"- x\n"), ("b", b"")])
