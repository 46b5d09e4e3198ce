"""Validation: an API server's words, all errors at once, the input left alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import documents
from tests.support.examples import examples
from towpath import errors
from towpath.resources import scheme
from towpath.resources.schema import Rule, Schema
from towpath.resources.structs import schema_of
from towpath.resources.validation import FieldValidation, admit
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.metadata import metadata_errors
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown
from towpath.resources.validation.wording import MOST_ERRORS

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind


def stage(**spec: Any) -> dict[str, Any]:
    """Return a Stage that is as it should be, but for what is given."""
    origin = {"kind": "Warehouse", "name": "main"}
    wanted = {"requestedFreight": [{"origin": origin, "sources": {"direct": True}}], **spec}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": "prod", "namespace": "shop"},
        "spec": wanted,
    }


def told(document: Any, kind: Kind = scheme.STAGE, **more: Any) -> list[str]:
    """Return what is wrong with a document, one text for each cause."""
    with pytest.raises(errors.Invalid) as raised:
        admit(document, kind, **more)
    return [str(cause) for cause in raised.value.causes]


TEXT = Schema(type="string")
WORDS: list[tuple[Schema, Any, str, str]] = [
    (TEXT, 5, 'x: Invalid value: "integer": x in body must be of type string: "integer"', "FieldValueTypeInvalid"),
    (TEXT, None, 'x: Invalid value: "null": x in body must be of type string: "null"', "FieldValueTypeInvalid"),
    (Schema(type="integer"), "5", 'x: Invalid value: "string": x in body must be of type integer: "string"', "FieldValueTypeInvalid"),
    (Schema(type="integer"), True, 'x: Invalid value: "boolean": x in body must be of type integer: "boolean"', "FieldValueTypeInvalid"),
    (Schema(type="integer"), 1.5, 'x: Invalid value: "number": x in body must be of type integer: "number"', "FieldValueTypeInvalid"),
    (Schema(type="boolean"), 1, 'x: Invalid value: "integer": x in body must be of type boolean: "integer"', "FieldValueTypeInvalid"),
    (Schema(type="array", items=TEXT), {}, 'x: Invalid value: "object": x in body must be of type array: "object"', "FieldValueTypeInvalid"),
    (Schema(type="string", format="date-time"), "today", 'x: Invalid value: "today": x in body must be of type date-time: "today"', "FieldValueTypeInvalid"),
    (Schema(type="string", pattern="^a$"), "b", "x: Invalid value: \"b\": x in body should match '^a$'", "FieldValueInvalid"),
    (Schema(type="string", min_length=1), "", 'x: Invalid value: "": x in body should be at least 1 chars long', "FieldValueInvalid"),
    (Schema(type="string", max_length=2), "abc", "x: Too long: may not be more than 2 bytes", "FieldValueTooLong"),
    (Schema(type="string", enum=("B", "A")), "C", 'x: Unsupported value: "C": supported values: "B", "A"', "FieldValueNotSupported"),
    (Schema(type="integer", minimum=1), 0, "x: Invalid value: 0: x in body should be greater than or equal to 1", "FieldValueInvalid"),
    (Schema(type="integer", maximum=100), 101, "x: Invalid value: 101: x in body should be less than or equal to 100", "FieldValueInvalid"),
    (Schema(type="number", minimum=0.5), 0, "x: Invalid value: 0: x in body should be greater than or equal to 0.5", "FieldValueInvalid"),
    (Schema(type="integer", maximum=2147483647), 1 << 31, "x: Invalid value: 2147483648: x in body should be less than or equal to 2147483647", "FieldValueInvalid"),
    (Schema(type="string", max_length=1), "ab", "x: Too long: may not be more than 1 byte", "FieldValueTooLong"),
    (Schema(type="array", items=TEXT, min_items=1), [], "x: Invalid value: 0: x in body should have at least 1 items", "FieldValueInvalid"),
    (Schema(type="array", items=TEXT, max_items=1), ["a", "b"], "x: Too many: 2: must have at most 1 item", "FieldValueTooMany"),
    (Schema(type="array", items=TEXT, list_type="set"), ["a", "b", "a"], 'x[2]: Duplicate value: "a"', "FieldValueDuplicate"),
    (
        Schema(type="array", items=Schema(type="object", properties={"name": TEXT}), list_type="map", list_map_keys=("name",)),
        [{"name": "a"}, {"name": "a"}],
        'x[1]: Duplicate value: {"name":"a"}',
        "FieldValueDuplicate",
    ),
    (Schema(type="object", properties={"y": TEXT}, required=("y",)), {}, "x.y: Required value", "FieldValueRequired"),
    (Schema(type=None, int_or_string=True), 1.5, 'x: Invalid value: "number": x in body must be of type integer,string: "number"', "FieldValueTypeInvalid"),
    (Schema(type="string", rules=(Rule("self == 'a'", "must be a", lambda v, _: v == "a"),)), "b", 'x: Invalid value: "string": must be a', "FieldValueInvalid"),
    (Schema(type="object", rules=(Rule("false", "", lambda *_: False),)), {}, 'x: Invalid value: "object": failed rule: false', "FieldValueInvalid"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "words", "reason"), WORDS)
def test_each_kind_of_error_has_an_api_servers_words(
    schema: Schema, value: Any, words: str, reason: str
) -> None:
    """Text and reason of the cause."""
    [error] = errors_of(schema, value, "x")
    assert (str(error), error.type) == (words, reason)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (Schema(type="integer"), 1.0),
        (Schema(type="integer", format="int64"), (1 << 63) - 1),
        (Schema(type="number"), 1),
        (Schema(type="string", max_length=2), "éé"),
        (Schema(type="string", nullable=True), None),
        (Schema(type=None), [None, {"a": 1.5}]),
        (Schema(type=None, int_or_string=True), "5"),
        (Schema(type="string", pattern="b"), "abc"),
        *((Schema(type="string", format="date-time"), text) for text in ("2026-01-01T00:00:00Z", "2026-02-28T23:59:59.123456789+05:30", "0001-01-01T00:00:00Z")),
        (Schema(type="string", format="email"), "a.b+c@example.com"),
        (Schema(type="string", format="byte"), "aGk="),
        (Schema(type="string", format="byte"), "aG\r\nk=\n"),
        (Schema(type="string", format="something-else"), "x"),
    ],
)  # fmt: skip
def test_what_an_api_server_accepts_is_accepted(schema: Schema, value: Any) -> None:
    """Lengths count characters; a whole float is an integer."""
    assert errors_of(schema, value, "x") == []


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        ("date-time", "2026-02-30T00:00:00Z"),
        ("date-time", "2026-01-02T03:04:05z"),
        ("date-time", "2026-01-02t03:04:05Z"),
        ("date-time", "2026-01-02T03:04:60Z"),
        ("date-time", "0000-01-01T00:00:00Z"),
        ("date-time", "9999-12-31T23:59:59-12:00"),
        ("date-time", "2026-01-01 00:00:00Z"),
        ("date-time", "2026-01-01T00:00:00"),
        ("date-time", "2026-01-01T00:00:00+25:00"),
        ("date-time", "2026-01-01T00:00:00Z\n"),
        ("date-time", "٢٠٢٦-01-01T00:00:00Z"),
        ("email", "nobody"),
        ("email", "a@b@c"),
        ("byte", "a"),
        ("int32", 1 << 31),
        ("int32", -(1 << 31) - 1),
        ("int64", 1 << 63),
    ],
)
def test_what_has_not_its_format_is_refused(format_: str, value: Any) -> None:
    """Dates that do not exist, numbers that do not fit."""
    text, number = Schema(type="string", format=format_), Schema(type="integer", format=format_)
    assert len(errors_of(text if isinstance(value, str) else number, value, "x")) == 1


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Metadata and spec together, each with its path."""
    wrong = stage(
        requestedFreight=[{"origin": {"kind": "X"}, "sources": {"direct": "yes"}}],
        vars=[{"value": "x"}, {"name": "1"}],
        promotionTemplate={"spec": {"steps": [{"as": "x"}, {"uses": "a", "task": {"name": "B!"}}]}},
    )
    wrong["metadata"] = {"name": "Prod", "labels": {"a b": "c d"}}
    paths = [text.split(":")[0] for text in told(wrong)]
    metadata = ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.labels"]
    assert paths[:4] == metadata
    assert {
        "spec.requestedFreight[0].origin.name",
        "spec.requestedFreight[0].origin.kind",
        "spec.requestedFreight[0].sources.direct",
        "spec.vars[0].name",
        "spec.vars[1].name",
        "spec.promotionTemplate.spec.steps[0]",
        "spec.promotionTemplate.spec.steps[1]",
        "spec.promotionTemplate.spec.steps[1].task.name",
    } <= set(paths)


def test_the_message_is_that_of_an_api_server() -> None:
    """Kind, name, and every cause; one cause without brackets."""
    with pytest.raises(errors.Invalid) as raised:
        admit(stage(requestedFreight=[]), scheme.STAGE)
    assert raised.value.message == (
        'Stage.kargo.akuity.io "prod" is invalid: spec.requestedFreight: Invalid value: 0: '
        "spec.requestedFreight in body should have at least 1 items"
    )
    with pytest.raises(
        errors.Invalid, match=r'Stage.kargo.akuity.io "" is invalid: \[metadata.name: Required'
    ):
        admit({"metadata": {}}, scheme.STAGE)


def test_defaults_come_before_required_fields() -> None:
    """A required field with a default need not be written; a null gives way to it."""
    warehouse = {
        "metadata": {"name": "w", "namespace": "shop"},
        "spec": {"subscriptions": [{"image": None, "x": None}], "freightCreationPolicy": None},
    }
    found = admit(warehouse, scheme.WAREHOUSE).document
    assert found["spec"]["interval"] == "5m0s"
    assert found["spec"]["freightCreationPolicy"] == "Automatic"
    assert found["spec"]["subscriptions"] == [{"image": None, "x": None}]


def test_explicit_values_are_kept() -> None:
    """Also when they equal the default, or are zero."""
    wanted = stage(vars=[{"name": "a", "value": ""}], shard="")
    wanted["spec"]["requestedFreight"][0]["sources"]["requiredSoakTime"] = "1h"
    assert admit(wanted, scheme.STAGE).document == wanted


def test_unknown_fields_are_warned_of_refused_or_dropped() -> None:
    """As fieldValidation says; all of them are named."""
    wanted = stage(bogus=1, vars=[{"name": "a", "x": {"y": 1}}])
    wanted["metadata"]["typo"] = True
    wanted["more"] = {}
    paths = ["metadata.typo", "spec.bogus", "spec.vars[0].x", "more"]
    found = admit(wanted, scheme.STAGE)
    assert list(found.warnings) == [f'unknown field "{path}"' for path in paths]
    assert found.document == stage(vars=[{"name": "a"}])
    assert admit(wanted, scheme.STAGE, field_validation=FieldValidation.IGNORE).warnings == ()
    with pytest.raises(errors.BadRequest) as raised:
        admit(wanted, scheme.STAGE, field_validation=FieldValidation.STRICT)
    listed = ", ".join(f'unknown field "{path}"' for path in paths)
    assert raised.value.message == (
        f'Stage in version "v1alpha1" cannot be handled as a Stage: strict decoding error: {listed}'
    )


def test_free_form_parts_keep_every_field() -> None:
    """A step's config is the step's business."""
    steps = [{"uses": "http", "config": {"anything": {"goes": [1, None, {}]}}}]
    wanted = stage(promotionTemplate={"spec": {"steps": steps}})
    assert admit(wanted, scheme.STAGE, field_validation=FieldValidation.STRICT).document == wanted


def test_secrets_do_not_show_in_errors() -> None:
    """Neither values nor what they are not."""
    wanted = {
        "metadata": {"name": "s", "namespace": "shop"},
        "data": {"a": "hunter2!", "b": 5},
        "stringData": {"c": ["hunter2"]},
    }
    texts = told(wanted, scheme.SECRET)
    assert len(texts) == 3
    assert "hunter2" not in " ".join(texts)


def test_rules_about_the_past_hold_on_updates_only() -> None:
    """A PromotionRequest's Stage is fixed once created."""
    request: dict[str, Any] = {
        "metadata": {"name": "r", "namespace": "shop"},
        "spec": {"stage": "prod", "freight": "f", "targets": []},
    }
    old = admit(request, scheme.PROMOTION_REQUEST).document
    changed = {**request, "spec": {**request["spec"], "stage": "test"}}
    admit(changed, scheme.PROMOTION_REQUEST)
    assert told(changed, scheme.PROMOTION_REQUEST, old=old) == [
        'spec.stage: Invalid value: "string": failed rule: self == oldSelf'
    ]


@pytest.mark.parametrize(
    ("kind", "metadata", "words"),
    [
        (scheme.STAGE, {"name": "a_b"}, "metadata.name: Invalid value"),
        (scheme.STAGE, {"name": "x" * 254}, "must be no more than 253 bytes"),
        (scheme.STAGE, {"name": 5}, 'metadata.name in body must be of type string: "integer"'),
        (scheme.STAGE, {"generateName": "A-"}, "metadata.generateName: Invalid value"),
        (scheme.STAGE, {"name": "a", "labels": {"a": 1}}, "metadata.labels.a"),
        (scheme.STAGE, {"name": "a", "labels": {"/a": "b"}}, "prefix part must be non-empty"),
        (scheme.STAGE, {"name": "a", "labels": {"x.io/": "b"}}, "name part must be non-empty"),
        (scheme.STAGE, {"name": "a", "labels": {"a/b/c": "b"}}, "a qualified name must consist of"),
        (scheme.STAGE, {"name": "a", "labels": {"a": "x" * 64}}, "must be no more than 63 bytes"),
        (scheme.STAGE, {"name": "a", "annotations": {"a b": ""}}, "metadata.annotations: Invalid value"),
        (scheme.STAGE, {"name": "a", "annotations": {"a": "x" * (256 << 10)}}, "Too long: may not be more than 262144"),
        (scheme.SECRET, {"name": "a", "finalizers": ["orphan", "mine"]}, 'metadata.finalizers[1]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'),
        (scheme.STAGE, {"name": "a", "finalizers": ["a b"]}, 'metadata.finalizers[0]: Invalid value: "a b": name part must'),
        (scheme.STAGE, {"name": "a", "finalizers": ["orphan", "foregroundDeletion"]}, "finalizer orphan and foregroundDeletion cannot be both set"),
        (scheme.STAGE, {"name": "a", "ownerReferences": [{"kind": "X", "name": "y", "apiVersion": "x.io/", "uid": "u"}]}, 'metadata.ownerReferences[0].apiVersion: Invalid value: "x.io/": version must not be empty'),
        (scheme.STAGE, {"name": "A", "labels": {"a b": "c"}, "creationTimestamp": "x", "annotations": []}, "metadata.labels: Invalid value"),
        (scheme.STAGE, {"name": "A", "creationTimestamp": "x"}, "metadata.name: Invalid value"),
        (scheme.STAGE, {"name": "a", "finalizers": ["x.io/a", "x.io/a"]}, "Duplicate value"),
        (scheme.STAGE, {"name": "a", "ownerReferences": [{"kind": "X", "name": "y", "apiVersion": "v1"}]}, "uid: Required value"),
        (scheme.STAGE, {"name": "a", "ownerReferences": [{"kind": "X", "name": "", "apiVersion": "v1", "uid": "u"}]}, "metadata.ownerReferences[0].name: Invalid value: \"\": must not be empty"),
        (
            scheme.STAGE,
            {"name": "a", "ownerReferences": [{"kind": "X", "name": n, "apiVersion": "v1", "uid": n, "controller": True} for n in "ab"]},
            'Only one reference can have Controller set to true. Found "true" in references for X/a and X/b',
        ),
        (scheme.STAGE, {"name": "a", "namespace": "A"}, "metadata.namespace: Invalid value"),
        (scheme.STAGE, {"name": "a", "namespace": ""}, "metadata.namespace: Required value"),
        (scheme.PROJECT, {"name": "a", "namespace": "b"}, "metadata.namespace: Forbidden: not allowed on this type"),
        (scheme.PROJECT, {"name": "a.b"}, "a lowercase RFC 1123 label"),
        (scheme.ROLE, {"name": "a/b"}, "may not contain '/'"),
        (scheme.ROLE, {"name": ".."}, "may not be '..'"),
        (scheme.STAGE, "text", "must be of type object"),
    ],
)  # fmt: skip
def test_metadata_has_its_rules(kind: Kind, metadata: Any, words: str) -> None:
    """Each in an API server's words."""
    if isinstance(metadata, dict) and kind.namespaced:
        metadata = {"namespace": "shop"} | metadata
    found = " ".join(map(str, metadata_errors(kind, metadata)))
    assert words in found


@pytest.mark.parametrize("name", ["a", "a-b.c", "0", "a" * 253])
def test_names_that_are_names(name: str) -> None:
    """And a Role may have colons."""
    assert metadata_errors(scheme.STAGE, {"name": name, "namespace": "shop"}) == []
    stage_with_plain_finalizer = {"name": name, "namespace": "shop", "finalizers": ["mine"]}
    assert metadata_errors(scheme.STAGE, stage_with_plain_finalizer) == []
    role = {"name": "system:a B", "namespace": "shop", "finalizers": ["orphan", "x.io/y"]}
    assert metadata_errors(scheme.ROLE, role) == []


@pytest.mark.parametrize("document", [None, [], "x", 5, True])
def test_what_is_no_object_is_a_bad_request(document: Any) -> None:
    """There is nothing to validate."""
    with pytest.raises(errors.BadRequest, match="is an object"):
        admit(document, scheme.STAGE)


def test_depth_and_number_of_errors_are_bounded() -> None:
    """A hostile document gets one clear error, or a hundred, and no more."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": [deep]}
    with pytest.raises(errors.TooLarge, match="nested more than"):
        admit(
            stage(promotionTemplate={"spec": {"steps": [{"uses": "x", "config": deep}]}}),
            scheme.STAGE,
        )
    more = "Too many errors: only the first 100 are told; correct them to see the others"
    texts = told(stage(vars=[{}] * 100_000))
    assert len(texts) == MOST_ERRORS + 1
    assert texts[-1] == more
    assert len(told(stage(vars=[{}] * MOST_ERRORS))) == MOST_ERRORS
    many = stage()
    many["metadata"]["labels"] = {f"a b{number}": "c d" for number in range(1000)}
    assert told(many)[-1] == more
    many["metadata"]["labels"] = {f"a b{number}": "c d" for number in range(10_000)}
    assert told(many) == ["metadata.labels: Too many: 10000: must have at most 1000 items"]


LONG = "y" * 1_000_000


@pytest.mark.parametrize(
    ("spec", "metadata"),
    [
        ({"requestedFreight": LONG}, {}),
        ({"shard": LONG, "requestedFreight": [LONG]}, {}),
        ({}, {"name": LONG}),
        ({}, {"labels": {LONG: 1}}),
        ({}, {"annotations": {f"{LONG} ": "x"}}),
        ({}, {"finalizers": [f"{LONG} "] * 2}),
        ({}, {"ownerReferences": [{"apiVersion": "v1", "kind": LONG, "name": LONG, "uid": LONG, "controller": True}] * 2}),
        ({"vars": [{"name": LONG, "value": 1}] * 2}, {}),
    ],
)  # fmt: skip
def test_what_is_long_is_cut_in_errors(spec: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Values, names and keys that are part of a path; in the causes and in the message."""
    wanted = stage(**spec)
    wanted["metadata"].update(metadata)
    with pytest.raises(errors.Invalid) as raised:
        admit(wanted, scheme.STAGE)
    assert len(raised.value.message) < 5_000
    assert all(len(str(cause)) < 1_500 for cause in raised.value.causes)


def test_unknown_fields_are_cut_and_counted() -> None:
    """Twenty are named; the others are counted."""
    wanted = stage(**{f"x{number}": 1 for number in range(30)}, **{LONG: 1})
    warnings = admit(wanted, scheme.STAGE).warnings
    assert warnings[:2] == ('unknown field "spec.x0"', 'unknown field "spec.x1"')
    assert warnings[20:] == ("11 more unknown fields",)
    with pytest.raises(errors.BadRequest, match=r'"spec\.x19", and 11 more$'):
        admit(wanted, scheme.STAGE, field_validation=FieldValidation.STRICT)
    [warning] = admit(stage(**{LONG: 1}), scheme.STAGE).warnings
    assert len(warning) < 300


def test_another_kind_or_version_is_refused() -> None:
    """Left out, they are nobody's fault: whoever took the request knows them."""
    wanted = stage() | {"apiVersion": "kargo.akuity.io/v2", "kind": "Promotion"}
    assert told(wanted) == [
        'apiVersion: Invalid value: "kargo.akuity.io/v2": must be kargo.akuity.io/v1alpha1',
        'kind: Invalid value: "Promotion": must be Stage',
    ]
    assert told(stage() | {"kind": 5})[0].startswith('kind: Invalid value: "integer"')
    del wanted["apiVersion"], wanted["kind"]
    assert admit(wanted, scheme.STAGE).document == wanted


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=examples(300))
@given(st.sampled_from(scheme.SCHEME), st.data())
def test_any_document_is_admitted_or_refused_and_left_alone(
    kind: Kind, data: st.DataObject
) -> None:
    """Nothing but our errors comes out, and admitting what was admitted changes nothing."""
    fields = [
        "metadata",
        "spec",
        "status",
        "origin",
        "data",
        "rules",
        "subjects",
        "roleRef",
        "type",
        "vars",
        "steps",
    ]
    wanted = data.draw(st.dictionaries(st.sampled_from(fields), json_values, max_size=4))
    if data.draw(st.booleans()):
        wanted["metadata"] = {"name": "a"} | ({"namespace": "b"} if kind.namespaced else {})
    before = copy.deepcopy(wanted)
    try:
        admitted = admit(wanted, kind).document
    except (errors.Invalid, errors.BadRequest, errors.TooLarge):
        admitted = None
    assert repr(wanted) == repr(before)
    if admitted is not None:
        again = admit(admitted, kind)
        assert repr(again.document) == repr(admitted)
        assert again.warnings == ()


def _holders(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a value, as what holds it and the key or index there."""
    found: list[tuple[Any, Any]] = []
    for key, item in [*value.items()] if isinstance(value, dict) else [*enumerate(value)]:
        found.append((value, key))
        if isinstance(item, dict | list):
            found += _holders(item)
    return found


@settings(max_examples=examples(400))
@given(st.sampled_from(scheme.SCHEME), st.data())
def test_a_document_with_wrong_parts_is_admitted_or_refused(
    kind: Kind, data: st.DataObject
) -> None:
    """One that uses every field, some of them replaced by anything: no rule stumbles over it."""
    wanted = documents.full(schema_of(kind.type)) | {
        "apiVersion": kind.api_version,
        "kind": kind.name,
    }
    wanted["metadata"] |= {"name": "a", "namespace": "b" if kind.namespaced else ""}
    old = copy.deepcopy(wanted) if data.draw(st.booleans()) else None
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(_holders(wanted)))
        holder[key] = data.draw(json_values)
    before = copy.deepcopy(wanted)
    try:
        admitted = admit(wanted, kind, old=old).document
    except (errors.Invalid, errors.TooLarge):
        admitted = None
    assert repr(wanted) == repr(before)
    if admitted is not None:
        assert repr(admit(admitted, kind).document) == repr(admitted)


schemas = st.recursive(
    st.sampled_from(
        [
            Schema(type="string", min_length=1),
            Schema(type="string", enum=("a", "b"), default="a"),
            Schema(type="integer", minimum=0, maximum=9),
            Schema(type="integer", default=3),
            Schema(type="boolean"),
            Schema(type="number"),
            Schema(type=None, preserve_unknown=True),
        ]
    ),
    lambda inner: (
        st.builds(lambda item: Schema(type="array", items=item, max_items=4), inner)
        | st.builds(lambda value: Schema(type="object", values=value), inner)
        | st.builds(
            lambda fields, n: Schema(
                type="object", properties=fields, required=tuple(sorted(fields))[:n]
            ),
            st.dictionaries(st.sampled_from("pqr"), inner, min_size=1, max_size=3),
            st.integers(0, 3),
        )
    ),
    max_leaves=6,
)


def valid(schema: Schema, data: st.DataObject) -> Any:
    """Draw a value that the schema accepts."""
    match schema.type:
        case "string":
            return data.draw(
                st.sampled_from(schema.enum) if schema.enum else st.text(min_size=1, max_size=4)
            )
        case "integer":
            return data.draw(st.integers(0, 9))
        case "boolean":
            return data.draw(st.booleans())
        case "number":
            return data.draw(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
        case None:
            return data.draw(json_values)
        case "array":
            assert schema.items is not None
            return [valid(schema.items, data) for _ in range(data.draw(st.integers(0, 3)))]
        case "object" if schema.values is not None:
            names = data.draw(st.lists(st.text(max_size=3), max_size=3, unique=True))
            return {name: valid(schema.values, data) for name in names}
        case _:
            return {
                name: valid(field, data)
                for name, field in schema.properties.items()
                if name in schema.required or data.draw(st.booleans())
            }


@settings(max_examples=examples(300))
@given(schemas, st.data())
def test_what_a_schema_describes_is_accepted(schema: Schema, data: st.DataObject) -> None:
    """Any schema, any value that fits it; pruning and defaulting it twice is as once."""
    value = valid(schema, data)
    assert errors_of(schema, value, "x") == []
    pruned, unknown = without_unknown(schema, value)
    assert repr(pruned) == repr(value)
    assert unknown == []
    filled = with_defaults(schema, value)
    assert repr(with_defaults(schema, filled)) == repr(filled)
    assert errors_of(schema, filled, "x") == []


def _places(
    schema: Schema, value: Any, path: str, found: list[tuple[Any, Any, Schema, str]]
) -> None:
    if isinstance(value, list) and schema.items is not None:
        for place, item in enumerate(value):
            found.append((value, place, schema.items, f"{path}[{place}]"))
            _places(schema.items, item, f"{path}[{place}]", found)
    elif isinstance(value, dict):
        for name, item in value.items():
            field = schema.properties.get(name, schema.values)
            if field is not None:
                found.append((value, name, field, f"{path}.{name}"))
                _places(field, item, f"{path}.{name}", found)


@settings(max_examples=examples(300))
@given(schemas, st.data())
def test_one_wrong_value_is_named_by_its_path_and_nothing_else_is(
    schema: Schema, data: st.DataObject
) -> None:
    """Any place of any value."""
    value = valid(schema, data)
    found: list[tuple[Any, Any, Schema, str]] = []
    _places(schema, value, "x", found)
    found = [place for place in found if place[2].type is not None]
    assume(found)
    holder, key, field, path = data.draw(st.sampled_from(found))
    holder[key] = [] if field.type == "string" else "wrong"
    assert [error.path for error in errors_of(schema, value, "x")] == [path]
