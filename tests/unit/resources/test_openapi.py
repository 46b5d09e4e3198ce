"""OpenAPI documents made from kinds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from towpath.resources import components, openapi, reviews, scheme
from towpath.resources.reviews import REVIEWS
from towpath.resources.scheme import BUILT_IN, SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind

KINDS = pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.resource)
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def _made(*kinds: Kind) -> dict[str, Any]:
    return openapi.document(kinds, version="1")


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from [item] if key == "$ref" else _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


@KINDS
def test_every_kind_and_its_list_has_a_schema_that_names_it(kind: Kind) -> None:
    """Kubectl finds a kind's fields by `x-kubernetes-group-version-kind`."""
    names = {
        found["kind"]: (found["group"], found["version"])
        for schema in _made(kind)["components"]["schemas"].values()
        for found in schema.get("x-kubernetes-group-version-kind", ())
    }
    group_version = (kind.group, kind.version)
    expected = {kind.name: group_version, f"{kind.name}List": group_version}
    if kind is scheme.SERVICE_ACCOUNT:
        expected["TokenRequest"] = (reviews.AUTHENTICATION, "v1")
    assert names == expected


def test_a_schema_describes_metadata_in_full() -> None:
    """Unlike in a CRD: `kubectl explain stage.metadata` has something to say."""
    made = _made(scheme.STAGE)["components"]["schemas"]
    metadata = made["io.akuity.kargo.v1alpha1.Stage"]["properties"]["metadata"]
    assert metadata["allOf"] == [{"$ref": f"#/components/schemas/{OBJECT_META}"}]
    assert "labels" in made[OBJECT_META]["properties"]


def test_documents_do_not_share_what_one_may_change() -> None:
    """A kind's schema is made anew each time, so that `render` of a CRD keeps its own metadata."""
    one, other = _made(scheme.STAGE), _made(scheme.STAGE)
    name = components.name(scheme.STAGE)
    assert one["components"]["schemas"][name] == other["components"]["schemas"][name]
    assert one["components"]["schemas"][name] is not other["components"]["schemas"][name]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (scheme.STAGE, "io.akuity.kargo.v1alpha1.Stage"),
        (scheme.SECRET, "io.k8s.api.core.v1.Secret"),
        (scheme.ROLE, "io.k8s.api.rbac.v1.Role"),
        (scheme.LEASE, "io.k8s.api.coordination.v1.Lease"),
        (REVIEWS[-1], "io.k8s.api.authorization.v1.SubjectAccessReview"),
        (scheme.ANALYSIS_RUN, "io.argoproj.v1alpha1.AnalysisRun"),
    ],
)
def test_schemas_are_named_as_kubernetes_names_them(kind: Kind, name: str) -> None:
    """Generated clients name their types by these names."""
    assert components.name(kind) == name


def test_references_lead_to_schemas_of_the_same_document() -> None:
    """Nothing refers to what is not there, and everything shared is referred to."""
    kinds = [kind for kind in SCHEME if kind.group == ""]
    made = openapi.document(kinds, version="1")
    schemas = made["components"]["schemas"]
    assert list(schemas) == sorted(schemas)
    named = {reference.removeprefix("#/components/schemas/") for reference in _references(made)}
    assert named == set(schemas)


def test_the_document_names_the_program_s_version() -> None:
    """So that a client can tell one server from another."""
    assert openapi.document([], version="1.2.3")["info"] == {"title": "Towpath", "version": "1.2.3"}


@KINDS
def test_a_patch_says_that_fields_are_validated(kind: Kind) -> None:
    """Else kubectl does not leave validation to the server, and apply fails."""
    patches = [
        operation
        for path, method, operation in _operations(_made(kind))
        if method == "patch" and not path.endswith("/status")
    ]
    [patch] = patches
    named = {"group": kind.group, "kind": kind.name, "version": kind.version}
    assert patch["x-kubernetes-group-version-kind"] == named
    assert patch["x-kubernetes-action"] == "patch"
    parameters = {parameter["name"]: parameter for parameter in patch["parameters"]}
    assert set(parameters) == {"dryRun", "fieldManager", "fieldValidation", "force"}
    assert all(each["in"] == "query" for each in parameters.values())
    assert parameters["force"]["schema"] == {"type": "boolean"}


@KINDS
def test_strategic_patches_are_for_kubernetes_own_kinds(kind: Kind) -> None:
    """Custom ones answer 415, and say so here."""
    for _, method, operation in _operations(_made(kind)):
        if method == "patch":
            types = set(operation["requestBody"]["content"])
            strategic = {"application/strategic-merge-patch+json"} & types
            assert bool(strategic) == (kind.group in BUILT_IN)
            assert types - strategic == {
                "application/apply-patch+yaml",
                "application/json-patch+json",
                "application/merge-patch+json",
            }


def test_the_paths_of_a_kind_in_projects() -> None:
    """Collection, object, status, and the list across Projects."""
    made = _made(scheme.STAGE)
    root = "/apis/kargo.akuity.io/v1alpha1"
    one = f"{root}/namespaces/{{namespace}}/stages/{{name}}"
    found = {
        (path, method): operation["x-kubernetes-action"]
        for path, method, operation in _operations(made)
    }
    assert found == {
        (f"{root}/namespaces/{{namespace}}/stages", "get"): "list",
        (f"{root}/namespaces/{{namespace}}/stages", "post"): "post",
        (f"{root}/namespaces/{{namespace}}/stages", "delete"): "deletecollection",
        (one, "get"): "get",
        (one, "put"): "put",
        (one, "patch"): "patch",
        (one, "delete"): "delete",
        (f"{one}/status", "get"): "get",
        (f"{one}/status", "put"): "put",
        (f"{one}/status", "patch"): "patch",
        (f"{root}/stages", "get"): "list",
    }
    assert [each["name"] for each in made["paths"][one]["parameters"]] == ["name", "namespace"]
    assert all(each["required"] for each in made["paths"][one]["parameters"])


def test_the_paths_of_a_kind_without_project_and_status() -> None:
    """No namespace is to be named, and nothing is offered that is not there."""
    assert sorted(_made(scheme.CLUSTER_ANALYSIS_TEMPLATE)["paths"]) == [
        "/apis/argoproj.io/v1alpha1/clusteranalysistemplates",
        "/apis/argoproj.io/v1alpha1/clusteranalysistemplates/{name}",
    ]


def test_namespaces_are_not_deleted_together_and_are_finalized() -> None:
    """As Kubernetes offers them."""
    made = _made(scheme.NAMESPACE)["paths"]
    assert "delete" not in made["/api/v1/namespaces"]
    assert set(made["/api/v1/namespaces/{name}/finalize"]) == {"put", "parameters"}


def test_a_service_account_is_asked_for_a_token() -> None:
    """What is sent is a TokenRequest, of another group."""
    made = _made(scheme.SERVICE_ACCOUNT)["paths"]
    path = "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    assert made[path]["post"]["x-kubernetes-group-version-kind"]["kind"] == "TokenRequest"


@pytest.mark.parametrize("kind", REVIEWS, ids=lambda kind: kind.name)
def test_reviews_are_only_created(kind: Kind) -> None:
    """They are answered and not kept; there is no list of them either."""
    made = _made(kind)
    assert [method for _, method, _ in _operations(made)] == ["post"]
    assert f"{components.name(kind)}List" not in made["components"]["schemas"]


def test_operations_have_ids_of_their_own() -> None:
    """Over all documents: generated clients make functions of them."""
    kinds = sorted((*SCHEME, *REVIEWS), key=lambda kind: kind.api_version)
    made = [
        openapi.document(list(of), version="1")
        for _, of in itertools.groupby(kinds, lambda kind: kind.api_version)
    ]
    ids = [operation["operationId"] for document in made for *_, operation in _operations(document)]
    assert len(ids) == len(set(ids))
    assert {
        "listKargoAkuityIoV1alpha1NamespacedStage",
        "listKargoAkuityIoV1alpha1StageForAllNamespaces",
        "readKargoAkuityIoV1alpha1NamespacedStageStatus",
        "deleteCollectionCoreV1NamespacedSecret",
        "replaceCoreV1NamespaceFinalize",
        "createRbacAuthorizationV1ClusterRole",
        "createCoreV1NamespacedServiceAccountToken",
    } <= set(ids)


@KINDS
def test_every_operation_says_what_is_answered(kind: Kind) -> None:
    """Bodies and answers are described by reference; what fails is answered with a Status."""
    for _, method, operation in _operations(_made(kind)):
        for answer in operation["responses"].values():
            [schema] = [each["schema"] for each in answer["content"].values()]
            assert set(schema) == {"$ref"}
        failure = operation["responses"]["default"]["content"]["application/json"]["schema"]
        assert failure["$ref"].endswith(".Status")
        assert ("requestBody" in operation) == (method != "get")
