"""Edits of TOML: the scalar changes, every other byte stays."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from towpath import errors
from towpath.documents.edits import Change, Update
from towpath.documents.toml import update


def _set(text: str, key: str, value: Any) -> str:
    edited = update(text.encode(), [Update(key, value)], source="c.toml")
    assert update(edited.data, [Update(key, value)], source="c.toml").data == edited.data
    return edited.data.decode()


@pytest.mark.parametrize(
    ("text", "key", "value", "after"),
    [
        ("a = 1 # c\r\nb=2\r\n", "a", "x", "a = 'x' # c\r\nb=2\r\n"),
        ("\ufeffa = 1", "a", True, "\ufeffa = true"),
        ("a.'b.c' . d = 1\n", r"a.b\.c.d", "x", "a.'b.c' . d = 'x'\n"),
        ('"caf\\u00e9" = 1\n', "café", "x", "\"caf\\u00e9\" = 'x'\n"),
        ("a = \"\"\"\nx\n\"\"\" # c\nb = 1\n", "a", "y", "a = 'y' # c\nb = 1\n"),
        ("a = '''\nx'''\n", "a", "it's", 'a = "it\'s"\n'),
        ("a = 1\n", "a", 'q"\\\n\x01\tz\'', 'a = "q\\"\\\\\\n\\u0001\tz\'"\n'),
        ("a = {b = 1, c = { d = 2 }}\n", "a.c.d", "x", "a = {b = 1, c = { d = 'x' }}\n"),
        ("a = {b.c = 1}\n", "a.b.c", "x", "a = {b.c = 'x'}\n"),
        ("a = [ 1, # one\n [2,\n 3], ]\n", "a.1.1", "x", "a = [ 1, # one\n [2,\n 'x'], ]\n"),
        ("[[a]]\nb = 1\n[a.c]\nd = 1\n[[a]]\n[a.c]\nd = 2\n[[a.e]]\nf = 1\n[[a.e]]\nf = 2\n", "a.1.c.d", "x",
         "[[a]]\nb = 1\n[a.c]\nd = 1\n[[a]]\n[a.c]\nd = 'x'\n[[a.e]]\nf = 1\n[[a.e]]\nf = 2\n"),
        ("[[a]]\n[[a]]\n[[a.e]]\nf = 1\n[[a.e]]\nf = 2\n", "a.1.e.01.f", "x",
         "[[a]]\n[[a]]\n[[a.e]]\nf = 1\n[[a.e]]\nf = 'x'\n"),
        ("[ a . 'b' ]\nc = 1\n[a]\nc = 2\n", "a.b.c", "x", "[ a . 'b' ]\nc = 'x'\n[a]\nc = 2\n"),
        ("[a.b]\nc.d = 1\n[a]\nc.d = 2\n", "a.c.d", "x", "[a.b]\nc.d = 1\n[a]\nc.d = 'x'\n"),
        ("[a]\n0 = 1\n", "a.:0", "x", "[a]\n0 = 'x'\n"),
        ("a = 1979-05-27T07:32:00Z\n", "a", "x", "a = 'x'\n"),
        ("a = 2024-01-02\n", "a", 1e-7, "a = 0.0000001\n"),
        ("a = 1\n", "a", 12345678901234567890, "a = 12345678901234567890.0\n"),
        ("a = 0x1F # 31\n", "a", 31, "a = 0x1F # 31\n"),
        ("a = 1_0.0\n", "a", 10, "a = 1_0.0\n"),
        ("a = \"x\"\n", "a", "x", "a = \"x\"\n"),
        ("a = true\n", "a", 1, "a = 1.0\n"),
        ("a = 1\n", "a", True, "a = true\n"),
        ("a = nan\nb = -inf\nc = 1.00\n", "c", 2, "a = nan\nb = -inf\nc = 2.0\n"),
    ],
)  # fmt: skip
def test_only_the_scalar_changes(text: str, key: str, value: Any, after: str) -> None:
    """Written as upstream writes it; a scalar that says the value already stays as it is spelled."""
    assert _set(text, key, value) == after


@pytest.mark.parametrize(
    ("text", "key", "value", "said"),
    [
        ("tag = 1\n", "tga", 2, "key 'tga' does not exist: there is no 'tga' at the top; there is tag"),
        ("[a]\nb = 1\n", "a.c", 2, "there is no 'c' in a; there is b"),
        ("[a]\n", "a.c", 2, "there is no 'c' in a; there is nothing"),
        ("[[a]]\n", "a.1.b", 2, "a has 1 items, so the last index is 0"),
        ("a = []\n", "a.0", 2, "a has 0 items, so it has no index"),
        ("a = [1]\n", f"a.{'9' * 5000}", 2, "the last index is 0"),
        ("a = [1]\n", "a.b", 2, "'b' is no index"),
        ("a = [1]\n", "a.-1", 2, "'-1' is no index"),
        ("a = 1\n", "a.b", 2, "a is a scalar"),
        ("[a]\nb = 1\n", "a", 2, "a is a table, not a scalar"),
        ("a = [1]\n", "a", 2, "a is an array, not a scalar"),
        ("a = 1\n", "a..b", 2, "has an empty part"),
        ("a = 1\n", "a", None, "key 'a': null is no scalar"),
        ("a = 1\n", "a", [], "a list is no scalar"),
        ("a = 1\n", "a", {}, "an object is no scalar"),
        ("a = 1\n", "a", float("nan"), "not finite"),
        ("a = 1\n", "a", "\ud800", "cannot be written"),
        ("a = \n", "a", 1, "it is not valid TOML: Invalid value (at line 1"),
        ("a = 1\na = 2\n", "a", 1, "it is not valid TOML"),
        ("[a]\n[a]\n", "a", 1, "it is not valid TOML"),
        (f"a = {'[' * 3000}", "a", 1, "nested too deep"),
        (f"a = {'9' * 5000}", "a", 1, "it is not valid TOML"),
        ("", "a", 1, "there is nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(text: str, key: str, value: Any, said: str) -> None:
    """With the file, the key, and what is there instead."""
    with pytest.raises(errors.BadRequest) as caught:
        update(text.encode(), [Update(key, value)], source="c.toml")
    assert caught.value.message.startswith("c.toml: ")
    assert said in caught.value.message


def test_several_at_once() -> None:
    """In the order of the text; of two updates of one key the later one counts; bytes are counted, not characters."""
    text = "a = 'é' # é\n[b]\nc = 1\nd = 'é'\n"
    updates = [Update("b.d", "z"), Update("a", "x"), Update("b.d", "ü")]
    edited = update(text.encode(), updates, source="f")
    assert edited.data.decode() == "a = 'x' # é\n[b]\nc = 1\nd = 'ü'\n"
    assert edited.changes == (Change("a", 1, "é", "x"), Change("b.d", 4, "é", "ü"))
    with pytest.raises(errors.BadRequest, match="f: byte 3 is not UTF-8"):
        update(b"\xef\xbb\xbf\xff", updates, source="f")


def test_a_large_text() -> None:
    """Of many tables only those that a key is about are looked at closely."""
    text = "".join(f'[app{n}]\ntag = "v{n}" # c\nports = [80, 443]\n' for n in range(2_000))
    after = _set(text, "app1999.tag", "v2")
    assert after == text.replace('"v1999"', "'v2'")
    assert tomllib.loads(after)["app1999"]["tag"] == "v2"
