"""Expressions, templates and functions: every case beside the checkout, with its value or an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.shared import cases
from towpath import expressions
from towpath.expressions import ExpressionError, Need, data, earlier_steps, freight, gotext
from towpath.expressions.values import Failure

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = {
    "warehouses": "Warehouse",
    "stages": "Stage",
    "freight": "Freight",
    "secrets": "Secret",
    "configMaps": "ConfigMap",
}


def same(found: Any, wanted: Any, *, exactly: bool) -> bool:
    """Compare results; `exactly`: an integer is not the float of its value."""
    if isinstance(found, bool) != isinstance(wanted, bool):
        return False
    if exactly and isinstance(found, float) != isinstance(wanted, float):
        return False
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(
            same(found[key], wanted[key], exactly=exactly) for key in found
        )
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(
            same(one, other, exactly=exactly) for one, other in zip(found, wanted, strict=True)
        )
    return bool(found == wanted)


def evaluated(case: dict[str, Any]) -> Any:
    """Return the value of an expression as JSON."""
    value = expressions.compile(case["expr"]).evaluate(case["env"], now=NOW)
    try:
        return gotext.plain(value)
    except Failure as failure:
        raise ExpressionError(str(failure)) from failure


def expanded(value: Any, env: dict[str, Any]) -> Any:
    """Return a document with its texts expanded."""
    if isinstance(value, str):
        return expressions.template(value).evaluate(env)
    if isinstance(value, list):
        return [expanded(item, env) for item in value]
    if isinstance(value, dict):
        return {key: expanded(item, env) for key, item in value.items()}
    return value


def with_functions(given: dict[str, Any]) -> Any:
    """Return the value of a template that reads data, loading what it asks for."""
    project = given.get("project", "")
    if "discovered" in given:
        functions = freight.discovered(given["discovered"])
        types = dict(freight.DISCOVERED_SIGNATURES)
    else:
        scope = freight.FreightScope(
            project=project,
            requests=given.get("freightRequests", []),
            references=given.get("freightRefs", []),
        )
        steps = given.get("stepMetas", [])
        functions = {
            **freight.Finder(scope).functions(),
            **data.functions(project, "shared-res"),
            **earlier_steps.functions(given.get("stepAlias", ""), steps),
        }
        types = {**freight.SIGNATURES, **data.SIGNATURES, **earlier_steps.SIGNATURES}
    objects = {
        Need(KINDS[kind], found["metadata"]["namespace"], found["metadata"]["name"]): found
        for kind, several in given.get("objects", {}).items()
        for found in several
    }
    template = expressions.template(given["template"], types)
    known: dict[Need, Any] = {}
    for _ in range(expressions.MOST_ROUNDS):
        value = template.evaluate(given.get("env", {}), functions, known=known)
        if not isinstance(value, Need):
            return value
        assert value not in known, "it asks twice for the same object"
        known[value] = objects.get(value)
    raise AssertionError("it never ends asking")


def failing(file: str, evaluate: Any, *, exactly: bool = False) -> list[str]:
    """Return the ids of the cases of a file whose result is not the expected one."""
    wrong = []
    for case in cases(file):
        try:
            found = evaluate(case)
        except ExpressionError as error:
            if not case.get("error") or not error.message:
                wrong.append(f"{case['id']}: {error.problem}")
            continue
        if case.get("error") or not same(found, case["want"], exactly=exactly):
            wrong.append(f"{case['id']}: {found!r}")
    return wrong


def test_the_language() -> None:
    """expr.jsonl: integers are not floats here."""
    assert failing("expr", evaluated, exactly=True) == []


def test_templates() -> None:
    """template.jsonl: single texts and whole documents."""

    def run(case: dict[str, Any]) -> Any:
        given = case["in"]
        if case["op"] == "template":
            return expressions.template(given["template"]).evaluate(given["env"])
        return expanded(given["doc"], given["env"])

    assert failing("template", run) == []


def test_functions() -> None:
    """expr-functions.jsonl: Freight, data and progress."""
    assert failing("expr-functions", lambda case: with_functions(case["in"])) == []


def test_the_comparison_tells_an_integer_from_a_float() -> None:
    """Where the file means it."""
    assert not same(2, 2.0, exactly=True)
    assert same(2, 2.0, exactly=False)
    assert not same(1, True, exactly=False)
    assert not same([{"a": 1}], [{"a": 2}], exactly=True)


@pytest.mark.parametrize("file", ["expr", "template", "expr-functions"])
def test_the_files_are_not_empty(file: str) -> None:
    """An empty file would pass."""
    assert len(cases(file)) > 40
