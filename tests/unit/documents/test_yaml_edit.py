"""Edits of YAML: the scalar changes, every other byte stays."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from towpath import errors
from towpath.documents.yaml import Change, Update, flow, update
from towpath.documents.yaml.regions import Regions
from towpath.documents.yaml.rendering import is_plain
from towpath.resources import scalars


def _set(text: str, key: str, value: Any) -> str:
    return update(text.encode(), [Update(key, value)], source="values.yaml").data.decode()


@pytest.mark.parametrize(
    ("text", "key", "value", "after"),
    [
        ("a: 1 # c\nb: 2\n", "a", 2, "a: 2 # c\nb: 2\n"),
        ("a:\n", "a", "x", "a: x\n"),
        ("a: # c\n", "a", "x", "a: x # c\n"),
        ("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
        ("{a: 1,   b: [x,y]}\n", "b.1", "z", "{a: 1,   b: [x,z]}\n"),
        ("{a: 1}", "a", "x, y", '{a: "x, y"}'),
        ("a: {b: , c: 1}\n", "a.b", "x", "a: {b: x, c: 1}\n"),
        ("a: 'x'\n", "a", "it's", "a: 'it''s'\n"),
        ("a: 'x'\n", "a", "two\nlines", 'a: "two\\nlines"\n'),
        ('a: "x"\n', "a", 'say "hi"', 'a: "say \\"hi\\""\n'),
        ('a: "x"\n', "a", 5, "a: 5\n"),
        ("a: 1\r\nb: 2\r\n", "b", 3, "a: 1\r\nb: 3\r\n"),
        ("a: 1", "a", 2, "a: 2"),
        ("\ufeffa: 1\n", "a", 2, "\ufeffa: 2\n"),
        ("a: |\n  one\n  two\n\n# end\nb: 1\n", "a", "x", "a: x\n\n# end\nb: 1\n"),
        ("a: |\n  one\nb: 1\n", "a", "x\ny\n", "a: |\n  x\n  y\nb: 1\n"),
        ("a: >-\n  one\n", "a", "x\ny", "a: |-\n  x\n  y\n"),
        ("a: &anchor 1\nb: *anchor\n", "a", 2, "a: &anchor 2\nb: *anchor\n"),
        ("a: !!str 1\n", "a", "2", 'a: "2"\n'),
        ("a: &x !!int 1 # c\nb: *x\n", "a", "x", "a: &x x # c\nb: *x\n"),
        ("a: !vault |\n  x\nb: 1\n", "a", "z", "a: !vault z\nb: 1\n"),
        ("a: &x\nb: 1\n", "a", "z", "a: &x z\nb: 1\n"),
        ("- x\n- y\n", "1", "z", "- x\n- z\n"),
        ("a:\n-\n- y\n", "a.0", "z", "a:\n- z\n- y\n"),
        ("日本: 語\n", "日本", "x", "日本: x\n"),
        ("a: 😀 # z\nb: 1\n", "b", 2, "a: 😀 # z\nb: 2\n"),
        ('"quoted key": 1\n', "quoted key", 2, '"quoted key": 2\n'),
        ("dotted.key: 1\n", r"dotted\.key", 2, "dotted.key: 2\n"),
        ("a: plain\n  going on\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
        ("---\na: 1\n---\na: 5\n", "a", 2, "---\na: 2\n---\na: 5\n"),
        ("a: x\n", "a", None, "a: null\n"),
        ("a: x\n", "a", "", 'a: ""\n'),
        ("a: x\n", "a", True, "a: true\n"),
        ("a: x\n", "a", 1e22, "a: 1.0e+22\n"),
        ("a: x\n", "a", 0.5, "a: 0.5\n"),
        ("a: x\n", "a", 5.0, "a: 5\n"),
        ("m: {url: old, n: 1}\n", "m.url", "http://x?y", 'm: {url: "http://x?y", n: 1}\n'),
        ("tag: old\n \t\nname: web\n", "tag", "1.10", 'tag: "1.10"\n\nname: web\n'),
        ("a: |\n  x\n   \nb: 1\n", "a", "y\nz\n", "a: |\n  y\n  z\n\nb: 1\n"),
        ("a: |\n    x\n  # b\nb: 1\n", "a", "y\nz\n", "a: |\n    y\n    z\n  # b\nb: 1\n"),
        ("a: |\n  x\n\nb: 1\n", "a", "y\n\n", "a: |+\n  y\n\nb: 1\n"),
        ("a: |-\n  x", "a", "y\nz\n", "a: |\n  y\n  z\n"),
        ("a: |2-\n    x\nb: 1\n", "a", "y\nz", "a: |2-\n  y\n  z\nb: 1\n"),
        ("a: | # c\n  x\nb: 1\n", "a", "y\nz\n", "a: | # c\n  y\n  z\nb: 1\n"),
        ("a: | # c\n  x\nb: 1\n", "a", "v", "a: v # c\nb: 1\n"),
        ("? web\n? db\n", "web", "v1", "? web\n: v1\n? db\n"),
        ("a:\n  ? web\n  ? db\n", "a.db", "v1", "a:\n  ? web\n  ? db\n  : v1\n"),
        ("? web", "web", "v1", "? web\n: v1"),
        ('{"beta", alpha: x}\n', "beta", "v1", '{"beta": v1, alpha: x}\n'),
        ("{beta, alpha: x}\n", "beta", "v1", "{beta: v1, alpha: x}\n"),
        ("a: &t # c\n  old\nb: 1\n", "a", "v2", "a: &t # c\n  v2\nb: 1\n"),
        ("a: &x !!int # c !not\n  1\nb: *x\n", "a", "v", "a: &x # c !not\n  v\nb: *x\n"),
        ("p:\n  8080: x\n  '8080': y\n", "p.8080", "v", "p:\n  8080: v\n  '8080': y\n"),
    ],
)
def test_only_the_scalar_changes(text: str, key: str, value: Any, after: str) -> None:
    """And it reads back as what was asked for."""
    found = _set(text, key, value)
    assert found == after
    assert all(yaml.compose_all(found))


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "y",
        "N",
        "~",
        "null",
        "",
        "true",
        "0123",
        "0o17",
        "0x1f",
        "1e3",
        "1.5",
        "1_000",
        "2024-01-01",
        "12:30:45",
        "1:30",
        ".inf",
        ".nan",
        "-1",
        "+1",
        "=",
        "<<",
        "0b11",
        "1.",
        ".5",
        "foo: bar",
        "# x",
        "a #b",
        "x:",
        "- x",
        "? x",
        "[x",
        "{x",
        "*x",
        "&x",
        "!x",
        "|",
        ">",
        "%x",
        "@x",
        "`x",
        "'x",
        '"x',
        " x",
        "x ",
        "a\tb",
        "--- x",
        "... x",
        "two\nlines",
        "\u2028",
        "\x07",
        "\ufeffx",
    ],
)
def test_what_would_be_read_as_something_else_is_quoted(text: str) -> None:
    """By YAML 1.1 or by YAML 1.2, or as syntax."""
    found = _set("a: x\nb: 1\n", "a", text)
    assert found.startswith('a: "')
    assert yaml.safe_load(found) == {"a": text, "b": 1}


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.3",
        "registry.example/app:v1",
        "a b",
        "-x",
        "x#y",
        "1.2.3",
        "abc-def",
        "é",
        "2026-01-02_1000-a",
    ],
)
def test_what_reads_back_stays_plain(text: str) -> None:
    """No quotes where none are needed."""
    assert _set("a: x\n", "a", text) == f"a: {text}\n"
    assert is_plain(text)
    assert scalars.resolve(text) == text


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("a: {b: 1}\n", "a.c", "there is no 'c' in a; there is b"),
        ("image: {tag: 1}\n", "image.tga", "there is no 'tga' in image; there is tag"),
        ("a: 1\n", "a.b", "a is a scalar"),
        ("a: {b: 1}\n", "a", "a is a mapping, not a scalar"),
        ("a: [1]\n", "a", "a is a sequence, not a scalar"),
        ("a: [1]\n", "a.1", "a has 1 items, so the last index is 0"),
        ("a: [1]\n", "a.-1", "a is a sequence; '-1' is no index"),
        ("a: [1]\n", "a.x", "a is a sequence; 'x' is no index"),
        ("a: &x {b: 1}\nc: *x\n", "c.b", "c is the alias *x"),
        ("a: &x 1\nc: *x\n", "c", "c is the alias *x"),
        ("", "a", "the file is empty"),
        ("# nothing\n", "a", "the file is empty"),
        ("a: 1\na: 2\n", "a", "key 'a' is there twice, in line 1 and in line 2"),
        ("b: {c: 1, c: 2}\na: 1\n", "b.c", "key 'b.c' is there twice"),
        ("b: {c: 1}\nb: {c: 2}\na: 1\n", "b.c", "key 'b' is there twice"),
        ("a: [1\n", "a", "it is not valid YAML"),
        ("a: 1\n", "a..b", "has an empty part"),
        ("a: 1\n", "a:b", r"write \: for a colon"),
        ("a: 1\n", r"a\x", r"\x means nothing"),
    ],
)
def test_what_cannot_be_set_says_why(text: str, key: str, said: str) -> None:
    """Naming the key, what is missing, and what is there instead."""
    with pytest.raises(errors.BadRequest) as error:
        _set(text, key, "v")
    assert said in error.value.message


@pytest.mark.parametrize("value", [{"a": 1}, [1]])
def test_only_scalars_take_the_place_of_scalars(value: Any) -> None:
    """Objects and lists are a clear error."""
    with pytest.raises(
        errors.BadRequest, match=r"values\.yaml: key 'a': an? .* cannot take the place"
    ):
        _set("a: 1\n", "a", value)


def test_several_at_once_and_the_last_of_one_key_counts() -> None:
    """Also two on one line."""
    wanted = [Update("b.0", 9), Update("a", "x"), Update("b.1", 8), Update("a", "z")]
    assert (
        update(b"a: 1\nb: [1, 2, 3] # c\n", wanted, source="f").data == b"a: z\nb: [9, 8, 3] # c\n"
    )


def test_what_is_not_utf_8() -> None:
    """The byte is named."""
    with pytest.raises(errors.BadRequest, match="byte 3 is not UTF-8"):
        update(b"a: \xff\n", [Update("a", 1)], source="f")


def test_a_key_that_stands_twice_elsewhere_is_told() -> None:
    """It does not stop an edit of another key."""
    found = update(b"b: {c: 1, c: 2}\na: 1\n", [Update("a", 2)], source="f")
    assert found.data == b"b: {c: 1, c: 2}\na: 2\n"
    assert found.doubles == ("'b.c' is there twice, in line 1 and in line 1",)


def test_what_changed_is_told() -> None:
    """Each scalar, its line, and what it was before."""
    found = update(b"a: 1\nb:\n- x\n", [Update("b.0", "y"), Update("a", 2)], source="f")
    assert found.changes == (Change("a", 1, "1", 2), Change("b.0", 3, "x", "y"))


ENTRY = '"app%d": {"image": "registry.example/app%d", tag: v1.%d, \'ports\': [80, 443], "note": "a \\"}, {\\" b"}'
FLOW = "{" + ", ".join(ENTRY.replace("%d", str(number)) for number in range(2000)) + "}\n"


@pytest.mark.parametrize(
    ("text", "path", "entry"),
    [
        (FLOW, ("app1999", "tag"), "tag: v1.1999"),
        (FLOW, ("app7", "ports", "1"), "443"),
        (f'---\n[1, {FLOW}, {{"apps": {FLOW}}}]', ("2", "apps", "app0", "image"), '"image": "registry.example/app0"'),
        ("{a: 1, b: {a: 2}}", ("b", "a"), "a: 2"),
    ],
)  # fmt: skip
def test_of_a_large_flow_collection_only_the_entry_is_read(
    text: str, path: tuple[str, ...], entry: str
) -> None:
    """However long the text is, and on however few lines."""
    span = Regions(text).document
    assert span is not None
    found = flow.entries(text, span, [path])
    assert found is not None
    assert [text[each.start : each.end] for each in found] == [entry]


@pytest.mark.parametrize(
    "text",
    [
        "{a: 1, 'a': 2}", r'{"\x61": 1, a: 2}', "{a: &x 1}", "{a: 1} # c", "{a: 1}: 2", "{a: {b: 1}}", "{a: 1, b: x?y}",
        "{a: 1, b: c: d}", "{a: 1, b: [}", "{a: 1, b: {]}", '{a: 1, b: c "d}', "{a: 1, b\n: 2}", "{b: 1}", "[a: 1]",
        "{a: 1, b: [" + "[" * 20 + "]" * 20 + "]}",
    ],
)  # fmt: skip
def test_of_an_unusual_flow_collection_the_whole_is_read(text: str) -> None:
    """Keys that stand twice, escapes in keys, anchors, comments, and what no reader takes."""
    assert flow.entries(text, (0, len(text)), [("a",)]) is None


@pytest.mark.parametrize("line", ["tag: v1", "tag: [a, b] # c", "tag: >-\n      some: text"])
def test_the_last_of_many_items_is_found_by_lines(line: str) -> None:
    """Where no line can leave a quote or bracket open."""
    text = "apps:\n" + f"  - name: app\n    {line}\n" * 2_100
    region = Regions(text).region(("apps", "2099", "name"))
    assert region is not None
    assert text[region.start : region.end] == f"  - name: app\n    {line}\n"


@pytest.mark.parametrize(
    "line", ["'\n  - x'", '"y\n  - x\n  "', "[b, '\n  - x']", '{b: "\n  - x"}']
)
def test_what_stands_in_quotes_is_no_item(line: str) -> None:
    """Also in a quoted scalar of several lines."""
    text = f"apps:\n  - {line}\n" + "  - c\n" * 10
    edited = update(text.encode(), [Update("apps.1", "d")], source="f", large=0, enough=1)
    assert edited.data.decode() == text.replace("  - c\n", "  - d\n", 1)


def test_an_error_about_a_large_text_names_the_line_of_the_file() -> None:
    """Not the one of the part that was read."""
    text = "a:\n  x: 1\nb:\n  tag: 1\n  tag: 2\n"
    with pytest.raises(errors.BadRequest, match="in line 4 and in line 5"):
        update(text.encode(), [Update("b.tag", "d")], source="f", large=0)
