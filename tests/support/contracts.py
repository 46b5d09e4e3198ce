"""Holds requests and answers against a service's own published description (OpenAPI 3), as far as our stand-ins need it.

The descriptions lie beside the checkout. Of JSON Schema the words are known that they use; an unknown one fails the test.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

from tests.support.json_types import JSON_TYPES
from tests.support.shared import shared

_TALK: Final = frozenset(
    {"$comment", "description", "title", "example", "examples", "default", "readOnly", "deprecated"}
)


class Contract:
    """One description, such as `github/rest-apps-meta.json`."""

    def __init__(self, *place: str) -> None:
        """`place`: where it lies below `../shared/contracts`; the test is skipped if it is not there."""
        self._whole: dict[str, Any] = json.loads(shared("contracts", *place).read_text("utf-8"))
        self._is_swagger = "swagger" in self._whole
        """Whether it is of the second version, which knows no null: it is let pass."""

    def request(self, method: str, path: str, body: Any) -> str:
        """Return the template of the path that a request fits; fail if there is none, or its body is not as described."""
        for template, operations in self._whole["paths"].items():
            pattern = re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                described = operations[method.lower()].get("requestBody", {})
                wrong = self._wrong(_schema(described), body, "body") if described else []
                for each in operations[method.lower()].get("parameters", ()):
                    if each.get("in") == "body":
                        wrong += self._wrong(each["schema"], body, "body")
                assert wrong == [], wrong
                return str(template)
        raise AssertionError(f"the contract has no {method} {path}")

    def answer(self, method: str, template: str, status: int, body: Any) -> None:
        """Fail if an answer is not as it is described for that status."""
        responses = self._whole["paths"][template][method.lower()]["responses"]
        assert str(status) in responses, f"{method} {template} has no answer {status}"
        described = self._followed(responses[str(status)])
        schema = _schema(described) if "content" in described else described.get("schema")
        wrong = self._wrong(schema, body, "answer") if schema is not None else []
        assert wrong == [], wrong

    def sample(self, method: str, template: str, status: int) -> Any:
        """Return the least that an operation may answer: what is required, with values that mean nothing; of a list one item."""
        described = self._followed(
            self._whole["paths"][template][method.lower()]["responses"][str(status)]
        )
        schema = self._followed(
            _schema(described) if "content" in described else described.get("schema", {})
        )
        if schema.get("type") == "array":
            return [self._sampled(schema["items"])]
        return self._sampled(schema)

    def _sampled(self, schema: dict[str, Any]) -> Any:
        schema = self._followed(schema)
        if schema.get("nullable") or (self._is_swagger and "type" not in schema):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        found: dict[str, Any] = {}
        for inner in schema.get("allOf", ()):
            found |= self._sampled(inner) or {}
        for word in ("oneOf", "anyOf"):
            if word in schema and "properties" not in schema:
                return self._sampled(schema[word][0])
        kind = schema.get("type", "object")
        match kind if isinstance(kind, str) else kind[0]:
            case "string":
                return "2026-01-02T03:04:05Z" if schema.get("format") == "date-time" else "x"
            case "integer" | "number":
                return 1
            case "boolean":
                return False
            case "array":
                return []
            case "object":
                properties = schema.get("properties", {})
                for name in schema.get("required", ()):
                    found[name] = self._sampled(properties.get(name, {}))
                return found
        return None

    def fits(self, name: str, body: Any) -> None:
        """Fail if a body is not as a file of bodies (`$defs`) has it under a name."""
        wrong = self._wrong(self._whole["$defs"][name], body, name)
        assert wrong == [], wrong

    def parameters(self, method: str, path: str) -> dict[str, dict[str, Any]]:
        """Return the parameters of an operation of Swagger 2, by name."""
        found: list[dict[str, Any]] = self._whole["paths"][path][method]["parameters"]
        return {each["name"]: each for each in found}

    def _followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = self._whole
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = found
        return schema

    def _wrong(self, schema: dict[str, Any], value: Any, path: str) -> list[str]:
        schema = self._followed(schema)
        if value is None and (schema.get("nullable") or self._is_swagger):
            return []
        wrong = []
        for word, said in sorted(schema.items(), key=lambda each: each[0] != "type"):
            match word:
                case "type":
                    named = [said] if isinstance(said, str) else said
                    kinds = tuple(kind for each in named for kind in JSON_TYPES[each])
                    if not isinstance(value, kinds) or (
                        isinstance(value, bool) and bool not in kinds
                    ):
                        return [f"{path}: {value!r} is no {said}"]
                case "properties":
                    for name, inner in said.items() if isinstance(value, dict) else ():
                        if name in value:
                            wrong += self._wrong(inner, value[name], f"{path}.{name}")
                case "required":
                    there = value if isinstance(value, dict) else {}
                    wrong += [f"{path}.{name} is missing" for name in said if name not in there]
                case "items":
                    for place, item in enumerate(value):
                        wrong += self._wrong(said, item, f"{path}[{place}]")
                case "prefixItems":
                    for place, (inner, item) in enumerate(zip(said, value, strict=False)):
                        wrong += self._wrong(inner, item, f"{path}[{place}]")
                case "enum":
                    wrong += [] if value in said else [f"{path}: {value!r} is none of {said}"]
                case "allOf":
                    for inner in said:
                        wrong += self._wrong(inner, value, path)
                case "anyOf" | "oneOf":
                    if all(self._wrong(inner, value, path) for inner in said):
                        wrong.append(f"{path}: {value!r} is none of what it may be")
                case "additionalProperties":
                    if said is False:
                        known = schema.get("properties", {})
                        wrong += [
                            f"{path}.{name} is unknown" for name in value if name not in known
                        ]
                case "const":
                    wrong += [] if value == said else [f"{path}: {value!r} is not {said!r}"]
                case "pattern":
                    if isinstance(value, str) and not re.search(said, value):
                        wrong.append(f"{path}: {value!r} does not match {said}")
                case "minItems":
                    wrong += [f"{path} has too few items"] if len(value) < said else []
                case "maxItems":
                    wrong += [f"{path} has too many items"] if len(value) > said else []
                case "format":
                    wrong += _wrong_format(said, value, path)
                case "uniqueItems":
                    wrong += (
                        [f"{path}: an item stands twice"]
                        if any(each in value[:place] for place, each in enumerate(value))
                        else []
                    )
                case "minLength":
                    wrong += [] if len(value) >= said else [f"{path}: {value!r} is too short"]
                case "maxLength":
                    wrong += [] if len(value) <= said else [f"{path}: {value!r} is too long"]
                case "nullable" | "xml":
                    pass
                case _:
                    assert word in _TALK or word.startswith("x-"), f"{path}: unknown word {word}"
        return wrong


def _schema(described: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = described["content"]
    found: dict[str, Any] = next(iter(content.values()))["schema"]
    return found


def _wrong_format(said: str, value: Any, path: str) -> list[str]:
    if said == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return [f"{path}: {value!r} is no moment"]
    return []
