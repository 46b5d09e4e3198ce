"""OpenAPI documents made from kinds."""

from __future__ import annotations

import json

from towpath.resources import openapi, scheme
from towpath.resources.scheme import SCHEME


def test_every_kind_and_its_list_has_a_schema_that_names_it() -> None:
    """Kubectl finds a kind's fields by `x-kubernetes-group-version-kind` (engineering notes §8)."""
    for kind in SCHEME:
        made = openapi.document([kind], version="1")["components"]["schemas"]
        names = {
            found["kind"]: (found["group"], found["version"])
            for schema in made.values()
            for found in schema["x-kubernetes-group-version-kind"]
        }
        group_version = (kind.group, kind.version)
        assert names == {kind.name: group_version, f"{kind.name}List": group_version}


def test_a_schema_describes_metadata_in_full() -> None:
    """Unlike in a CRD: `kubectl explain stage.metadata` has something to say."""
    made = openapi.document([scheme.STAGE], version="1")["components"]["schemas"]
    stage = made["io.akuity.kargo.v1alpha1.Stage"]
    assert "labels" in stage["properties"]["metadata"]["properties"]


def test_references_lead_to_schemas_of_the_same_document() -> None:
    """A list refers to its items' schema and to nothing that is not there."""
    made = openapi.document([scheme.SECRET, scheme.CONFIG_MAP], version="1")
    schemas = made["components"]["schemas"]
    assert list(schemas) == sorted(schemas)
    for name in ("Secret", "ConfigMap"):
        items = schemas[f"io.k8s.api.core.v1.{name}List"]["properties"]["items"]["items"]
        assert items == {"$ref": f"#/components/schemas/io.k8s.api.core.v1.{name}"}
    text = json.dumps(made)
    assert text.count("$ref") == 2


def test_the_document_names_the_program_s_version() -> None:
    """So that a client can tell one server from another."""
    assert openapi.document([], version="1.2.3")["info"] == {"title": "Towpath", "version": "1.2.3"}
