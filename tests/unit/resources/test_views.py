"""Structs are views of documents: nothing they know is lost, and what they do not know does no harm."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.support.documents import full, values
from tests.support.examples import examples
from towpath.resources import freight, meta, moments, promotion, stage, warehouse
from towpath.resources.scheme import SCHEME
from towpath.resources.structs import schema_of, to_document, view
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema

KINDS = pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.name)


@KINDS
def test_a_document_with_every_field_comes_back_whole(kind: Kind) -> None:
    """Every field of a kind, set to something else than its default, survives view and back."""
    document = full(schema_of(kind.type))
    assert to_document(view(kind.type, document)) == document


@KINDS
def test_a_view_of_json_is_the_view_of_its_builtins(kind: Kind) -> None:
    """Bytes and builtins give equal structs."""
    document = full(schema_of(kind.type))
    assert view(kind.type, msgspec.json.encode(document)) == view(kind.type, document)


@KINDS
def test_unknown_fields_do_not_disturb_a_view(kind: Kind) -> None:
    """A field from the future, at the top and below metadata, is ignored."""
    document = full(schema_of(kind.type))
    odd = document | {"fromTheFuture": {"a": 1}}
    odd["metadata"] = document["metadata"] | {"fromTheFuture": [1]}
    assert view(kind.type, odd) == view(kind.type, document)


_DOCUMENTS = {kind: values(schema_of(kind.type)) for kind in SCHEME}


@settings(max_examples=examples(200))
@given(data=st.data(), kind=st.sampled_from(SCHEME))
def test_going_back_keeps_required_keys_and_changes_nothing_else(
    data: st.DataObject, kind: Kind
) -> None:
    """What is written back has every required key, says the same, and holds no value that was not there."""
    document = data.draw(_DOCUMENTS[kind])
    seen = view(kind.type, document)
    back = to_document(seen)
    schema = schema_of(kind.type)
    required = [error for error in errors_of(schema, back) if error.type == "FieldValueRequired"]
    assert required == []
    assert view(kind.type, back) == seen
    assert to_document(view(kind.type, back)) == back
    assert _is_part_of(back, document)


def _types_only(schema: Schema) -> Schema:
    """Return a schema without the constraints that would refuse most made-up documents for other reasons."""
    return dataclasses.replace(
        schema,
        pattern=None,
        enum=(),
        min_items=None,
        min_length=None,
        rules=(),
        format=schema.format if schema.type == "integer" else None,
        properties={name: _types_only(field) for name, field in schema.properties.items()},
        values=schema.values and _types_only(schema.values),
        items=schema.items and _types_only(schema.items),
    )


_TYPES = {kind: _types_only(schema_of(kind.type)) for kind in SCHEME}


@settings(max_examples=examples(600))
@given(data=st.data(), kind=st.sampled_from(SCHEME))
def test_whatever_admission_lets_through_can_be_viewed(data: st.DataObject, kind: Kind) -> None:
    """Nulls, floats and numbers in wrong places are refused, put right, or read: never a crash later on."""
    schema = _TYPES[kind]
    document = full(schema)
    odd = st.sampled_from([None, 1.0, 2.5, 2**31, 2**70, True, "", [], {}, [None], {"a": None}])
    paths = list(_paths(document))
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4)):
        document = _replaced(document, path, data.draw(odd))
    admitted = with_defaults(schema, document)
    if errors_of(schema, admitted):
        event("refused")
    else:
        event("admitted")
        view(kind.type, admitted)
        view(kind.type, msgspec.json.encode(admitted))


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (key,)
        yield from ((key, *below) for below in _paths(item))


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with `new` at a path; the value itself where an earlier change took the path away."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict) and first in value:
        return value | {first: _replaced(value[first], tuple(rest), new)}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        changed = _replaced(value[first], tuple(rest), new)
        return [*value[:first], changed, *value[first + 1 :]]
    return value


def _is_part_of(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _is_part_of(part[key], whole[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_is_part_of, part, whole))
    return bool(part == whole)


def test_what_equals_its_default_is_left_out_unless_required() -> None:
    """A fresh status is empty; a required field is written even where it holds its default."""
    assert to_document(promotion.PromotionStatus()) == {}
    spec = warehouse.WarehouseSpec(subscriptions=[])
    assert to_document(spec) == {"subscriptions": [], "interval": "5m0s"}
    condition = meta.Condition(
        type="Ready", status="True", reason="Done", message="", last_transition_time="t"
    )
    assert to_document(condition) == {
        "type": "Ready",
        "status": "True",
        "reason": "Done",
        "message": "",
        "lastTransitionTime": "t",
    }


def test_free_form_values_stay_as_they_are() -> None:
    """Nulls, empty lists and defaults below a free-form field belong to the user."""
    step = promotion.PromotionStep(uses="http", config={"a": None, "b": [], "c": 1.0, "d": ""})
    assert to_document(step) == {"uses": "http", "config": {"a": None, "b": [], "c": 1.0, "d": ""}}


def test_a_default_of_one_view_is_not_shared_with_another() -> None:
    """Adding to an absent list of one struct leaves the next one's empty."""
    first, second = freight.FreightReference(), freight.FreightReference()
    first.images.append(freight.Image(repo_url="a"))
    assert second.images == []


def test_whole_numbers_written_as_floats_are_integers() -> None:
    """The API takes 1.0 for an integer, and so does a view; a free-form 1.0 stays a float."""
    document = {
        "spec": {"stage": "prod", "steps": [{"uses": "x", "config": {"n": 1.0}}]},
        "status": {"currentStep": 2.0, "stepExecutionMetadata": [{"errorCount": 3.0}]},
    }
    for given_ in (document, msgspec.json.encode(document)):
        seen = view(promotion.Promotion, given_)
        assert seen.status is not None
        assert type(seen.status.current_step) is int
        assert seen.status.step_execution_metadata[0].error_count == 3
        config = seen.spec.steps[0].config
        assert type(config["n"]) is float


@pytest.mark.parametrize("wrong", ["2", 2.5, True, None, -(2**63) - 1, 2**70, 1e300, [], {}])
def test_a_value_that_a_field_cannot_have_counts_as_not_there(wrong: Any) -> None:
    """A text where a number belongs, or a number beyond its bits, leaves the default; all else is kept."""
    document = {
        "spec": {"stage": "s", "steps": [{"uses": "x", "retry": {"errorThreshold": wrong}}]},
        "status": {"currentStep": wrong, "message": "kept"},
    }
    for given_ in (document, msgspec.json.encode(document) if wrong != 2**70 else document):
        seen = view(promotion.Promotion, given_)
        assert seen.status == promotion.PromotionStatus(message="kept")
        assert seen.spec.stage == "s"
        assert seen.spec.steps[0].retry == promotion.PromotionStepRetry()


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-02T03:04:05z",
        "2026-01-02t03:04:05Z",
        "2026-01-02T03:04:60Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-02",
        "",
        "soon",
        5,
        None,
    ],
)
def test_a_moment_that_is_none_counts_as_not_there(moment: Any) -> None:
    """Freight keeps its name, origin and the Stages it is in; a condition, which must have a moment, has the first."""
    document = {
        "metadata": {"name": "f"},
        "origin": {"kind": "Warehouse", "name": "w"},
        "discoveredAt": moment,
        "status": {"currentlyIn": {"prod": {"since": moment}}},
    }
    seen = view(freight.Freight, msgspec.json.encode(document))
    assert (seen.metadata.name, seen.origin.key, seen.discovered_at) == ("f", "Warehouse/w", None)
    assert seen.status is not None
    assert seen.status.currently_in == {"prod": freight.CurrentStage()}
    condition = {"type": "Ready", "status": "Sure", "reason": "R", "message": "m"}
    status = {"conditions": [{**condition, "lastTransitionTime": moment}, "no condition"]}
    held = view(stage.StageStatus, msgspec.json.encode(status)).conditions
    assert held == [
        meta.Condition(
            type="Ready",
            status="Unknown",
            reason="R",
            message="m",
            last_transition_time=moments.UNKNOWN,
        )
    ]


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(
        ["99999999999h", "-1m", "2026-01-02T03:04:05z", "Bogus", "9999-12-31T23:59:59-12:00"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=3,
)


@settings(max_examples=examples(150))
@given(data=st.data(), kind=st.sampled_from(SCHEME))
def test_no_object_whatever_cannot_be_viewed(data: st.DataObject, kind: Kind) -> None:
    """Anything anywhere: the view is there, what it holds reads back, and what was not touched is kept."""
    document = full(schema_of(kind.type))
    paths = [path for path in _paths(document) if path != ("metadata", "name")]
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4)):
        if path[0] != "metadata" or len(path) > 1:
            document = _replaced(document, path, data.draw(_ANYTHING))
    for given_ in (document, msgspec.json.encode(document)):
        seen: Any = view(kind.type, given_)
        assert seen.metadata.name == "text"
        back = to_document(seen)
        assert view(kind.type, back) == seen
        assert (
            msgspec.convert(back, kind.type) == seen
        )  # what is written back is what the types say


@pytest.mark.parametrize(
    ("kind", "path", "keys"),
    [
        ("Stage", "", {"spec"}),
        ("Warehouse", "", {"spec"}),
        ("Promotion", "", {"spec"}),
        ("PromotionTask", "", {"spec"}),
        ("ClusterPromotionTask", "", {"spec"}),
        ("Promotion", "spec", {"stage", "steps"}),
        ("PromotionTask", "spec", {"steps"}),
        ("Freight", "", {"origin"}),
        ("Freight", "origin", {"kind", "name"}),
        ("Stage", "spec.requestedFreight[]", {"origin"}),
        ("Stage", "spec.verification.analysisTemplates[]", {"name"}),
        ("Stage", "spec.verification.args[]", {"name", "value"}),
        ("Stage", "spec.targets", {"selectors"}),
        ("ProjectConfig", "spec.promotionWindows[]", {"kind", "name"}),
        ("ProjectConfig", "spec.webhookReceivers[]", {"name"}),
        ("ProjectConfig", "spec.webhookReceivers[].github", {"secretRef"}),
        ("ClusterConfig", "spec.gitClient", {"name", "email"}),
        *(
            (
                kind,
                "status.conditions[]",
                {"type", "status", "reason", "message", "lastTransitionTime"},
            )
            for kind in ("Project", "ProjectConfig", "ClusterConfig", "Warehouse", "Stage")
        ),
    ],
)
def test_keys_that_strict_clients_need_are_required(kind: str, path: str, keys: set[str]) -> None:
    """Kargo's own CLI refuses answers without these keys."""
    (found,) = (each for each in SCHEME if each.name == kind)
    node = schema_of(found.type)
    for part in filter(None, path.split(".")):
        node = node.properties[part.removesuffix("[]")]
        node = node.items or node
    assert keys <= set(node.required)


def test_the_smallest_structs_write_their_required_keys() -> None:
    """An object made in Python with no more than its required arguments is complete on the wire."""
    made = promotion.Promotion(spec=promotion.PromotionSpec(stage="prod", steps=[]))
    assert to_document(made) == {"spec": {"stage": "prod", "steps": []}}
    request = stage.FreightRequest(
        origin=freight.FreightOrigin(kind="Warehouse", name="w"), sources=stage.FreightSources()
    )
    assert to_document(request) == {"origin": {"kind": "Warehouse", "name": "w"}, "sources": {}}
