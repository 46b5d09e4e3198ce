"""Evaluating expressions and templates without a server: one, or one for each line of input."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import expressions
from towpath.clock import SystemClock
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.expressions import ExpressionError, gotext
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.parser import PREDICATES, is_name
from towpath.expressions.values import Failure
from towpath.resources import manifests

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_LINE: Final = 8 << 20


def read_environment(path: Path) -> dict[str, Any]:
    """Return the variables of a YAML or JSON file. Raises BadRequest for what is no one object."""
    try:
        found = manifests.read(reading.read(path, manifests.LARGEST_BYTES), str(path))
    except OSError as error:
        raise BadRequest(f"{path}: cannot be read: {error.strerror}") from error
    if len(found) > 1:
        raise BadRequest(f"{path}: it holds {len(found)} documents; an environment is one object")
    return found[0].document if found else {}


def evaluate(source: str, env: dict[str, Any]) -> str:
    """Return the value of an expression as JSON, integers and floats told apart.

    Raises ExpressionError, also for a result that is not JSON.
    """
    value = expressions.compile(source).evaluate(env, now=_now())
    return _written(value)


def evaluate_typed(text: str, env: dict[str, Any]) -> str:
    """Return the value of what a person has typed as JSON: of a template where it has `${{` in it, else of an expression.

    Raises ExpressionError, as `evaluate` does.
    """
    return _template(text, env) if "${{" in text else evaluate(text, env)


def evaluate_line(line: str) -> str:
    """Return the answer to one line of `--jsonl`: `{"value": …}` or `{"error": "…"}`.

    A line is `{"expr": …, "env": …}` for the bare language, or `{"template": …, "env": …}`.
    """
    try:
        return f'{{"value": {_answer(line)}}}'
    except BadRequest as error:
        return msgspec.json.encode({"error": error.message or "it failed"}).decode()


def _answer(line: str) -> str:
    if len(line) > _LONGEST_LINE:
        raise BadRequest(f"a line of more than {_LONGEST_LINE:,} characters is not read")
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise BadRequest(f"the line is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest('a line is an object: {"expr": "…", "env": {…}}')
    env = found.get("env")
    if env is None:
        env = {}
    if not isinstance(env, dict):
        raise BadRequest("env: it must be an object")
    match found.get("expr"), found.get("template"):
        case str(source), None:
            return evaluate(source, env)
        case None, str(text):
            return _template(text, env)
    raise BadRequest('a line has one of "expr" and "template", a text')


def _template(text: str, env: dict[str, Any]) -> str:
    return _written(expressions.template(text).evaluate(env, now=_now()))


def _written(value: Any) -> str:
    """Return a result as JSON: floats with `.` or `e`, keys sorted. Raises ExpressionError."""
    try:
        return _json(gotext.plain(value))
    except Failure as failure:
        raise ExpressionError(str(failure)) from failure
    except RecursionError as error:
        raise ExpressionError("the result is nested too deep") from error


def _json(value: Any) -> str:
    match value:
        case float():
            text = gotext.json_float(value)
            return text if "." in text or "e" in text else f"{text}.0"
        case list():
            return f"[{', '.join(map(_json, value))}]"
        case dict():
            pairs = (f"{gotext.json_text(key)}: {_json(value[key])}" for key in sorted(value))
            return f"{{{', '.join(pairs)}}}"
        case _:
            return gotext.json_text(value)


def _now() -> datetime:
    return SystemClock().now().astimezone(UTC)


def names(env: dict[str, Any]) -> list[str]:
    """Return what can be completed: builtins, variables, and the fields of variables as `a.b`."""
    found = {*BUILTINS, *PREDICATES, "$env", "true", "false", "nil", "let"}
    for name, value in env.items():
        found.add(name)
        if isinstance(value, dict):
            found |= {f"{name}.{key}" for key in value if is_name(str(key))}
    return sorted(found)
