"""Masking: no form of a value is left in a text, and nothing else is taken out of it."""

from __future__ import annotations

import base64
import html
import json
import random
import shlex
import string
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath.expressions import gotext
from towpath.masking import MASK, MOST_FORMS, MOST_VALUES, Masker, TooMany, mask
from towpath.masking import masker as masker_module
from towpath.masking.pieces import Ends, Pieces

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "s3cr3t/CANARY value"
NASTY = "p@ss w\"o<r>d'&\\n+%é=\tx"

_FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda value: value,
    "upper case": str.upper,
    "lower case": str.lower,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 without padding": lambda value: base64.b64encode(value.encode()).decode().rstrip("="),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "basic": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "basic of a longer user": lambda value: base64.b64encode(f"user1:{value}".encode()).decode(),
    "in the middle of base64": lambda value: base64.b64encode(f"u:{value}, x".encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "query": quote_plus,
    "query, put together again": lambda value: quote(value, safe="+&="),
    "path": quote,
    "path, all": lambda value: quote(value, safe=""),
    "path, lower case": lambda value: quote(value, safe="").replace("%2F", "%2f"),
    "JSON": json.dumps,
    "JSON, Unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "JSON of Go": lambda value: (
        json.dumps(value, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    ),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)),
    "Go": gotext.quoted,
    "Python": repr,
    "shell": shlex.quote,
    "YAML": lambda value: yaml.safe_dump({"a": value}, allow_unicode=True, width=1000),
    "YAML, double quotes": lambda value: yaml.safe_dump(
        {"a": value}, default_style='"', width=1000
    ),
    "HTML": html.escape,
    "UTF-8 that is taken for Latin-1": lambda value: value.encode().decode("latin-1"),
}


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("value", [CANARY, NASTY, "plainToken12"])
def test_every_form_is_masked(form: str, value: str) -> None:
    """And what stands around it stays."""
    written = _FORMS[form](value)
    masked = mask(f"before {written} after", [value])
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    core = written.strip("\"'\\ ").removeprefix("a: ").strip("\n\"'\\ ")
    assert core not in masked
    # Nothing is left of it but quotes, and the name that YAML was given.
    assert set(masked.removeprefix("before ").removesuffix(" after")) <= set("*\"'\\a: \n")


def test_lines_are_masked_one_by_one() -> None:
    """A program that quotes one line of a key gives away as much; what every key begins with is no secret."""
    key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nsecond/line+here\n-----END KEY-----\n"
    assert mask("bad line b3BlbnNzaC1rZXktdjEAAAAA", [key]) == "bad line ***"
    assert mask("bad line second%2Fline%2Bhere", [key]) == "bad line ***"
    assert mask("no -----BEGIN KEY----- there", [key]) == "no -----BEGIN KEY----- there"
    assert mask(f"x\n{key.strip()}\ny", [key]) == "x\n***\ny"
    assert mask(f"x {json.dumps(key)} y", [key]) == 'x "***\\n" y'


def test_what_was_cut_off_is_masked() -> None:
    """Whoever shortens a message leaves a part of the value."""
    value = "abcdefghijklmnop-1234567890"
    for mark in ("…", "...", "[...]", "\n[...]\n"):
        assert mask(f"no {value[:9]}{mark}", [value]) == f"no ***{mark}"
        assert mask(f"{mark}{value[-6:]} x", [value]) == f"{mark}*** x"
    assert mask("no abc… and what else", [value]) == "no abc… and what else"


@pytest.mark.parametrize("others", [0, 60])
def test_every_cut_is_looked_at(others: int) -> None:
    """A message may have been shortened in many places, and values are many or few."""
    value = "abcdefghijklmnop-1234567890"
    masker = Masker([value, *(f"other-{number}" for number in range(others))])
    assert masker.mask(f"{'x... ' * 50}abcdefgh...") == f"{'x... ' * 50}***..."
    assert masker.mask(f"{'x… ' * 50}…567890") == f"{'x… ' * 50}…***"


def test_a_text_of_nothing_but_beginnings_is_masked_as_a_whole() -> None:
    """Looking at each of them would hold up everybody else."""
    masker = Masker("a" * length for length in range(100, 400))
    text = "a" * 99 + "b"
    assert masker.mask(text) == text
    assert masker.mask(text * 2_000) == MASK
    shown = masker.masked({"k": [text * 2_000, 1, None], "other": {"x": True}})
    assert list(shown.values()) == [[MASK, MASK, None], {"***0": True}]
    assert masker.holds([text * 2_000])


class _Counting(dict[str, Any]):
    """Counts what is looked up."""

    looks = 0

    def get(self, key: str, default: Any = None) -> Any:
        self.looks += 1
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.looks += 1
        return super().__contains__(key)


def test_a_text_of_many_cuts_is_gone_through_once() -> None:
    """And not for each cut as far back as the longest value might begin."""
    masker = Masker(["\n".join(f"line-{number:060}" for number in range(50))])
    masker._heads, masker._tails = _Counting(masker._heads), _Counting(masker._tails)
    text = "abc... " * 500
    assert masker.mask(text) == text
    assert masker._heads.looks + masker._tails.looks < 8 * len(text)


def test_base64_full_of_a_value_is_masked_once() -> None:
    """Not once for each place in it at which the value stands."""
    assert mask("x " + "QUFB" * 50_000 + " y", ["AAAA"]) == "x *** y"


@pytest.mark.slow
def test_there_is_an_end_to_what_is_looked_for() -> None:
    """A value that there was no room for is no known one: it is refused again."""
    masker = Masker()
    lines = "\n".join(f"x&'é {number:06}" for number in range(MOST_FORMS))
    for _ in range(2):
        with pytest.raises(TooMany):
            masker.learn(lines)


def test_overlapping_values_leave_nothing() -> None:
    """Not the end of the second."""
    assert mask("xabcXdefx", ["abcX", "Xdef"]) == "x***x"
    assert mask("token-1 token-12", ["token-1", "token-12"]) == "*** ***"


@pytest.mark.parametrize("short", ["a", "1", "dev", "on"])
def test_short_values_do_not_tear_texts(short: str) -> None:
    """They are masked where they are the whole text."""
    masker = Masker([short])
    text = "a deviation of 1 on one day"
    assert masker.mask(text) == text
    assert masker.mask(f" {short} ") == MASK
    assert masker.masked({"k": [short, "other"]}) == {"k": [MASK, "other"]}


@pytest.mark.parametrize("nothing", ["", "   ", "***", "true", "False", "null"])
def test_some_values_are_no_secret(nothing: str) -> None:
    """They say nothing."""
    assert not Masker([nothing])


def test_json_is_masked_deeply() -> None:
    """Texts, keys, numbers; what holds nothing is the very same object."""
    masker = Masker(["123456", CANARY])
    value = {"n": 123456, "f": 1.5, "ok": True, CANARY: [None, f"x {CANARY}"]}
    assert masker.masked(value) == {"n": MASK, "f": 1.5, "ok": True, MASK: [None, "x ***"]}
    assert masker.holds(value)
    clean = {"n": 1, "deep": [{"a": "b"}]}
    assert masker.masked(clean) is clean
    assert not masker.holds(clean)


_TEXT = st.text(st.characters(exclude_characters="*", codec="utf-8"), max_size=20)
_VALUE = st.text(st.characters(exclude_characters="*", codec="utf-8"), min_size=4, max_size=20)


def _counts(value: str) -> bool:
    return len(value.strip()) >= 4 and value.strip().lower() not in ("true", "false", "null")


@given(_TEXT, _VALUE.filter(_counts), _TEXT, st.lists(_VALUE.filter(_counts), max_size=60))
def test_no_masked_text_holds_a_value(
    before: str, value: str, after: str, others: list[str]
) -> None:
    """Wherever it stands, whatever else is secret, few values or many."""
    values = [value, *others]
    masked = mask(before + value + after, values)
    assert not any(each in masked for each in values)
    assert mask(masked, values) == masked


def test_many_values_cost_little_more_than_few() -> None:
    """The text is gone through once: the same is found as one by one."""
    values = [f"token-{number:05}-abcdef" for number in range(2_000)]
    many = Masker(values)
    text = " ".join(f"x{value}y" for value in values[::7]) + " token-99999-abcdef"
    few = text
    for value in values[::7]:
        few = few.replace(value, MASK)
    assert many.mask(text) == few


def test_the_number_of_values_is_bounded() -> None:
    """Beyond, whoever hands them out is told."""
    masker = Masker(f"value-{number}" for number in range(MOST_VALUES))
    with pytest.raises(TooMany):
        masker.learn("one more")


_JSON_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["abcd", "x", "…abcd", "ab..."])
    | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(
    _JSON_VALUE,
    st.lists(_VALUE.filter(_counts) | st.sampled_from(["abcd", "xy", "1234"]), max_size=20),
)
def test_a_look_at_all_texts_at_once_overlooks_nothing(value: Any, secrets: list[str]) -> None:
    """What each text by itself would have masked is masked; where nothing is, the value stays the very same."""
    masker = Masker(secrets)
    each = masker._masked(value, masker_module._Effort())
    assert masker.masked(value) == each
    assert (masker.masked(value) is value) == (each is value)
    beside = [value, *secrets]
    assert masker.masked(beside) == masker._masked(beside, masker_module._Effort())


def test_thousands_of_small_texts_are_gone_through_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as nothing is to be masked in them; a search in each of them cost a tenth of a second."""
    masker = Masker([CANARY, NASTY])
    searches: list[int] = []
    found = Masker._found

    def counting(self: Masker, lowered: str, effort: Any) -> Any:
        searches.append(len(lowered))
        return found(self, lowered, effort)

    monkeypatch.setattr(Masker, "_found", counting)
    outputs = [{f"key{number}": [f"value {number}", number]} for number in range(5_000)]
    assert masker.masked(outputs) is outputs
    assert len(searches) == 1
    assert masker.masked([*outputs, CANARY])[-1] == MASK


@given(
    st.lists(st.text(st.sampled_from("abcé€😀"), min_size=4, max_size=24), min_size=1, max_size=8),
    st.text(st.sampled_from("abcé€😀"), max_size=60),
    st.data(),
)
def test_no_place_is_overlooked_where_a_form_stands(
    forms: list[str], text: str, data: st.DataObject
) -> None:
    """Of any length from four on, at any place, whatever stands around it; and where it begins and ends is known."""
    pieces, beginnings, ends = Pieces(), Ends(), Ends()
    for form in forms:
        pieces.add(form)
        beginnings.add(form[:4])
        ends.add(form[-4:])
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(forms)) + text[at:]
    stand = {
        (place, place + len(form))
        for form in forms
        for place in range(len(text))
        if text.startswith(form, place)
    }
    starts = pieces.starts(text)
    assert starts == sorted(set(starts))
    assert {begin for begin, _ in stand} <= set(starts)
    assert {begin for begin, _ in stand} <= set(beginnings.places(text, -5, len(text)))
    assert {end - 4 for _, end in stand} <= set(ends.places(text, 0, len(text) + 5))


@pytest.mark.parametrize("alphabet", [string.ascii_lowercase + string.digits, "image: v1.2\n"])
def test_few_places_of_a_large_text_are_looked_at_however_many_values_there_are(
    alphabet: str,
) -> None:
    """Half a megabyte and 500 values: each place would cost a step, and half a megabyte of them a tenth of a second."""
    chance = random.Random(9)
    values = ["".join(chance.choices(string.ascii_letters, k=24)) for _ in range(500)]
    masker = Masker(values)
    text = "".join(chance.choices(alphabet, k=516_000))
    assert len(masker._pieces.starts(text)) < len(text) // 50
    assert masker.mask(text) == text
    assert masker.mask(text + values[77].upper() + text) == text + MASK + text
