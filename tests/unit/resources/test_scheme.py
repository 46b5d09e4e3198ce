"""The table of kinds agrees with itself and with the types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.schema import ABSENT
from towpath.resources.scheme import ARGO, BUILT_IN, KARGO, SCHEME
from towpath.resources.structs import schema_of
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema

KINDS = pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.name)


def _nodes(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    yield path, schema
    for name, field in schema.properties.items():
        yield from _nodes(field, f"{path}.{name}".lstrip("."))
    if schema.items is not None:
        yield from _nodes(schema.items, f"{path}[]")
    if schema.values is not None:
        yield from _nodes(schema.values, f"{path}.*")


def test_every_kind_of_the_reference_is_there() -> None:
    """Kargo's kinds, those of analyses, the kinds of Kubernetes that Towpath keeps, and its own."""
    assert {kind.qualified for kind in SCHEME} == {
        "PromotionJournal.towpath.dev",
        "ArgoCDConnection.towpath.dev",
        "Message.towpath.dev",
        *(
            f"{name}.ee.kargo.akuity.io"
            for name in ("MessageChannel", "ClusterMessageChannel", "EventRouter")
        ),
        "StageHook.towpath.dev",
        "HookRun.towpath.dev",
        *(
            f"{name}.{KARGO}"
            for name in (
                "Project",
                "ProjectConfig",
                "ClusterConfig",
                "Warehouse",
                "Freight",
                "Stage",
                "Promotion",
                "PromotionTask",
                "ClusterPromotionTask",
                "PromotionRequest",
                "Target",
            )
        ),
        *(
            f"{name}.{ARGO}"
            for name in ("AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun")
        ),
        "Namespace",
        "Secret",
        "ConfigMap",
        "Event",
        "ServiceAccount",
        *(
            f"{name}.rbac.authorization.k8s.io"
            for name in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
        ),
        "Lease.coordination.k8s.io",
    }


def test_names_tell_kinds_apart() -> None:
    """No two kinds share kind, resource or struct."""
    assert len({(kind.api_version, kind.name) for kind in SCHEME}) == len(SCHEME)
    assert len({kind.resource for kind in SCHEME}) == len(SCHEME)
    assert len({kind.type for kind in SCHEME}) == len(SCHEME)


def test_no_two_kinds_answer_to_one_word() -> None:
    """A short name, plural or singular means one kind only."""
    for kind in SCHEME:
        for word in (kind.singular, kind.plural, *kind.short_names):
            assert scheme.spoken(word) == (kind,), word


@KINDS
def test_a_kind_is_found_by_each_of_its_names(kind: Kind) -> None:
    """By document, by path, and by what people say, with or without the group."""
    assert scheme.find(kind.api_version, kind.name) is kind
    assert scheme.find_resource(kind.group, kind.version, kind.plural) is kind
    assert scheme.spoken(kind.name.upper()) == (kind,)
    assert scheme.spoken(f"{kind.plural}.{kind.group}".rstrip(".")) == (kind,)


def test_what_is_no_kind_is_not_found() -> None:
    """Nor is anything that is no text."""
    assert scheme.find("v1", "Pod") is None
    assert scheme.find("v2", "Secret") is None
    assert scheme.find(None, {"kind": "Secret"}) is None
    assert scheme.find_resource(KARGO, "v1alpha1", "freight") is None
    assert scheme.spoken("pods") == ()
    assert scheme.spoken("stages.argoproj.io") == ()
    assert scheme.spoken("freights") == (scheme.FREIGHT,)


@KINDS
def test_columns_show_fields_that_exist(kind: Kind) -> None:
    """A column's JSONPath leads to a field of the kind's schema."""
    paths = {path for path, _ in _nodes(schema_of(kind.type))}
    for column in kind.columns:
        path = re.sub(r"\[\?\(.*?\)\]", "[]", column.path).lstrip(".")
        path = re.sub(r"^metadata\.labels\..*", "metadata.labels.*", path)
        assert path in paths, column


@KINDS
def test_indexes_cover_scalar_fields_that_exist(kind: Kind) -> None:
    """An index's path leads to a text, number or boolean; none is declared twice."""
    nodes = dict(_nodes(schema_of(kind.type)))
    paths = [index.path for index in kind.indexes if not index.is_derived]
    for path in paths:
        assert nodes[path].type in ("string", "integer", "boolean"), path
    assert len(set(paths)) == len(paths)
    assert not {"metadata.name", "metadata.namespace"} & set(paths)


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        (scheme.FREIGHT, {"origin.name", "alias", "discoveredAt"}),
        (
            scheme.STAGE,
            {
                "spec.requestedFreight[].origin.name",
                "spec.requestedFreight[].sources.stages[]",
                "status.currentPromotion.name",
            },
        ),
        (scheme.PROMOTION, {"spec.stage", "spec.freight", "status.phase"}),
        (scheme.PROMOTION_REQUEST, {"spec.stage", "spec.freight"}),
        (scheme.ANALYSIS_RUN, {"status.phase"}),
        (
            scheme.EVENT,
            {f"involvedObject.{name}" for name in ("kind", "name", "namespace", "uid")}
            | {"reason", "type"},
        ),
    ],
    # A set is shown in another order by every process, and workers must agree on names.
    ids=lambda value: "" if isinstance(value, set) else str(value),
)
def test_what_is_asked_often_is_indexed(kind: Kind, paths: set[str]) -> None:
    """Controllers and `kubectl describe` select by these."""
    assert paths <= {index.path for index in kind.indexes}


@KINDS
def test_a_status_subresource_goes_with_a_status(kind: Kind) -> None:
    """A kind has the subresource exactly if its struct has a status."""
    assert kind.status == ("status" in schema_of(kind.type).properties)


@KINDS
def test_generation_counts_for_custom_kinds_only(kind: Kind) -> None:
    """Kubernetes' own kinds that we keep have no generation."""
    assert kind.generation == (kind.group not in BUILT_IN)


def test_only_secrets_are_sealed_and_their_values_marked() -> None:
    """What is sealed at rest is also never shown in an error."""
    assert {kind for kind in SCHEME if kind.sealed} == {scheme.SECRET, scheme.PROMOTION_JOURNAL}
    fields = schema_of(scheme.SECRET.type).properties
    assert fields["data"].secret
    assert fields["stringData"].secret


@KINDS
def test_every_field_is_described(kind: Kind) -> None:
    """`kubectl explain`, the reference pages and the UI have a sentence for every named field."""
    silent = [
        path
        for path, node in _nodes(schema_of(kind.type))
        if not path.endswith(("[]", ".*")) and not node.description.strip()
    ]
    assert silent == []


@KINDS
def test_descriptions_are_sentences(kind: Kind) -> None:
    """Each begins with a capital, a digit or code, and ends with a full stop."""
    for path, node in _nodes(schema_of(kind.type)):
        if node.description:
            assert re.fullmatch(r"[A-Z0-9`].*\.", node.description, re.DOTALL), path


@KINDS
def test_every_integer_says_how_wide_it_is(kind: Kind) -> None:
    """So that what one program writes another can read: int32 or int64."""
    for path, node in _nodes(schema_of(kind.type)):
        if node.type == "integer":
            assert node.format in ("int32", "int64"), path


@KINDS
def test_list_map_keys_are_fields_of_the_items(kind: Kind) -> None:
    """Server-side apply tells items apart by scalar fields that they have."""
    for path, node in _nodes(schema_of(kind.type)):
        assert (node.list_type == "map") == bool(node.list_map_keys), path
        for key in node.list_map_keys:
            assert node.items is not None
            assert node.items.properties[key].type in ("string", "integer", "boolean"), path


@KINDS
def test_defaults_satisfy_their_own_schema(kind: Kind) -> None:
    """What admission fills in is never refused by admission."""
    for path, node in _nodes(schema_of(kind.type)):
        if node.default is not ABSENT:
            assert errors_of(node, node.default, path) == []


def test_an_object_is_named_as_kubectl_names_it() -> None:
    """Messages name the resource and where the object is."""
    assert str(Ref(scheme.STAGE, "shop", "prod")) == 'stages.kargo.akuity.io "shop/prod"'
    assert str(Ref(scheme.NAMESPACE, "", "shop")) == 'namespaces "shop"'
    assert scheme.SECRET.api_version == "v1"
    assert scheme.STAGE.api_version == "kargo.akuity.io/v1alpha1"
    assert repr(scheme.STAGE) == "<Kind Stage.kargo.akuity.io>"


def test_a_document_without_kind_is_told_so() -> None:
    """Nobody looks for a kind that is called None."""
    assert scheme.missing("v1", None) == "the document has no kind; an object needs both"
