"""JSON as people and programs write it, comments and all: an edit sets one value, and no other byte changes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generated import SHORT, SOAK, Writer
from towpath import errors
from towpath.documents.edits import Update
from towpath.documents.json import update

BLANK = st.sampled_from(["", "", " ", "\n", "  ", "\r\n\t", " \n "])
NOTED = st.sampled_from(["", " ", "\n", " // c\n", '/* a\n, "b": 1 */', '// "x": [\r\n', " /**/ "])
TEXTS = st.text(
    st.one_of(st.sampled_from("ab.\"\\/#*?|@:{}[],'-0 é\n"), st.characters(codec="utf-8")),
    max_size=6,
)
NUMBERS = st.sampled_from(["0", "-1", "1.50", "1e3", "2E-7", "12345678901234567890", "-0.0"])
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
)


def _escaped(name: str) -> str:
    return re.sub(r"[.|#@*?:\\]", lambda found: "\\" + found[0], name)


def _string(draw: st.DrawFn, text: str) -> str:
    return json.dumps(text, ensure_ascii=draw(st.booleans()))


def _value(draw: st.DrawFn, out: Writer, key: str, depth: int, blank: Any) -> None:
    kind = draw(st.integers(0, 7)) if depth < 3 else draw(st.integers(2, 7))
    if kind == 0:
        names = draw(st.lists(TEXTS.filter(bool), max_size=4, unique=True))
        out.put("{")
        for place, name in enumerate(names):
            out.put(f"{draw(blank)}{_string(draw, name)}{draw(blank)}:{draw(blank)}")
            _value(
                draw, out, f"{key}.{_escaped(name)}" if key else _escaped(name), depth + 1, blank
            )
            out.put(draw(blank) + ("," if place < len(names) - 1 else draw(blank)))
        out.put("}")
    elif kind == 1:
        count = draw(st.integers(0, 3))
        out.put("[")
        for place in range(count):
            out.put(draw(blank))
            _value(draw, out, f"{key}.{place}" if key else str(place), depth + 1, blank)
            out.put(draw(blank) + ("," if place < count - 1 else ""))
        out.put("]")
    elif kind == 2:
        out.scalar(key, draw(NUMBERS))
    elif kind == 3:
        out.scalar(key, draw(st.sampled_from(["true", "false", "null"])))
    else:
        out.scalar(key, _string(draw, draw(TEXTS)))


@st.composite
def texts(draw: st.DrawFn) -> tuple[Writer, bool]:
    """Return a document, and whether comments may be in it."""
    has_comments = draw(st.booleans())
    blank = NOTED if has_comments else BLANK
    out = Writer()
    out.put(draw(st.sampled_from(["", "\ufeff"])) + draw(blank))
    _value(draw, out, "", 0, blank)
    out.put(draw(blank))
    return out, has_comments


def _holds(given_: tuple[Writer, bool], value: Any, data: st.DataObject) -> None:
    out, has_comments = given_
    spots = [spot for spot in out.spots if spot.key]
    if not spots:
        return
    spot = data.draw(st.sampled_from(spots))
    text = out.text
    after = update(text.encode(), [Update(spot.key, value)], source="f").data.decode()
    assert after.startswith(text[: spot.start])
    assert after.endswith(text[spot.end :])
    written = after[spot.start : len(after) - len(text) + spot.end]
    found = json.loads(written)
    # A float of many digits is written without an exponent, with zeros for digits that it does not have.
    assert (float(found) if isinstance(value, float) else found) == value
    assert isinstance(found, bool) == isinstance(value, bool)
    if not has_comments:
        json.loads(after.removeprefix("\ufeff"))
    assert update(after.encode(), [Update(spot.key, value)], source="f").data.decode() == after


@SHORT
@given(given_=texts(), value=VALUES, data=st.data())
def test_one_value_changes_and_no_other_byte(
    given_: tuple[Writer, bool], value: Any, data: st.DataObject
) -> None:
    """What is written reads as the value; done twice it is done once."""
    _holds(given_, value, data)


@pytest.mark.soak
@SOAK
@given(given_=texts(), value=VALUES, data=st.data())
def test_one_value_changes_in_many_texts(
    given_: tuple[Writer, bool], value: Any, data: st.DataObject
) -> None:
    """The same, for longer."""
    _holds(given_, value, data)


@given(
    document=st.recursive(
        st.one_of(st.none(), TEXTS, st.integers(0, 9)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["a", "b", "0", "1", "é"]), inner, max_size=3),
        ),
        max_leaves=6,
    ),
    parts=st.lists(
        st.sampled_from(["a", "b", "é", "0", "1", "2", ":0", "-1"]), min_size=1, max_size=4
    ),
    indent=st.sampled_from([None, 2]),
)
def test_what_is_not_there_is_made(document: Any, parts: list[str], indent: int | None) -> None:
    """The value is found where the path leads, and nothing that was there is gone but what the path leads through."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    expected = json.loads(text)
    try:
        after = update(text.encode(), [Update(".".join(parts), "new")], source="f").data.decode()
    except errors.BadRequest as error:
        assert "an array has no" in error.message  # noqa: PT017 - whether it is raised depends on the document
        return
    assert json.loads(after) == _with(expected, parts)


_MISSING = object()


def _with(document: Any, parts: list[str]) -> Any:
    if not parts:
        return "new"
    part, rest = parts[0].removeprefix(":"), parts[1:]
    is_name = parts[0].startswith(":") or not part.isdecimal()
    if isinstance(document, dict):
        return {**document, part: _with(document.get(part, _MISSING), rest)}
    if isinstance(document, list):
        place = int(part) if part.isdecimal() else len(document)
        inner = document[place] if place < len(document) else _MISSING
        whole = document + [None] * (place + 1 - len(document))
        whole[place] = _with(inner, rest)
        return whole
    if not is_name:
        return [*[None] * int(part), _with(_MISSING, rest)]
    if part == "-1" and document is _MISSING:
        return [_with(_MISSING, rest)]
    return {part: _with(_MISSING, rest)}
