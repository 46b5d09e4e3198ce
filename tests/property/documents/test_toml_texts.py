"""TOML as people write it: an edit sets one scalar, and no other byte changes."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generated import SHORT, SOAK, Writer
from towpath.documents.edits import Update
from towpath.documents.toml import update

NAMES = st.sampled_from(["a", "b-c", "8080", "d.e", "é", "f g", 'q"r', "a", "x:y", "z_9", ""])
SPACE = st.sampled_from(["", " ", "\t", "  "])
TEXTS = st.text(
    st.one_of(st.sampled_from("ab'\"\\#[]{}=,. \té\n"), st.characters(codec="utf-8")), max_size=8
)
PLAIN = st.sampled_from(
    ["1", "-17", "+9", "0xDEAD", "0b1", "1_000", "3.14", "-0.0", "6e-3", "nan", "-inf", "true", "false",
     "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5-07:00", "1979-05-27", "07:32:00",
     "'lit \"x\"'", '"esc \\u00e9 \\" #"', "''", '"""\nmulti "x" \\\n  y # no"""', "'''\nx = 1\n[a]\n'''", "''''a'''"]
)  # fmt: skip
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
)


def _escaped(name: str) -> str:
    return name.replace(".", r"\.").replace(":", r"\:")


def _name(draw: st.DrawFn, name: str) -> str:
    if (
        name
        and name.isascii()
        and all(each.isalnum() or each in "-_" for each in name)
        and draw(st.booleans())
    ):
        return name
    return (
        f"'{name}'" if draw(st.booleans()) else json.dumps(name, ensure_ascii=draw(st.booleans()))
    )


def _value(draw: st.DrawFn, out: Writer, key: str, depth: int, *, inline: bool) -> None:
    kind = draw(st.integers(0, 5)) if depth < 2 else 5
    if kind == 0:
        names = draw(st.lists(NAMES, max_size=3, unique=True))
        out.put("{")
        for place, name in enumerate(names):
            out.put(f"{draw(SPACE)}{_name(draw, name)}{draw(SPACE)}={draw(SPACE)}")
            named = (
                f"{key}.{_escaped(name)}" if key and name else ""
            )  # no key leads through an empty name
            _value(draw, out, named, depth + 1, inline=True)
            out.put(draw(SPACE) + ("," if place < len(names) - 1 else ""))
        out.put("}")
    elif kind == 1:
        count = draw(st.integers(0, 3))
        blank = SPACE if inline else st.sampled_from(["", " ", "\n", " # c, ]\n", "\n\t"])
        out.put("[")
        for place in range(count):
            out.put(draw(blank))
            _value(draw, out, f"{key}.{place}" if key else "", depth + 1, inline=inline)
            out.put(draw(blank) + ("," if place < count - 1 or draw(st.booleans()) else ""))
        out.put(f"{draw(blank)}]")
    else:
        out.scalar(key, draw(PLAIN))


@st.composite
def texts(draw: st.DrawFn) -> Writer:
    """Return a document."""
    out = Writer()
    out.put(draw(st.sampled_from(["", "\ufeff"])))
    counts: dict[str, int] = {}
    names = ["", *draw(st.lists(NAMES.filter(bool), max_size=3))]
    tables: set[str] = set()
    for table in names:
        where = ""
        if table:
            is_item = (
                draw(st.booleans()) if table not in tables | counts.keys() else table in counts
            )
            if table in tables:
                continue
            if is_item:
                counts[table] = counts.get(table, -1) + 1
                where = f"{_escaped(table)}.{counts[table]}."
                out.put(f"{draw(SPACE)}[[{draw(SPACE)}{_name(draw, table)} ]]")
            else:
                tables.add(table)
                where = f"{_escaped(table)}."
                out.put(f"[{_name(draw, table)}{draw(SPACE)}]")
            out.put(draw(st.sampled_from(["\n", " # [c]\n", "\n\n# d\n"])))
        inner = draw(
            st.lists(NAMES.filter(lambda name: name not in names), max_size=3, unique=True)
        )
        for name in inner:
            dotted = draw(st.sampled_from(["", "sub", "t.u"]))
            written = f"{_name(draw, name)}{draw(SPACE)}"
            key = f"{where}{_escaped(name)}" if name else ""
            if dotted:
                written += f".{draw(SPACE)}{_name(draw, dotted)}"
                key = f"{key}.{_escaped(dotted)}" if key else ""
            out.put(f"{draw(SPACE)}{written} ={draw(SPACE)}")
            _value(draw, out, key, 0, inline=False)
            out.put(draw(st.sampled_from(["\n", " # c = 1\n", "\n\n"])))
    return out


def _holds(out: Writer, newline: str, value: Any, data: st.DataObject) -> None:
    spots = [spot for spot in out.spots if spot.key]
    if not spots:
        return
    spot = data.draw(st.sampled_from(spots))
    text = out.text.replace("\n", newline)
    before, scalar, rest = (
        part.replace("\n", newline)
        for part in (out.text[: spot.start], out.text[spot.start : spot.end], out.text[spot.end :])
    )
    after = update(text.encode(), [Update(spot.key, value)], source="f").data.decode()
    assert after.startswith(before)
    assert after.endswith(rest)
    written = after[len(before) : len(after) - len(rest)]
    found = tomllib.loads(f"x = {written}")["x"]
    assert found == (float(value) if written != scalar and type(value) in (int, float) else value)
    assert isinstance(found, bool) == isinstance(value, bool)
    tomllib.loads(after.removeprefix("\ufeff"))
    assert update(after.encode(), [Update(spot.key, value)], source="f").data.decode() == after


@SHORT
@given(out=texts(), newline=st.sampled_from(["\n", "\r\n"]), value=VALUES, data=st.data())
def test_one_scalar_changes_and_no_other_byte(
    out: Writer, newline: str, value: Any, data: st.DataObject
) -> None:
    """What is written reads as the value; done twice it is done once."""
    _holds(out, newline, value, data)


@pytest.mark.soak
@SOAK
@given(out=texts(), newline=st.sampled_from(["\n", "\r\n"]), value=VALUES, data=st.data())
def test_one_scalar_changes_in_many_texts(
    out: Writer, newline: str, value: Any, data: st.DataObject
) -> None:
    """The same, for longer."""
    _holds(out, newline, value, data)
