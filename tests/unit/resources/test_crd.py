"""CustomResourceDefinitions made from kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from towpath.resources import crd, scheme
from towpath.resources.schema import Rule, Schema
from towpath.resources.scheme import BUILT_IN, SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind

KINDS = pytest.mark.parametrize(
    "kind", [kind for kind in SCHEME if kind.group not in BUILT_IN], ids=lambda kind: kind.name
)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for field in node.get("properties", {}).values():
        yield from _nodes(field)
    for key in ("items", "additionalProperties"):
        if key in node:
            yield from _nodes(node[key])


def _root(kind: Kind) -> dict[str, Any]:
    version = crd.definition(kind)["spec"]["versions"][0]
    root: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return root


@KINDS
def test_a_schema_is_structural(kind: Kind) -> None:
    """Every node has a type or says why not; there is no `$ref`; a node has fields or values, not both."""
    for node in _nodes(_root(kind)):
        typed = (
            "type" in node
            or node.get("x-kubernetes-int-or-string")
            or node.get("x-kubernetes-preserve-unknown-fields")
        )
        assert typed, node
        assert "$ref" not in node
        assert not {"properties", "additionalProperties"} <= node.keys()
        assert ("items" in node) == (node.get("type") == "array")


@KINDS
def test_an_api_server_takes_the_names(kind: Kind) -> None:
    """The object's name is plural and group; list kind and singular are as kubectl expects them."""
    made = crd.definition(kind)
    assert made["metadata"]["name"] == f"{kind.plural}.{kind.group}"
    assert made["spec"]["names"]["listKind"] == f"{kind.name}List"
    assert made["spec"]["names"]["singular"] == kind.name.lower()
    assert made["spec"]["scope"] == ("Namespaced" if kind.namespaced else "Cluster")


@KINDS
def test_metadata_is_left_to_the_api_server(kind: Kind) -> None:
    """A CRD may say nothing of metadata but that it is an object."""
    metadata = _root(kind)["properties"]["metadata"]
    assert {key for key in metadata if key != "description"} == {"type"}


def test_age_is_the_last_column() -> None:
    """Printed columns are the scheme's, then Age."""
    version = crd.definition(scheme.PROMOTION)["spec"]["versions"][0]
    columns = version["additionalPrinterColumns"]
    assert [column["name"] for column in columns] == ["Shard", "Stage", "Freight", "Phase", "Age"]
    assert columns[-1] == {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def test_the_status_subresource_is_there_only_with_a_status() -> None:
    """Tasks have none."""
    assert crd.definition(scheme.STAGE)["spec"]["versions"][0]["subresources"] == {"status": {}}
    assert crd.definition(scheme.PROMOTION_TASK)["spec"]["versions"][0]["subresources"] == {}


def test_every_constraint_is_rendered() -> None:
    """Nothing that validation checks is missing from what Kubernetes is told."""
    rule = Rule(expression="self != ''", message="say it", holds=lambda text, _: text != "")
    text = Schema(
        type="string",
        description="A text.",
        format="date-time",
        pattern="^a",
        enum=("a", "ab"),
        min_length=1,
        max_length=2,
        default="a",
        nullable=True,
        rules=(rule,),
    )
    assert crd.render(text) == {
        "description": "A text.",
        "type": "string",
        "format": "date-time",
        "pattern": "^a",
        "enum": ["a", "ab"],
        "minLength": 1,
        "maxLength": 2,
        "default": "a",
        "nullable": True,
        "x-kubernetes-validations": [{"rule": "self != ''", "message": "say it"}],
    }
    listed = Schema(
        type="array",
        items=Schema(type="object", properties={"b": text, "a": text}, required=("b", "a")),
        min_items=0,
        max_items=3,
        list_type="map",
        list_map_keys=("a",),
    )
    rendered = crd.render(listed)
    assert (rendered["minItems"], rendered["maxItems"]) == (0, 3)
    assert rendered["x-kubernetes-list-type"] == "map"
    assert rendered["x-kubernetes-list-map-keys"] == ["a"]
    assert rendered["items"]["required"] == ["a", "b"]
    free = Schema(
        type="object",
        min_properties=1,
        map_type="atomic",
        preserve_unknown=True,
        embedded_resource=True,
    )
    assert crd.render(free) == {
        "type": "object",
        "minProperties": 1,
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-preserve-unknown-fields": True,
        "x-kubernetes-embedded-resource": True,
    }
    assert crd.render(Schema(type=None, int_or_string=True)) == {"x-kubernetes-int-or-string": True}
    assert crd.render(Schema(type="integer", minimum=0, maximum=0, default=0)) == {
        "type": "integer",
        "minimum": 0,
        "maximum": 0,
        "default": 0,
    }


def test_a_rule_without_message_leaves_it_to_kubernetes() -> None:
    """The API server then says which rule failed."""
    fields = _root(scheme.PROMOTION_REQUEST)["properties"]["spec"]["properties"]
    assert fields["stage"]["x-kubernetes-validations"] == [{"rule": "self == oldSelf"}]
