"""Reading manifests: the same as kubectl, with places in errors, within bounds."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath import errors
from towpath.resources import manifests, scalars
from towpath.resources.manifests import yaml_documents
from towpath.runtime import aside

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    assert [one.index for one in found] == [1, 3, 4]
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
    """The first of several merged at once beats the others; nothing is shared."""
    [found] = documents(
        "base: &b {x: 1, q: [1]}\nother: &o {x: 2, z: 3}\n"
        "c: {<<: [*b, *o]}\nd: [*b, *b]\ns: &t hi\nt: *t\n"
    )
    assert found["c"] == {"x": 1, "q": [1], "z": 3}
    assert found["t"] == "hi"
    found["d"][0]["q"].append(2)
    assert found["d"][1] == found["base"] == {"x": 1, "q": [1]}


def test_a_merge_acts_where_it_stands() -> None:
    """As kubectl reads it: it beats what is written before it and yields to what is written after it."""
    [found] = documents(
        "base: &b {x: 1, z: 2}\nother: &o {x: 3}\n"
        "a: {<<: *b, x: 9}\nb:\n  x: 9\n  <<: *b\nc:\n  <<: *b\n  <<: *o\n"
    )
    assert found["a"] == {"x": 9, "z": 2}
    assert found["b"] == {"x": 1, "z": 2}
    assert found["c"] == {"x": 3, "z": 2}


def test_keys_become_text() -> None:
    """Numbers as kubectl writes them (floats with few digits), booleans; quoted ones stay as they are."""
    [found] = documents('1.5: c\n"2": d\non: e\n"no": f\n1.0: g\n"1.10": h\n0x10: i')
    assert found == {
        "1": "g", "1.5": "c", "2": "d", "true": "e", "no": "f", "1.10": "h", "16": "i"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("1.0", "1"), ("1.10", "1.1"), ("-0.0", "-0"), ("1e3", "1000"), ("123456.0", "123456"),
        ("1234567.0", "1.234567e+06"), ("1e21", "1e+21"), ("0.0001", "0.0001"), ("0.00001", "1e-05"),
        ("0.1", "0.1"), ("16777217.0", "1.6777216e+07"), ("3.4028235e38", "3.4028235e+38"),
        ("1e39", ".inf"), ("-1e39", "-.inf"), ("1e-60", "0"),
    ],
)  # fmt: skip
def test_a_float_as_a_key_is_written_as_kubectl_writes_it(number: str, key: str) -> None:
    """In single precision, with an exponent from 1e6 on and below 1e-4."""
    assert documents(f"{number}: x") == [{key: "x"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", (1 << 64) - 1),
        ("-9223372036854775808", -(1 << 63)),
        ("18446744073709551616", float(1 << 64)),
        ("-9223372036854775809", -float(1 << 63)),
        ("1.0", 1.0),
        ("1e2", 100.0),
        ("-0", 0),
    ],
)
def test_numbers_are_the_same_in_json_and_in_yaml(text: str, value: float) -> None:
    """Integers within 64 bits stay integers; beyond, they are floats."""
    for document in (f'{{"a": {text}}}', f"a: {text}"):
        [found] = documents(document)
        assert repr(found["a"]) == repr(value)


@pytest.mark.parametrize(
    "text",
    ["kind: List", "kind: List\nitems:", "kind: List\nitems: []", "kind: StageList\nitems: null"],
)
def test_an_empty_list_holds_nothing(text: str) -> None:
    """Also where Go wrote no items as null."""
    assert documents(text) == []


def test_an_object_of_a_kind_that_only_ends_as_lists_do_is_an_object() -> None:
    """What has no items is no list."""
    assert documents("kind: AllowList\nspec: {}") == [{"kind": "AllowList", "spec": {}}]


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
        ("a: \x00", r"line 1, column 4: a character that YAML does not allow"),
        ("éé: 1\nb: é\x07", r"line 2, column 5: a character that YAML does not allow"),
        (b"a: 1\nb: \xff", r"line 2, column 4: byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbf\xc3\xa9: \xff", r"line 1, column 4: byte 0xff is not UTF-8"),
        ("a: 1\nb: \ud800", r"line 2, column 4: a lone surrogate is not text"),
        ('{"a": 1e999}', r"line 1, column 7: 1e999 is a number that JSON does not have"),
        ('{"a": "\\ud83d\\ude00",\n\t"b": [{"a": 1}, 2],\n\t"a": 3}', r'line 3, column 2: key "a" is already set on line 1'),
        ('{"\\u0061": 1}\n{"x": 1, "x": 2}', r'line 2, column 10: key "x" is already set on line 2'),
        ('{"a\\"b": "}", "a\\"b": 1}', r'key "a\\"b" is already set on line 1'),
        ("1: a\n1.0: b", r'line 2, column 1: key "1" is already set on line 1'),
        ("a: 1\n---\nb: 1\nb: 2", r'document 2, line 4, column 1: key "b" is already set on line 3'),
        ('{"a": "\\ud800"}', r"line 1: a lone surrogate is not text"),
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
        "a: é" + "é" * (2 << 20),
        '{"a": [' + "1," * 600_000 + "1]}",
        "{}" * (2 << 20),
        '{"a":1}' * 550_000,
        "".join(f"%TAG !{n}! x\n" for n in range(200_000)) + "---\na: 1\n",
        "".join(
            f"{key}: &{key} {'[' * 150}{inner}{']' * 150}\n"
            for key, inner in (("a", "1"), ("b", "*a"))
        ),
        "a: &x {" + ",".join(f"k{n}: 1" for n in range(1000)) + "}\nb:\n" + "- {<<: *x}\n" * 1000,
    ],
    ids=[
        "aliases",
        "open",
        "open-flow",
        "json",
        "sequences",
        "maps",
        "size",
        "nodes",
        "bytes",
        "json-nodes",
        "json-documents",
        "json-concatenated",
        "directives",
        "alias-depth",
        "merges",
    ],
)
@pytest.mark.slow
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


def test_what_is_within_the_bounds_is_read() -> None:
    """Two hundred deep, in JSON, in YAML and through an alias."""
    deep = "[" * 199 + "]" * 199
    for text in ('{"a": ' + deep + "}", "a: " + deep, "b: &b " + deep[1:-1] + "\na: [*b]"):
        [found] = documents(text)
        assert json.dumps(found["a"]) == deep


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


@settings(max_examples=examples(300))
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


@settings(max_examples=examples(300))
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


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a value, keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _is_written_as_text(text: str) -> bool:
    if yaml.safe_dump(text, allow_unicode=True)[0] in "'\"":
        return True
    try:
        return isinstance(scalars.resolve(text), str)
    except ValueError:
        return False


@settings(max_examples=examples(100))
@given(st.lists(objects(printable), min_size=1, max_size=3))
def test_every_yaml_reader_gives_the_same_documents(found: list[dict[str, Any]]) -> None:
    """What PyYAML writes in block style comes back, with the C library and without it.

    But for texts that PyYAML does not quote and kubectl reads as something else: `y` is true, `0E0` a number.
    """
    assume(all(_is_written_as_text(each) for each in _texts(found)))
    text = yaml.safe_dump_all(found, allow_unicode=True, sort_keys=False)
    with pytest.MonkeyPatch.context() as patch:
        for loader in (yaml.CSafeLoader, yaml.SafeLoader):
            patch.setattr(yaml_documents, "SAFE_LOADER", loader)
            assert repr(documents(text)) == repr(found)


def test_few_bytes_of_aliases_weigh_much() -> None:
    """A text of 500 bytes that stands for a billion values is much work; globs, times and references in scripts are not."""
    bomb = "\n".join(
        ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 9))]
    )
    assert manifests.weight(bomb.encode()) > 100_000
    plain = "a: '*'\nb: '0 */6 * * *'\nc: **/x\nd: &d {e: 1}\nf: *d\n"
    assert manifests.weight(plain.encode()) == len(plain)


@pytest.mark.parametrize("line", [b"a: 1\n---\n", b"k: *a\n", b"a*b ", b"- **\n"])
def test_a_long_text_is_heavy_without_being_gone_through(
    line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for the weight of 4 MiB is told at once: nothing looks at them."""

    class _Untouched:
        def finditer(self, _: bytes) -> None:
            raise AssertionError("a long text was looked through")

    monkeypatch.setattr(manifests, "_ALIAS", _Untouched())
    text = line * (manifests.LARGEST_BYTES // len(line))
    assert manifests.weight(text) >= len(text)
    assert manifests.weight(line * (70_000 // len(line))) > aside.LIGHT
