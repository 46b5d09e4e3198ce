"""OpenAPI v2 made from v3, and its protobuf, read back here by the numbers of gnostic's OpenAPIv2.proto."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import components, openapi, scheme, swagger

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGE = components.name(scheme.STAGE)


def _read(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield field numbers and values of a protobuf message; lengths and wire types must be right to the last byte."""
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        number, wire_type = divmod(varint(), 8)
        if wire_type == 0:
            yield number, varint()
        elif wire_type == 1:
            yield number, struct.unpack("<d", data[place : place + 8])[0]
            place += 8
        else:
            assert wire_type == 2
            length = varint()
            assert place + length <= len(data)
            yield number, data[place : place + length]
            place += length


def _field(data: bytes, *numbers: int) -> Any:
    """Return what stands in a field of a field of a message."""
    value: Any = data
    for number in numbers:
        value = dict(_read(value))[number]
    return value


def _named(data: bytes, number: int) -> dict[str, bytes]:
    """Return the named messages of a repeated field."""
    pairs = [dict(_read(value)) for found, value in _read(data) if found == number]
    return {pair[1].decode(): pair[2] for pair in pairs}


def _whole() -> dict[str, Any]:
    made = openapi.document([scheme.STAGE, scheme.PROMOTION], version="7")
    return swagger.document([made], version="7")


def test_references_lead_to_definitions() -> None:
    """What v3 wraps to describe a reference is a plain one in v2."""
    stage = _whole()["definitions"][STAGE]
    assert stage["properties"]["metadata"]["$ref"].startswith("#/definitions/io.k8s.apimachinery")
    assert "allOf" not in stage["properties"]["metadata"]


def test_words_that_v2_does_not_know_are_left_out() -> None:
    """What may be null is left without a type, which v2 could not say either."""
    schema = {"nullable": True, "type": "string", "oneOf": [{}], "enum": ["a"], "x-kept": 1}
    document = {"components": {"schemas": {"A": schema}}, "paths": {}}
    assert swagger.document([document], version="1")["definitions"] == {
        "A": {"enum": ["a"], "x-kept": 1}
    }


def test_an_operation_has_its_body_among_the_parameters() -> None:
    """As v2 has it, with the media types beside."""
    path = "/apis/kargo.akuity.io/v1alpha1/namespaces/{namespace}/stages/{name}"
    patch = _whole()["paths"][path]["patch"]
    [body] = [each for each in patch["parameters"] if each["in"] == "body"]
    assert body["schema"] == {"$ref": f"#/definitions/{components.PATCH}"}
    assert "application/merge-patch+json" in patch["consumes"]
    assert patch["x-kubernetes-group-version-kind"]["kind"] == "Stage"
    assert {each["name"] for each in patch["parameters"]} >= {"fieldValidation", "force"}
    assert "requestBody" not in patch


def test_the_protobuf_has_the_whole_document() -> None:
    """Version, paths, and schemas with their extensions, all of them readable."""
    whole = _whole()
    data = swagger.encoded(whole)
    assert _field(data, 1) == b"2.0"
    assert _field(data, 2, 2) == b"7"
    assert set(_named(_field(data, 8), 2)) == set(whole["paths"])
    definitions = _named(_field(data, 9), 1)
    assert set(definitions) == set(whole["definitions"])
    stage = definitions[STAGE]
    extensions = _named(stage, 31)
    named = json.loads(_field(extensions["x-kubernetes-group-version-kind"], 2))
    assert named == [{"group": "kargo.akuity.io", "kind": "Stage", "version": "v1alpha1"}]
    properties = _named(_field(stage, 25), 1)
    assert set(properties) == {"apiVersion", "kind", "metadata", "spec", "status"}
    assert _field(properties["metadata"], 1).startswith(b"#/definitions/")
    assert _field(properties["kind"], 22, 1) == b"string"


def test_lists_and_maps_have_the_schema_of_what_they_hold() -> None:
    """`items` and `additionalProperties` are messages within messages."""
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 1.5}},
    }
    data = swagger.encoded({"definitions": {"A": schema}})
    made = _named(_field(data, 9), 1)["A"]
    assert [value for number, value in _read(made) if number == 19] == [b"a", b"b"]
    assert _field(made, 21, 1, 22, 1) == b"array"
    assert _field(made, 21, 1, 23, 1, 9) == 1.5
    free = {"definitions": {"A": {"additionalProperties": True, "default": {"a": [None]}}}}
    made = _named(_field(swagger.encoded(free), 9), 1)["A"]
    assert _field(made, 21, 2) == 1
    assert json.loads(_field(made, 5, 2)) == {"a": [None]}


@given(st.integers(0, 2**63 - 1), st.text(), st.text(min_size=1))
def test_numbers_and_texts_of_any_size_come_back(number: int, text: str, name: str) -> None:
    """Lengths and numbers take as many bytes as they need."""
    encoded = swagger.encoded(
        {"definitions": {name: {"maxLength": number, "description": text * 50}}}
    )
    made = _named(_field(encoded, 9), 1)[name]
    assert _field(made, 11) == number
    assert _field(made, 4).decode() == text * 50
