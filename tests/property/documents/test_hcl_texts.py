"""HCL as people write it: an edit sets one scalar, and no other byte changes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generated import SHORT, SOAK, Writer
from towpath.documents.edits import Update
from towpath.documents.hcl import literals, update

NAMES = st.sampled_from(["a", "b_c", "d-e", "count", "x1", "source"])
LABELS = st.sampled_from(["web", "aws_instance", "a.b", "é", "x y"])
SPACE = st.sampled_from(["", " ", "   "])
ENDS = st.sampled_from(["\n", " # c = {\n", " // d\n", " /* e\n */\n", "\n\n"])
TEXTS = st.text(
    st.one_of(st.sampled_from('ab"\\${}%#/ \té\n'), st.characters(codec="utf-8")), max_size=8
)
SCALARS = st.sampled_from(
    [
        "1",
        "-17",
        "3.25",
        "1.5e3",
        "1e3",
        "true",
        "false",
        "null",
        '""',
        '"x"',
        '"a\\"b # \\u00e9"',
        '"$${x} %%{y}"',
        '"{"',
        '"é"',
    ]
)
COMPUTED = st.sampled_from(
    [
        "var.x",
        '"a-${var.y}"',
        "f(1, [2])",
        "a ? b : c",
        "[for x in y : x]",
        "-x",
        "1 + 2",
        "(1)",
        '"%{ if x }a%{ endif }"',
    ]
)
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
)


def _escaped(name: str) -> str:
    return name.replace(".", r"\.").replace(":", r"\:")


def _expression(draw: st.DrawFn, out: Writer, key: str, depth: int) -> None:
    kind = draw(st.integers(0, 6)) if depth < 2 else draw(st.integers(2, 6))
    if kind == 0:
        out.put("{")
        for name in draw(st.lists(NAMES, max_size=3, unique=True)):
            written = draw(st.sampled_from([name, f'"{name}"']))
            out.put(
                f"{draw(st.sampled_from([chr(10), ' ', ' # c' + chr(10)]))}{written}{draw(SPACE)}{draw(st.sampled_from('=:'))}{draw(SPACE)}"
            )
            _expression(draw, out, f"{key}.{name}", depth + 1)
            out.put(draw(st.sampled_from([",", "\n"])))
        out.put("}")
    elif kind == 1:
        out.put("[")
        count = draw(st.integers(0, 3))
        for place in range(count):
            out.put(draw(SPACE))
            _expression(draw, out, f"{key}.{place}", depth + 1)
            out.put("," if place < count - 1 else draw(SPACE))
        out.put("]")
    elif kind == 2:
        out.put(draw(COMPUTED))
    else:
        out.scalar(key, draw(SCALARS))


def _body(draw: st.DrawFn, out: Writer, path: str, depth: int) -> None:
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    for name in names:
        out.put(f"{'  ' * depth}{name}{draw(SPACE)}={draw(SPACE)}")
        _expression(draw, out, f"{path}{name}", 0)
        out.put(draw(ENDS))
    if depth >= 2:
        return
    blocks = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["locals", "resource", "module"]), st.lists(LABELS, max_size=2)
            ),
            max_size=2,
            unique_by=str,
        )
    )
    if len({kind for kind, _ in blocks}) < len(blocks):
        return
    for kind, labels in blocks:
        written = "".join(f' "{label}"' for label in labels)
        out.put(f"{'  ' * depth}{kind}{written} {{\n")
        _body(draw, out, f"{path}{'.'.join([kind, *map(_escaped, labels)])}.", depth + 1)
        out.put(f"{'  ' * depth}}}{draw(ENDS)}")


@st.composite
def texts(draw: st.DrawFn) -> Writer:
    """Return a document."""
    out = Writer()
    out.put(draw(st.sampled_from(["", "# top\n", "\n"])))
    _body(draw, out, "", 0)
    return out


def _holds(out: Writer, newline: str, value: Any, data: st.DataObject) -> None:
    if not out.spots:
        return
    spot = data.draw(st.sampled_from(out.spots))
    text = re.sub("\n", newline, out.text)
    before, scalar, rest = (
        part.replace("\n", newline)
        for part in (out.text[: spot.start], out.text[spot.start : spot.end], out.text[spot.end :])
    )
    after = update(text.encode(), [Update(spot.key, value)], source="f").data.decode()
    assert after.startswith(before)
    assert after.endswith(rest)
    written = after[len(before) : len(after) - len(rest)]
    if isinstance(value, str):
        assert literals.read(written) == value
        assert not re.search(r"(?<![$])\$\{|(?<![%])%\{", written)
    elif isinstance(value, bool):
        assert written == str(value).lower()
    else:
        assert float(written) == value
        assert "e" not in written or written == scalar
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
