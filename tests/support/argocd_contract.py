"""Holds requests and answers of Argo CD's APIs against what Argo CD publishes: its CRDs and its description of REST.

The description is a lower bound: it allows members that it does not name, and null wherever something may be absent. The
CRDs are the whole truth: what they do not name, an API server drops.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.json_types import JSON_TYPES
from tests.support.shared import ROOT, shared
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.demo.argocd.front import Exchange

_OPEN = "x-kubernetes-preserve-unknown-fields"
_FOLDER = ("contracts", "argocd")


def is_here() -> bool:
    """Whether the descriptions lie beside the checkout."""
    return ROOT.joinpath(*_FOLDER).exists()


@dataclass(frozen=True)
class _Reader:
    """How schemas of one description are read."""

    definitions: Mapping[str, Any] = field(default_factory=dict)
    allows_null: bool = False

    def problems(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
        """Yield what is wrong with a value, each with its place."""
        if reference := schema.get("$ref"):
            schema = self.definitions[reference.rpartition("/")[2]]
        if value is None:
            if not self.allows_null and not schema.get("nullable"):
                yield f"{path}: null"
            return
        if schema.get("x-kubernetes-int-or-string"):
            if not isinstance(value, int | str):
                yield f"{path}: neither integer nor text"
            return
        kind = schema.get("type")
        if kind is not None and not _is_of(kind, value):
            yield f"{path}: {value!r} is no {kind}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is none of {schema['enum']}"
        if schema.get("format") == "date-time" and moments.exact(value) is None:
            yield f"{path}: {value!r} is no moment"
        if isinstance(value, dict):
            yield from self._of_object(schema, value, path)
        elif isinstance(value, list) and "items" in schema:
            for number, item in enumerate(value):
                yield from self.problems(schema["items"], item, f"{path}[{number}]")

    def _of_object(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: str
    ) -> Iterator[str]:
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name in schema.get("required") or ():
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, inner in value.items():
            where = f"{path}.{name}"
            if name in properties:
                yield from self.problems(properties[name], inner, where)
            elif isinstance(extra, dict):
                yield from self.problems(extra, inner, where)
            elif properties and not extra and not schema.get(_OPEN):
                yield f"{path}.{name}: there is no such field"


def _is_of(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, JSON_TYPES[kind])


@cache
def _crd(kind: str) -> dict[str, Any]:
    file = shared(*_FOLDER) / f"{kind.lower()}-crd.yaml"
    document = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    found: dict[str, Any] = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


@cache
def _rest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared(*_FOLDER) / "rest.json").read_bytes())
    return found


def object_problems(document: Mapping[str, Any]) -> list[str]:
    """Return what of an Application or AppProject its CRD does not allow."""
    kind = str(document["kind"])
    body = {name: value for name, value in document.items() if name != "metadata"}
    schema = dict(_crd(kind))
    schema["required"] = [each for each in schema.get("required", ()) if each != "metadata"]
    found = list(_Reader().problems(schema, body, kind))
    return [*found, *_Reader(_rest()["definitions"]).problems(
        {"$ref": "#/definitions/v1ObjectMeta"}, _plain_metadata(document["metadata"]), f"{kind}.metadata"
    )]  # fmt: skip


def _plain_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if value is not None}


def rest_problems(exchange: Exchange) -> list[str]:
    """Return what of a request and its answer Argo CD's description does not have."""
    description = _rest()
    reader = _Reader(description["definitions"], allows_null=True)
    method = "GET" if exchange.method == "STREAM" else exchange.method
    operation = _operation(description, method, exchange.path)
    if operation is None:
        return [] if exchange.status == 404 else [f"{method} {exchange.path}: not described"]
    where = f"{method} {exchange.path}"
    found: list[str] = []
    parameters = operation.get("parameters") or []
    named = {each["name"] for each in parameters if each["in"] == "query"}
    given = [part.partition("=")[0] for part in exchange.query.split("&") if part]
    found += [f"{where}: there is no parameter {each}" for each in given if each not in named]
    body = next((each["schema"] for each in parameters if each["in"] == "body"), None)
    if body is not None and exchange.body is not None:
        found += reader.problems(body, exchange.body, f"{where} body")
    answers = operation["responses"]
    schema = answers.get(str(exchange.status), answers["default"])["schema"]
    return [*found, *reader.problems(schema, exchange.answer, f"{where} {exchange.status}")]


def _operation(description: Mapping[str, Any], method: str, path: str) -> Mapping[str, Any] | None:
    exact = description["paths"].get(path)
    if exact is not None:
        return exact.get(method.lower())  # type: ignore[no-any-return]
    for template, operations in description["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return operations[method.lower()]  # type: ignore[no-any-return]
    return None


def kubernetes_problems(exchange: Exchange) -> list[str]:
    """Return what of an answer of the Kubernetes API the CRDs do not allow."""
    answer = exchange.answer
    if not isinstance(answer, dict):
        return [f"{exchange.path}: no object"]
    if exchange.method == "WATCH":
        answer = {} if answer["type"] in ("BOOKMARK", "ERROR") else answer["object"]
    items = answer.get("items") if str(answer.get("kind", "")).endswith("List") else [answer]
    return [
        problem
        for each in items or ()
        if each.get("kind") in ("Application", "AppProject")
        for problem in object_problems(each)
    ]


class Judge:
    """Looks at every exchange of an installation."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.seen = 0

    def __call__(self, exchange: Exchange) -> None:
        """Judge one, where the descriptions lie beside the checkout."""
        self.seen += 1
        if is_here():
            judged = rest_problems if exchange.api == "rest" else kubernetes_problems
            self.problems += judged(exchange)
