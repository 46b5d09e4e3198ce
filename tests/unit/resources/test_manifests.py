"""Reading manifests: the same as kubectl, with places in errors, within bounds."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath import errors
from towpath.resources import manifests

STAGE = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Stage", "metadata": {"name": "prod"}}


def documents(text: str | bytes) -> list[dict[str, Any]]:
    """Return the documents of a text."""
    return [found.document for found in manifests.read(text)]


def test_several_documents_are_read_in_order_and_empty_ones_left_out() -> None:
    """With the line each begins on."""
    found = manifests.read(
        "# only a comment\n---\na: 1\n---\n---\n\nb: 2\n...\n---\nc: 3\n", "f.yaml"
    )
    assert [one.document for one in found] == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [one.line for one in found] == [3, 6, 10]
    assert {one.source for one in found} == {"f.yaml"}
    assert documents("") == documents("---\n---\n") == documents("# nothing\n") == []


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(STAGE),
        json.dumps(STAGE, indent="\t"),
        yaml.safe_dump(STAGE),
        "\ufeff" + json.dumps(STAGE),
        b"\xef\xbb\xbf" + yaml.safe_dump(STAGE).encode(),
        json.dumps([STAGE]),
        json.dumps({"kind": "List", "apiVersion": "v1", "items": [STAGE]}),
        json.dumps({"kind": "List", "items": [{"kind": "List", "items": [STAGE]}]}),
        json.dumps(
            {
                "kind": "StageList",
                "apiVersion": STAGE["apiVersion"],
                "items": [{"metadata": {"name": "prod"}}],
            }
        ),
        "{apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, metadata: {name: prod}}",
        yaml.safe_dump(STAGE).replace("\n", "\r\n"),
    ],
)
def test_one_object_can_be_written_in_many_ways(text: str | bytes) -> None:
    """YAML, JSON, lists, byte order marks."""
    assert documents(text) == [STAGE]


def test_concatenated_json_is_several_documents() -> None:
    """As `jq` and `kubectl` write it."""
    found = manifests.read('{"a": 1}\n{"b": 2}{"c": 3}')
    assert [one.document for one in found] == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [one.line for one in found] == [1, 2, 2]


def test_anchors_aliases_and_merges_are_followed() -> None:
    """A written key beats a merged one, the first of several merged beats the later ones; nothing is shared."""
    [found] = documents(
        "base: &b {x: 1, q: [1]}\nother: &o {x: 2, z: 3}\n"
        "a: {<<: *b, x: 9}\nb:\n  x: 9\n  <<: *b\nc: {<<: [*b, *o]}\nd: [*b, *b]\ns: &t hi\nt: *t\n"
    )
    assert found["a"] == found["b"] == {"x": 9, "q": [1]}
    assert found["c"] == {"x": 1, "q": [1], "z": 3}
    assert found["t"] == "hi"
    found["d"][0]["q"].append(2)
    assert found["d"][1] == found["base"] == {"x": 1, "q": [1]}


def test_keys_become_text() -> None:
    """Numbers and booleans as JSON has them; quoted ones stay as they are."""
    [found] = documents('1: a\n1.5: c\n"2": d\non: e\n"no": f')
    assert found == {"1": "a", "1.5": "c", "2": "d", "true": "e", "no": "f"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", r'line 3, column 1: key "a" is already set on line 1'),
        ("x:\n  a: 1\n  'a': 2", r'line 3, column 3: key "a" is already set on line 2'),
        ('{"a": 1,\n "b": {"c": 1,\n "c": 2}}', r'line 3, column 2: key "c" is already set on line 2'),
        ("yes: 1\ntrue: 2", r'line 2, column 1: key "true" is already set on line 1'),
        ("a: [1", r"line \d, column \d"),
        ("a: b: c", r"line 1, column 5"),
        ("\ta: 1", r"line 1, column 1"),
        ("a: 1\n---\n- x\n- y", r"line 3: a manifest is an object"),
        ("just text", r'line 1: a manifest is an object with apiVersion and kind, not "just text"'),
        ("5", r"not 5"),
        ("[1]", r"not 1"),
        ("kind: List\nitems: [5]", r"not 5"),
        ("a: *nowhere", r"line 1, column 4: \*nowhere refers to nothing"),
        ("a: &a [*a]", r"\*a refers to nothing before it"),
        ("a: !!python/object/apply:os.system [x]", r"line 1, column 4: the tag !!python/object/apply:os.system"),
        ("a: !secret x", r"the tag !secret is not allowed"),
        ("a: !!int x", r'cannot read "x" as !!int'),
        ("a: !!binary '%'", r"!!binary does not hold text in base64"),
        ("a: .nan", r"line 1, column 4: .nan is a number that JSON does not have"),
        ('{"a": NaN}', r"") ,
        ("? [a]\n: b", r"a key must be a plain value"),
        ("~: b", r"a key must be text"),
        ("a: {<<: 5}", r"must be an object"),
        ("a: \x00", r"line 1: a character that YAML does not allow"),
        (b"a: 1\nb: \xff", r"line 2: byte 0xff is not UTF-8"),
        ('{"a": "\\ud800"}', r"line 1: the document holds what JSON cannot carry"),
        ("%TAG ! x\na: 1", r"line"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_place(text: str | bytes, words: str) -> None:
    """The error names the source, the line and what is wrong."""
    if text == '{"a": NaN}':  # not JSON; as YAML it is the text NaN
        assert documents(text) == [{"a": "NaN"}]
        return
    with pytest.raises(errors.BadRequest, match=words) as raised:
        manifests.read(text, "f.yaml")
    assert raised.value.message.startswith("f.yaml: ")


BOMB = (
    "a: &x0 ["
    + ",".join("lol" for _ in range(10))
    + "]\n"
    + "".join(
        f"b{level}: &x{level} [{','.join([f'*x{level - 1}'] * 10)}]\n" for level in range(1, 12)
    )
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: " + "[" * 100_000,
        "[" * 100_000,
        '{"a":' * 100_000,
        "- " * 5_000,
        "a: " + "{a: " * 500 + "}" * 500,
        json.dumps({"a": ["x"] * 10}) + " " * (5 << 20),
        "a: [" + "1," * 600_000 + "]",
    ],
    ids=["aliases", "open", "open-flow", "json", "sequences", "maps", "size", "nodes"],
)
def test_what_grows_too_much_is_refused(text: str) -> None:
    """Nesting, aliases, size; at once, or this test would not end."""
    with pytest.raises((errors.TooLarge, errors.BadRequest)):
        manifests.read(text)


def test_aliases_that_multiply_take_little_memory() -> None:
    """They are refused before they are expanded."""
    tracemalloc.start()
    try:
        with pytest.raises(errors.TooLarge):
            manifests.read(BOMB)
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


def objects(characters: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects of any JSON values, whose texts are made of certain characters."""
    values = st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(1 << 63), (1 << 64) - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(characters, max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(characters, max_size=8), inner, max_size=4)
        ),
        max_leaves=20,
    )
    return st.dictionaries(st.sampled_from(["a", "b", "metadata"]), values, min_size=1, max_size=3)


any_character = st.characters(exclude_categories=["Cs"])
printable = st.characters(exclude_categories=["C", "Zl", "Zp"])


@settings(max_examples=300)
@given(st.lists(objects(any_character), max_size=3))
def test_json_comes_back_as_it_was(found: list[dict[str, Any]]) -> None:
    """Also several after another."""
    text = "\n".join(json.dumps(one) for one in found)
    assert repr(documents(text)) == repr(found)


@given(st.lists(objects(printable), min_size=1, max_size=3))
def test_json_read_as_yaml_means_the_same(found: list[dict[str, Any]]) -> None:
    """JSON is YAML, but for control characters in text."""
    text = "--- \n" + "\n---\n".join(json.dumps(one, ensure_ascii=False) for one in found)
    assert documents(text) == found


@settings(max_examples=300)
@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from("a1:-[]{}&*!<>,'\"\\#?|%@`~ \n\t\r\ud800é"), max_size=80)
)
def test_any_input_is_read_or_refused(text: str | bytes) -> None:
    """Nothing but our errors comes out."""
    try:
        found = manifests.read(text)
    except (errors.BadRequest, errors.TooLarge):
        return
    assert all(isinstance(one.document, dict) for one in found)
