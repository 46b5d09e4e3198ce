"""Edits of JSON: the value changes, every other byte stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from towpath import errors
from towpath.documents.edits import Change, Update
from towpath.documents.json import update
from towpath.documents.json.searching import fits


def _set(text: str, key: str, value: Any) -> str:
    edited = update(text.encode(), [Update(key, value)], source="c.json")
    again = update(edited.data, [Update(key, value)], source="c.json")
    assert again.data == edited.data or key.endswith("-1")
    return edited.data.decode()


@pytest.mark.parametrize(
    ("text", "key", "value", "after"),
    [
        ('{"a" :\t1 , "b":2}\n', "a", 2, '{"a" :\t2 , "b":2}\n'),
        ('{"a": {"b": [1, {"c": "x"}]}}', "a.b.1.c", "y", '{"a": {"b": [1, {"c": "y"}]}}'),
        ("{\r\n  \"a\": 'x'\r\n}".replace("'", '"'), "a", "y", '{\r\n  "a": "y"\r\n}'),
        ('\ufeff{"a": 1}\n', "a", True, '\ufeff{"a": true}\n'),
        ('{"a.b": 1}', r"a\.b", 2, '{"a.b": 2}'),
        (r'{"caf\u00e9": 1}', "café", 2, r'{"caf\u00e9": 2}'),
        (r'{"a": "caf\u00e9"}', "a", "café", r'{"a": "caf\u00e9"}'),
        ('{"a": 1.0}', "a", 1, '{"a": 1.0}'),
        ('{"a": "1"}', "a", 1, '{"a": 1}'),
        ('{"a": true}', "a", 1, '{"a": 1}'),
        ('{"a": 1}', "a", 1e21, '{"a": 1000000000000000000000}'),
        ('{"a": 1}', "a", 1e-7, '{"a": 0.0000001}'),
        ('{"a": 1}', "a", 12345678901234567890, '{"a": 12345678901234567890}'),
        ('{"a": 1}', "a", 'é "<x>"\n', '{"a": "é \\"\\u003cx\\u003e\\"\\n"}'),
        ('{"a": 1}', "a", "<x>", '{"a": "<x>"}'),
        ('{"a": [ 1,2 ] }', "a.-1", 3, '{"a": [ 1,2 ,3] }'),
        ('{"a": [ ] }', "a.2", 3, '{"a": [null,null,3] }'),
        ('{"a": [\n  1,\n  2\n]}', "a.2", 3, '{"a": [\n  1,\n  2\n,3]}'),
        ('{"a": 1}', "a.b.0.c", "x", '{"a": {"b":[{"c":"x"}]}}'),
        ('{"a": {}}', "a.:0", "x", '{"a": {"0":"x"}}'),
        ('{"a": ["x"]}', "a.:0", "y", '{"a": ["y"]}'),
        ('{"a": null}', "a", "x", '{"a": "x"}'),
        ("[1, 2]\n", "1", "x", '[1, "x"]\n'),
        (" \n", "a.1", "x", '{"a":[null,"x"]}'),
        ("", "1", "x", '[null,"x"]'),
        ("5", "a", "x", '{"a":"x"}'),
        # With comments and with commas at the end, as editors' settings have them.
        (
            '// top\n{\n  "a": 1, // one "a"\n  /* , */ "b": [1,],\n}\n',
            "b.0",
            2,
            '// top\n{\n  "a": 1, // one "a"\n  /* , */ "b": [2,],\n}\n',
        ),
        ('{"a": 1, // x\n}\n', "b", 2, '{"a": 1, // x\n"b":2}\n'),
        ('{"a": 1 // x,\n}\n', "b", 2, '{"a": 1 // x,\n,"b":2}\n'),
        ('{"a": "http://x" /*c*/}\n', "b", 2, '{"a": "http://x" /*c*/,"b":2}\n'),
        ('{"a": [1 /*c*/, 2]}', "a.2", 3, '{"a": [1 /*c*/, 2,3]}'),
        # What a path looks for.
        ('{"i": [{"n": "a", "t": 1}, {"n": "b", "t": 2}]}', 'i.#(n=="b").t', 3,
         '{"i": [{"n": "a", "t": 1}, {"n": "b", "t": 3}]}'),
        ('{"i": [{"t": 1}, {"t": 2}, {}]}', "i.#.t", 5, '{"i": [{"t": 5}, {"t": 5}, {}]}'),
        ('{"i": [{"t": 1}, {"t": 2}, {"t": "x"}]}', "i.#(t>=1)#.t", 0, '{"i": [{"t": 0}, {"t": 0}, {"t": "x"}]}'),
        ('{"i": [{"t": true}, {"t": "abc"}]}', 'i.#(t%"a*").t', 0, '{"i": [{"t": true}, {"t": 0}]}'),
        ('{"i": [{"n": ".(a)\\"", "t": 1}]}', 'i.#(n==".(a)\\"").t', 2, '{"i": [{"n": ".(a)\\"", "t": 2}]}'),
        ('{"i": [1, 2, 3]}', "i.#(>1)#", 0, '{"i": [1, 0, 0]}'),
        ('{"child": 1, "chill": 2}', "c?il*", 0, '{"child": 0, "chill": 2}'),
        ('{"a": 1}', "b*", 0, '{"a": 1}'),
        ("", "b*", 0, ""),
    ],
)  # fmt: skip
def test_only_the_value_changes(text: str, key: str, value: Any, after: str) -> None:
    """What is made is made as upstream does; a value that is there already stays as it is spelled."""
    assert _set(text, key, value) == after


@pytest.mark.parametrize(
    ("text", "key", "value", "said"),
    [
        ('{"a": [1]}', "a.b", 1, "key 'a.b': an array has no 'b'"),
        ('{"a": [1]}', "a.2000000", 1, "1,999,999 items would have to be made"),
        ('{"a": [1]}', f"a.{'9' * 5000}", 1, "items would have to be made"),
        ('{"a": 1}', "a..b", 1, "has an empty part"),
        ('{"a": 1}', ".".join("a" * 200), 1, "has more than 100 parts"),
        ('{"a": 1}', "", 1, "has an empty part"),
        ('{"a": 1}', "a.#(b", 1, "the bracket of #( is not closed"),
        ('{"a": [1]}', "a.#x", 1, "#x cannot be read"),
        ('{"a": [1]}', 'a.#(=="x)', 1, "is not closed"),
        ('{"a": 1}', "a", None, "null is no scalar"),
        ('{"a": 1}', "a", [1], "a list is no scalar"),
        ('{"a": 1}', "a", {}, "an object is no scalar"),
        ('{"a": 1}', "a", float("inf"), "not finite"),
        ('{"a": 1}', "a", "\ud800", "cannot be written"),
        ('{"a": 1', "a", 1, "line 1, column 8: it is not valid JSON"),
        ('{"a": NaN}', "a", 1, "NaN is not JSON"),
        ("{'a': 1}", "a", 1, "it is not valid JSON"),
        ('{"a": 1} x', "a", 1, "it is not valid JSON"),
        ('{"a": "x\ny"}', "a", 1, "it is not valid JSON"),
        ("// only\n", "a", 1, "it is not valid JSON"),
        ("[" * 100_000, "0", 1, "nested too deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(text: str, key: str, value: Any, said: str) -> None:
    """With the file, the key and what to do."""
    with pytest.raises(errors.BadRequest) as caught:
        update(text.encode(), [Update(key, value)], source="c.json")
    assert caught.value.message.startswith("c.json: ")
    assert said in caught.value.message
    assert caught.value.message.count("key ") <= 1


def test_changes_and_doubles_are_told() -> None:
    """With lines; of two keys of one name the first is set."""
    text = b'{\n "a": "x",\n "b": {"c": 1, "c": 2},\n "a": 3}'
    updates = [Update("a", "y"), Update("b.d", 5)]
    edited = update(text, updates, source="c.json")
    assert edited.data == b'{\n "a": "y",\n "b": {"c": 1, "c": 2,"d":5},\n "a": 3}'
    assert edited.changes == (Change("a", 2, "x", "y"), Change("b.d", 3, None, 5))
    assert edited.doubles == ("'a' is there twice", "'b.c' is there twice")


@pytest.mark.slow
def test_large_texts_take_no_more_than_in_proportion() -> None:
    """Two megabytes, many keys of one name, and a path that fits everything."""
    pairs = ",".join(f'"app{n}": {{"tag": "v{n}", "x": [1, 2.5, null]}}' for n in range(8_000))
    text = f"{{{pairs}}}"
    after = _set(text, "app7999.tag", "v2")
    assert after == text.replace('"v7999"', '"v2"')
    twice = ",".join(['{"a":1,"a":2}'] * 5_000)
    assert len(update(f"[{twice}]".encode(), [Update("0.a", 5)], source="f").doubles) == 20
    with pytest.raises(errors.BadRequest, match="more than 10,000 values"):
        update(json.dumps([0] * 10_001).encode(), [Update('#(!="x")#', 1)], source="f")


@pytest.mark.parametrize(
    ("pattern", "text", "is_fit"),
    [
        ("*", "", True), ("a*", "abc", True), ("*c", "abc", True), ("a?c", "abc", True), ("a?c", "ac", False),
        (r"a\*", "a*", True), (r"a\*", "ab", False), ("*a*a*a*b", "a" * 5_000, False), ("a**b", "ab", True), ("", "a", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, text: str, is_fit: bool) -> None:
    """Stars stand for any characters, question marks for one."""
    assert fits(pattern, text) is is_fit
