"""Kargo's own description of its API, which lies beside the checkout, as a strict reader of what this server answers."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from tests.support import decoding
from tests.support.shared import ROOT, shared


def same(path: str) -> str:
    """Return a path whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@functools.cache
def description() -> dict[str, Any]:
    """Return the description. Skips the test where it is not there."""
    found: dict[str, Any] = json.loads(shared("reference", "swagger.json").read_text("utf-8"))
    return found


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is described, by method and path (`same`)."""
    return {
        (method.upper(), same(path)): operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def faults(method: str, path: str, status: int, answer: Any) -> list[str]:
    """Return what a strict decoder refuses of an answer to a route: unknown keys, missing ones, values of another type."""
    responses = operations()[method, same(path)]["responses"]
    if str(status) not in responses:
        return [f"{method} {path}: the status {status} is not described"]
    schema = responses[str(status)].get("schema")
    return decoding.faults(schema, answer, description()) if schema else []


def described(method: str, path: str) -> str:
    """Return the path that is described, of a path that somebody asked for; empty if there is none of this method."""
    for template, methods in description()["paths"].items():
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if method.lower() in methods and re.fullmatch(pattern, path):
            return str(template)
    return ""


def is_there() -> bool:
    """Whether the description lies beside the checkout."""
    return (ROOT / "reference" / "swagger.json").is_file()
