"""What would take minutes is refused, by units of work that do not depend on the machine."""

from __future__ import annotations

from typing import Any

import pytest

from towpath import expressions
from towpath.expressions import ExpressionError

LONG = "a" * 1_000_000
MANY: list[int] = list(range(1_000_000))
# Few lists in memory, a hundred million elements to whoever looks at them.
DOUBLED = "let a = 1..1000; let b = map(1..100, a); let c = map(1..100, b); let d = map(1..100, c);"


@pytest.mark.parametrize(
    "source",
    [
        "all(many, indexOf(long, 'b') == -1)",
        "all(many, not (long matches 'b$'))",
        "all(many, not (long contains 'b'))",
        "all(many, long <= long + '')",
        "all(many, not (-1 in many))",
        "all(many, many == many)",
        "all(many, len(take(many, 1000000)) > 0)",
        f"{DOUBLED} toJSON(d)",
        f"{DOUBLED} string(d)",
        f"{DOUBLED} max(d)",
        f"{DOUBLED} mean(d)",
        f"{DOUBLED} flatten(d)",
        f"{DOUBLED} d == d",
        f"{DOUBLED} [1] in d",
    ],
)
@pytest.mark.slow
def test_work_without_memory_has_a_bound_as_well(source: str) -> None:
    """Whether it is many elements, long texts, or one list that stands in many places."""
    env: dict[str, Any] = {"long": LONG, "many": MANY}
    with pytest.raises(ExpressionError, match=r"takes too long|memory budget exceeded"):
        expressions.compile(source).evaluate(env)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("lastIndexOf(long, 'ab' + long[:500000])", -1),
        ("lastIndexOf('aba', 'a')", 2),
        ("lastIndexOf('abcabc', 'bc')", 4),
        ("lastIndexOf('abc', '')", 3),
        ("lastIndexOf('ä-ä', 'ä')", 3),
        ("lastIndexOf('a', 'aa')", -1),
        ("len(trim(long, letters + 'a'))", 0),
        ("trim('xxayyxbxy', letters + 'xy')", "ayyxb"),
        ("trim('xyaxy', 'yx')", "a"),
        ("len(upper('ß' + long + 'ä'))", 1_000_002),
        ("upper('ßäᾳa')", "ßÄᾼA"),
        ("int('-' + repeat('0', 5000) + '12')", -12),
        ("int('+12')", 12),
        ("int('0')", 0),
        ("int('-9223372036854775808')", -(1 << 63)),
    ],
)
def test_a_text_is_gone_through_once(source: str, value: Any) -> None:
    """However search text and characters to trim are chosen: these would take minutes, in which nothing else runs."""
    env: dict[str, Any] = {"long": LONG, "letters": "".join(map(chr, range(0x4E00, 0xA000))) * 20}
    assert expressions.compile(source).evaluate(env) == value


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("int(repeat('9', 5000))", "value out of range"),
        ("int('9223372036854775808')", "value out of range"),
        ("date('2020-01-01').Format(repeat('2006', 100000))", "layout is longer than 4,096"),
        ("duration(repeat('1h', 100000))", "duration is longer than 4,096"),
    ],
)
def test_what_no_number_or_layout_can_be_is_an_error_of_the_expression(
    source: str, why: str
) -> None:
    """Python's own refusal to read thousands of digits would end the pass of whoever evaluates it."""
    with pytest.raises(ExpressionError, match=why):
        expressions.compile(source).evaluate({})


def test_what_does_not_look_at_a_value_does_not_pay_for_it() -> None:
    """Length, place and key cost the same for a million as for one."""
    env: dict[str, Any] = {"long": LONG, "many": MANY}
    for source in (
        "len(long) > 0",
        "len(many) > 0",
        "long[0] == 97",
        "many[-1] > 0",
        '"x" not in {}',
    ):
        assert expressions.compile(f"all(1..20000, {source})").evaluate(env) is True


@pytest.mark.parametrize(
    "source",
    ["a" + ".b" * 2_000, "a" + "?.b" * 2_000, "a" + "[0]" * 2_000, "1" + " | abs()" * 2_000],
)
def test_a_chain_too_long_is_refused_in_words(source: str) -> None:
    """Python's own limit is never what the caller sees."""
    with pytest.raises(ExpressionError, match="too deep"):
        expressions.compile(source)


def test_an_integer_meets_a_float_as_a_float() -> None:
    """As Go compares them, though the integer is one more."""
    for operator in ("==", "<=", ">="):
        source = f"9007199254740993 {operator} 9007199254740992.0"
        assert expressions.compile(source).evaluate({}) is True
    assert expressions.compile("9007199254740993 > 9007199254740992.0").evaluate({}) is False


def test_texts_of_thousands_of_expressions_are_read_once_and_bounded() -> None:
    """To look for what is not there once for each of them took the length squared."""
    with pytest.raises(ExpressionError, match="more than 2,000 expressions"):
        expressions.template("${{ 1 }}" * 2_001)
    with pytest.raises(ExpressionError, match="more than 200,000 characters"):
        expressions.template(f"${{{{ '{'a' * 90_000}' }}}}" * 3)
    mixed = "${{ 1 }}-${% 2 %}+" * 900
    assert expressions.template(mixed).evaluate({}) == "1-2+" * 900


def test_what_is_kept_of_expressions_has_a_bound() -> None:
    """By what it takes: four thousand long ones took gigabytes for as long as the server lived."""
    short, long = "${{ 1 }}", "${{ 1 }}" * 100
    assert expressions.template(short) is expressions.template(short)
    assert expressions.template(long) is not expressions.template(long)
    listed = f"[{'1, ' * 100}1]"
    assert expressions.compile("1 + 1") is expressions.compile("1 + 1")
    assert expressions.compile(listed) is not expressions.compile(listed)


@pytest.mark.parametrize("depth", [101, 300, 700, 950, 20_000])
@pytest.mark.parametrize(
    "source",
    [
        "${{{{ repeat('[', {0}) + repeat(']', {0}) }}}}",
        "${{{{ repeat('{{\"a\":', {0}) + '1' + repeat('}}', {0}) }}}}",
        "${{{{ fromJSON(repeat('[', {0}) + repeat(']', {0})) }}}}",
    ],
)
def test_results_have_a_depth(source: str, depth: int) -> None:
    """Whoever reads one goes down into it: at 500 levels a Promotion was tried again for ever, and a plan was a fault."""
    with pytest.raises(ExpressionError, match=r"nested more than 100|recursion"):
        expressions.template(source.format(depth)).evaluate({})


def test_what_lies_deep_is_reached() -> None:
    """Only what comes out has to be shallow."""
    value: Any = "found"
    for _ in range(110):
        value = [value]
    with pytest.raises(ExpressionError, match="100 levels"):
        expressions.compile("a[0]").evaluate({"a": value})
    assert expressions.compile("a" + "[0]" * 100).evaluate({"a": value}) == [
        [[[[[[[[["found"]]]]]]]]]
    ]
