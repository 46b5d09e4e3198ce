"""The language beyond the conformance cases: places of errors, limits, printing, unknown values, data."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath import expressions
from towpath.expressions import (
    ExpressionError,
    Function,
    Need,
    Signature,
    Unknown,
    coercion,
    data,
    gotext,
    printer,
    quoting,
    syntax,
)
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.parser import parse
from towpath.expressions.static_types import ANY, STRING


def value(source: str, env: dict[str, Any] | None = None) -> Any:
    """Return the value of an expression."""
    return expressions.compile(source).evaluate(env or {})


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("1 +", 1, 4, "unexpected end"),
        ('1 + "a"', 1, 3, "mismatched types int and string"),
        ("a\n  .b\n + len(1)", 3, 8, "invalid argument for len"),
        ("foo(", 1, 5, "unexpected end"),
        ("[1, 2", 1, 6, "unexpected end"),
        ('"abc', 1, 1, "not terminated"),
        ("a ?? b == c", 1, 8, "cannot be mixed"),
        ("len()", 1, 1, "not enough arguments"),
        ("len(1, 2)", 1, 1, "too many arguments"),
        ("let len = 1; len", 1, 1, "cannot redeclare"),
        ("1 ? 2 : 3", 1, 1, "used as condition"),
        ('x matches "("', 1, 11, "regexp"),
        ("\u00e9\u00e9 + $", 1, 6, ""),
    ],
)
def test_what_is_wrong_is_told_before_running_with_its_place(
    source: str, line: int, column: int, words: str
) -> None:
    """Line, column, and a caret under the place."""
    if source.endswith("$"):  # a name, and a strange one, but a name
        expressions.compile(source)
        return
    with pytest.raises(ExpressionError) as raised:
        expressions.compile(source)
    error = raised.value
    assert (error.line, error.column) == (line, column)
    assert words in error.problem
    shown, caret = error.excerpt.splitlines()
    assert caret.index("^") - 3 == column - 1
    assert shown[3:] == source.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("source", "env", "words"),
    [
        ("a.b.c", {"a": {}}, "cannot fetch c from <nil>"),
        ("a[9]", {"a": [1]}, "index out of range"),
        ("f(1)", {}, "cannot call nil"),
        ("a(1)", {"a": 5}, "is not a function"),
        ("a % b", {"a": 1, "b": 0}, "divide by zero"),
        ("a ? 1 : 2", {"a": None}, "is not a bool"),
        ("filter(a, #)", {"a": [1]}, "must be a bool"),
        ("a + b", {"a": "x", "b": 1}, "string + int"),
    ],
)
def test_what_goes_wrong_while_running_has_a_place_too(
    source: str, env: dict[str, Any], words: str
) -> None:
    """And shows types, not values, which may be secret."""
    with pytest.raises(ExpressionError) as raised:
        value(source, env)
    assert words in raised.value.problem
    assert raised.value.line == 1


def test_errors_do_not_show_values() -> None:
    """A Secret's value that is used wrongly stays out of the message."""
    for source in (
        "s + 1",
        "s.x",
        "int(s)",
        "float(s)",
        "s[0:s]",
        "-s",
        "date(s)",
        "duration(s)",
        "timezone(s)",
        "fromJSON(s)",
        "s()",
        "date('1', s)",
    ):
        with contextlib.suppress(ExpressionError):
            value(source, {"s": 5})
        with pytest.raises(ExpressionError) as raised:
            value(source, {"s": "hunter2"})
        assert "hunter2" not in raised.value.message


HOSTILE = [
    "1..1000000000",
    "map(1..1000, map(1..1000, map(1..1000, #)))",
    "repeat('a', 10000000)",
    "repeat(repeat(repeat('a', 1000), 1000), 1000)",
    "let a = repeat('aaaaaaaaaa', 100000); let b = a + a + a + a; let c = b + b + b + b; let d = c + c + c + c; d + d + d + d",
    "reduce(1..100000, #acc + #acc, 'aaaa')",
    "(" * 5_000 + "1" + ")" * 5_000,
    "[" * 50_000,
    "-" * 50_000 + "1",
    "a" + ".b" * 20_000,
    "1" + " + 1" * 20_000,
    "a ? " * 3_000 + "1" + " : 2" * 3_000,
    "flatten(map(1..1000, 1..1000)) | concat(1..1000)",
    "sortBy(1..900000, -#) | map(# * 2) | map(# + 1)",
    "'x' matches '(a*)*b'",
    "\0",
    "'\ud800'",
    "x" * 200_000,
    "let x = [1..100, 1..100]; map(x, map(x, map(x, map(x, map(x, x)))))",
]


@pytest.mark.parametrize(
    "source", HOSTILE, ids=[source[:25].encode("ascii", "replace").decode() for source in HOSTILE]
)
@pytest.mark.slow
def test_hostile_expressions_end_soon_and_in_bounds(source: str) -> None:
    """With an error or a value; never a crash of the interpreter."""
    with contextlib.suppress(ExpressionError):
        value(source, {"a": {"b": None}})


def test_long_chains_of_operators_are_no_depth() -> None:
    """Thousands of terms in a row are few levels."""
    assert value("1" + " + 1" * 3_000) == 3_001
    assert value("false" + " || a" * 2_000 + " || true", {"a": False}) is True
    assert value("true" + " && a" * 2_000, {"a": True}) is True
    assert value('"x"' + ' + "y"' * 2_000) == "x" + "y" * 2_000
    with pytest.raises(ExpressionError, match="nodes"):
        expressions.compile("1" + " + 1" * 6_000)


# --- printing ------------------------------------------------------------------------------------------


def nodes(depth: int) -> st.SearchStrategy[str]:
    """Return texts of expressions."""
    leaves = st.sampled_from(
        [
            "1",
            "2.5",
            "nil",
            "true",
            '"s"',
            "a",
            "a.b",
            "a?.b",
            "[]",
            "{}",
            "$env",
            'b"x"',
            "-1",
            ".5",
            "`r`",
        ]
    )
    if not depth:
        return leaves
    inner = nodes(depth - 1)
    operators = st.sampled_from(
        ["+", "-", "*", "/", "%", "**", "==", "<", "in", "and", "or", "..", "contains", "not in"]
    )
    return (
        leaves
        | st.tuples(inner, operators, inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})")
        | st.tuples(inner, inner, inner).map(lambda x: f"({x[0]} ? {x[1]} : {x[2]})")
        | st.tuples(inner, inner).map(lambda x: f"({x[0]} ?? {x[1]})")
        | inner.map(lambda x: f"not ({x})")
        | inner.map(lambda x: f"({x})[{x}]")
        | inner.map(lambda x: f"({x})[1:{x}]")
        | st.tuples(inner, inner).map(lambda x: f"map({x[0]}, {{ # == {x[1]} }})")
        | st.tuples(inner, inner).map(lambda x: f"(let v = {x[0]}; {x[1]})")
        | st.lists(inner, max_size=3).map(lambda x: f"[{', '.join(x)}]")
        | inner.map(lambda x: f'{{"k": {x}, (a): 1}}')
        | inner.map(lambda x: f"f({x}, a).g({x})")
        | inner.map(lambda x: f"len({x})")
    )


def shape(node: Any) -> Any:
    """Return a tree without places."""
    if isinstance(node, syntax.Node):
        fields = [getattr(node, name) for name in node.__dataclass_fields__ if name != "offset"]
        return (type(node).__name__, *map(shape, fields))
    if isinstance(node, list | tuple):
        return tuple(map(shape, node))
    return (type(node).__name__, repr(node))


@settings(max_examples=examples(300))
@given(nodes(3))
def test_what_is_printed_parses_to_the_same_tree(source: str) -> None:
    """Parse, print, parse is stable."""
    try:
        tree = parse(source, BUILTINS)
    except ExpressionError:
        return
    again = parse(printer.printed(tree), BUILTINS)
    assert shape(again) == shape(tree)
    assert printer.printed(again) == printer.printed(tree)


_PIECES = [
    "1",
    "2.5",
    "a",
    ".",
    "?.",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "..",
    "??",
    "?",
    ":",
    ",",
    ";",
    "|",
    "#",
    "let ",
    "if ",
    "else ",
    " in ",
    " not ",
    "map(",
    "filter(",
    "len(",
    "'s'",
    '"',
    "`",
    "b'x'",
    "$env",
    "0x",
    "1e9",
    "nil",
    "true",
    "reduce(",
    "now()",
    "\n",
    "//",
    "/*",
    "\\",
    "é",
    "::",
    "date(",
    "string(",
]
anything = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join) | st.text(max_size=40)


def _survives(source: str) -> None:
    with contextlib.suppress(ExpressionError):
        value(source, {"a": {"b": [1, "x", None]}})
    with contextlib.suppress(ExpressionError):
        expressions.template("x${{" + source + "}}y").evaluate({"a": 1})


@settings(max_examples=examples(2_000))
@given(anything)
def test_no_input_crashes(source: str) -> None:
    """Two in a hundred of what the soak runs."""
    _survives(source)


@pytest.mark.soak
@settings(max_examples=100_000)
@given(anything)
def test_no_input_crashes_for_long(source: str) -> None:
    """A hundred thousand inputs."""
    _survives(source)


# --- unknown values and data ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    ["u", "u + 1", "1 - u", "-u", "u.x.y", "u[0]", "[1][u]", "len(u)", "u ? 1 : 2", "u and true", "u matches 'x'", "upper(u)", "filter([1], u)", "u | map(#)", "sum([1, u])", "1..u", "u.method(1)", "f(u)", "sortBy([1, 2], u)", "groupBy([1], u)"],
)  # fmt: skip
def test_an_unknown_value_travels_through_everything(source: str) -> None:
    """Operators, functions, members, conditions, predicates."""
    env = {"u": Unknown("build"), "f": Function("f", lambda x: x)}
    found = value(source, env)
    assert isinstance(found, Unknown)
    assert str(found) == "(known after build)"


def test_what_does_not_depend_on_an_unknown_value_is_known() -> None:
    """A short circuit, a list that holds one, a text around one."""
    unknown = Unknown("build")
    assert value("u or true", {"u": unknown}) is True
    assert value("u and false", {"u": unknown}) is False
    assert value("nil ?? 1", {"u": unknown}) == 1
    assert value("[u, 1][1]", {"u": unknown}) == 1
    found = expressions.template("v${{ u }}-${{ 1 }}").evaluate({"u": unknown})
    assert isinstance(found, Unknown)
    assert str(found) == "v(known after build)-1"


@pytest.mark.parametrize("length", [2, 3, 8, 9, 10, 40])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_unknown_goes_through_chains_of_any_length(length: int, place: int) -> None:
    """Wherever it stands: the whole is unknown unless a known term decides it."""
    unknown = Unknown("build")
    for operator, neutral, deciding in (("||", False, True), ("&&", True, False)):
        names = [f"n{number}" for number in range(length)]
        source = f" {operator} ".join(names)
        env: dict[str, Any] = dict.fromkeys(names, neutral)
        assert value(source, env) is neutral
        env[names[place]] = unknown
        assert value(source, env) == unknown
        assert value(source, {**env, names[0]: deciding}) is deciding
        assert value(source, {**env, names[-1]: deciding}) is deciding
        with pytest.raises(ExpressionError, match="is not a bool"):
            value(source, dict.fromkeys(names[1:], neutral))


@given(st.lists(st.sampled_from([True, False, None]), min_size=2, max_size=24), st.booleans())
def test_a_long_chain_is_the_same_as_its_pairs(terms: list[bool | None], is_or: bool) -> None:
    """None stands for a value that is not known."""
    operator = "||" if is_or else "&&"
    env = {
        f"t{number}": Unknown("x") if term is None else term for number, term in enumerate(terms)
    }
    nested = "t0"
    for number in range(1, len(terms)):
        nested = f"(({nested}) {operator} t{number}) == true"
    plain = f" {operator} ".join(env)
    assert value(f"({plain}) == true", env) == value(nested if len(terms) > 1 else plain, env)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('"abc"[0]', "undefined"),
        ("string(1)[i]", "undefined"),
        ('get("abc", 0)', "does not support indexing"),
        ('lower("A").x', "has no field x"),
        ('secret("a").k[0]', "undefined"),
        ('secret("a").k + 1', "mismatched types string and int"),
        ('secret("a")[1]', "map of texts"),
        ("filter([1], #index > 0)", "unknown pointer #index"),
        ("all([1], #index == 0)", "unknown pointer #index"),
        ("sortBy([1], #index)", "unknown pointer #index"),
        ("map([1], count([2], #index == 0))", "unknown pointer #index"),
        ("map([1], #acc)", "unknown pointer #acc"),
    ],
)
def test_what_is_known_before_running_is_refused_before_running(source: str, words: str) -> None:
    """Texts have no elements, and `#index` is only where there is one."""
    with pytest.raises(ExpressionError, match=words):
        expressions.compile(source, data.SIGNATURES)
    assert value("map([5, 6], #index)") == [0, 1]
    assert value("reduce([5, 6], #acc + #index, 0)") == 1


def test_a_text_that_is_known_only_when_running_has_bytes() -> None:
    """As Go indexes strings."""
    assert value("a[1]", {"a": "abc"}) == 98


def test_maps_of_texts_give_the_empty_text_for_a_missing_key() -> None:
    """Other maps give nil; `get` gives nil for both."""
    functions = data.functions("shop", "shared")
    known = {Need("Secret", "shop", "a"): {"data": {"k": "aGk="}}}

    def found(source: str) -> Any:
        return expressions.compile(source, data.SIGNATURES).evaluate({}, functions, known=known)

    assert found('secret("a").missing') == ""
    assert found('secret("a")["missing"]') == ""
    assert found('secret("a").missing ?? "x"') == ""
    assert found('get(secret("a"), "missing") ?? "x"') == "x"
    assert found('"missing" in secret("a")') is False
    assert found('len(secret("a"))') == 1
    assert found('{"a": 1}.b') is None


def test_lists_of_maps_in_yaml_stand_right_of_their_hyphen() -> None:
    """As Go's YAML library writes them with an indent of four."""
    given = [{"a": 1, "b": {"c": [1, {"x": 1, "z": 2}]}}, [1, [2]], "t\nu"]
    assert quoting.yaml_text(given) == (
        "- a: 1\n  b:\n    c:\n        - 1\n        - x: 1\n          z: 2\n- - 1\n  - - 2\n- |-\n  t\n  u\n"
    )


def test_an_evaluation_stops_for_data_and_goes_on() -> None:
    """Each object is asked for once; what is not there is an empty map."""
    functions = data.functions("shop", "shared")
    program = expressions.compile(
        'secret("a").k + configMap("b").k + string(secret("a").x)', data.SIGNATURES
    )
    known: dict[Need, Any] = {}
    asked = []
    while isinstance(found := program.evaluate({}, functions, known=known), Need):
        asked.append(found)
        known[found] = {"data": {"k": "aGk="}} if found.kind == "Secret" else {"data": {"k": "-"}}
    assert found == "hi-"  # a key that is not there gives the empty text
    assert asked == [Need("Secret", "shop", "a"), Need("ConfigMap", "shop", "b")]
    missing = expressions.compile('secret("none")', data.SIGNATURES)
    assert missing.evaluate({}, functions, known={Need("Secret", "shop", "none"): None}) == {}
    bad = {Need("Secret", "shop", "a"): {"data": {"k": "hunter2%"}}}
    with pytest.raises(ExpressionError, match="key k of the Secret is not base64") as raised:
        program.evaluate({}, functions, known=bad)
    assert "hunter2" not in raised.value.message


def test_registered_functions_are_checked_before_running() -> None:
    """Number and types of arguments; what they return."""
    types = {"f": Signature(1, 2, (STRING, ANY), STRING)}
    functions = {"f": Function("f", lambda text, more="": text + str(more))}
    assert expressions.compile('f("a", 1) + "x"', types).evaluate({}, functions) == "a1x"
    assert expressions.compile('"a" | f()', types).evaluate({}, functions) == "a"
    for source, words in (
        ("f()", "not enough"),
        ('f("a", 1, 2)', "too many"),
        ("f(1)", "cannot use int"),
        ('f("a") + 1', "mismatched"),
        ("f + 1", "mismatched"),
        ("let f = 1; f", "redeclare"),
    ):
        with pytest.raises(ExpressionError, match=words):
            expressions.compile(source, types)


def test_compiling_twice_is_compiling_once() -> None:
    """Programs are kept, and may be shared."""
    assert expressions.compile("1 + 1") is expressions.compile("1 + 1")
    types = {"f": Signature(0, 0, (), ANY)}
    assert expressions.compile("f()", types) is expressions.compile("f()", dict(types))
    assert expressions.compile("f()", types) is not expressions.compile("f()")


# --- coercion ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e3", 1000.0), ("0123", 123.0), ("1.10", 1.1), ("t", True), ("F", False), ("12345678", 12345678.0),
        ("v1.10", "v1.10"), ("latest", "latest"), ("12e4567x", "12e4567x"), ("", ""), ("true\n", True), ("[1]", [1.0]),
        ('"1"', "1"), ("1e999", "1e999"), ("0x1p4", 16.0),
    ],
)  # fmt: skip
def test_what_looks_like_a_value_of_another_type_is_one(text: str, expected: object) -> None:
    """Tags among them, as the reference has it; what is quoted stays a text."""
    found = coercion.coerced(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("3", ""), ("1.5", ""), ("true", ""), ("latest", ""), ("", ""), ("null", ""), ('{"a":1}', ""), ("v1.10", ""),
        ("1.10", "the number 1.1"), ("0123", "the number 123"), ("1e3", "the number 1000"), ("t", "the boolean true"),
        ("1234567890123456789", "the number 1234567890123456800"), ('{"a": 1}', 'the JSON value {"a":1}'), ("[" * 9_000, ""),
    ],
)  # fmt: skip
def test_what_is_not_written_the_same_again_is_told(text: str, other: str) -> None:
    """Only that surprises whoever wrote it."""
    assert expressions.becomes(text) == other


@given(st.text(max_size=20))
def test_every_text_is_coerced_to_something_json_has_or_a_number(text: str) -> None:
    """And a quoted text always stays a text."""
    found = coercion.coerced(text)
    assert isinstance(found, str | float | bool | list | dict) or found is None
    assert coercion.coerced(f'"{text.rstrip(chr(10))}"') == text.rstrip("\n")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_written_as_json_reads_them(number: float) -> None:
    """The shortest text that is the same number."""
    assert float(gotext.json_float(number)) == number
    assert gotext.parse_float(gotext.float_text(number)) == number


@given(st.text(max_size=30))
def test_quoted_texts_survive_a_template(text: str) -> None:
    """`quote` keeps what looks like a number a text."""
    found = expressions.template("${{ quote(x) }}").evaluate({"x": text})
    assert isinstance(found, str)
    assert expressions.template("plain text").evaluate({}) == "plain text"
