"""Holds what is asked of stand-ins for trackers, and what they answer, against what is published of them, where that is at hand."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.support.contracts import Contract
from tests.support.shared import ROOT, shared

if TYPE_CHECKING:
    from towpath.demo.loopback import Request

_JIRA = ("jira", "cloud-v3.json")
_OTHERS = "other-services.schema.json"


def is_here() -> bool:
    """Whether the descriptions lie beside the checkout; in CI they have to."""
    return "CI" in os.environ or ROOT.joinpath("contracts", *_JIRA).exists()


@dataclass
class JiraObserver:
    """Looks at each request of a Jira of the Cloud and its answer."""

    problems: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self._contract = Contract(*_JIRA) if is_here() else None
        self._whole = json.loads(shared("contracts", *_JIRA).read_text()) if is_here() else {}

    def __call__(self, request: Request, status: int, document: Any) -> None:
        """Look at one."""
        if self._contract is None:
            return
        self.seen += 1
        body = json.loads(request.body) if request.body else None
        try:
            template = self._contract.request(request.method, request.path, body)
            described = self._whole["paths"][template]
            given = [
                *described.get("parameters", ()),
                *described[request.method.lower()].get("parameters", ()),
            ]
            known = {each["name"] for each in given if each["in"] == "query"}
            unknown = {name for name, _ in parse_qsl(request.query)} - known
            assert not unknown, f"query parameters {sorted(unknown)} are not described"
            self._contract.answer(request.method, template, status, document)
        except AssertionError as error:
            self.problems.append(f"{request.method} {request.path}: {status}: {error}")


@dataclass
class SnowObserver:
    """Looks at each answer of ServiceNow, and that nothing is deleted or changed by a query."""

    problems: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self._defs = (
            json.loads(shared("contracts", _OTHERS).read_text())["$defs"] if is_here() else {}
        )

    def __call__(self, request: Request, status: int, document: Any) -> None:
        """Look at one."""
        self.seen += 1
        if request.method in ("DELETE", "PATCH", "PUT") and not re.search(
            "/[0-9a-f]{32}$", request.path
        ):
            self.problems.append(f"{request.method} {request.path}: it names no record")
        if not self._defs or document is None:
            return
        name = "serviceNowOne"
        if status >= 400:
            name = "serviceNowError"
        elif "sn_chg_rest" in request.path:
            name = "serviceNowChange"
        elif isinstance(document["result"], list):
            name = "serviceNowList"
        self.problems += [
            f"{request.method} {request.path}: {each}"
            for each in _wrong(self._defs[name], document, self._defs, "answer")
        ]


def _wrong(schema: dict[str, Any], value: Any, defs: dict[str, Any], path: str) -> list[str]:
    """Return what is wrong with a value, by the few words of JSON Schema that the descriptions of ServiceNow use."""
    if "$ref" in schema:
        return _wrong(defs[schema["$ref"].rpartition("/")[2]], value, defs, path)
    wrong: list[str] = []
    if "oneOf" in schema:
        fitting = [each for each in schema["oneOf"] if not _wrong(each, value, defs, path)]
        return [] if len(fitting) == 1 else [f"{path}: {value!r} is not one of what it may be"]
    types = schema.get("type", [])
    kinds: dict[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
    if types and not isinstance(
        value, tuple(kinds[each] for each in ([types] if isinstance(types, str) else types))
    ):
        return [f"{path}: {value!r} is no {types}"]
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{path}: {value!r} is not {schema['const']!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        wrong.append(f"{path}: {value!r} is not as {schema['pattern']}")
    if isinstance(value, dict):
        wrong += [
            f"{path}.{each} is missing" for each in schema.get("required", ()) if each not in value
        ]
        for name, each in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            wrong += _wrong(inner, each, defs, f"{path}.{name}") if isinstance(inner, dict) else []
    if isinstance(value, list) and "items" in schema:
        for place, each in enumerate(value):
            wrong += _wrong(schema["items"], each, defs, f"{path}[{place}]")
    return wrong
