"""What is sound as it stands is what the walks that tell of faults find nothing in, and leave as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import documents
from tests.support.pipeline import project_document, stage_document, warehouse_document
from towpath.resources import scheme
from towpath.resources.meta import ObjectMeta
from towpath.resources.schema import Rule, Schema
from towpath.resources.structs import schema_of
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.soundness import check, check_of
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind

_ODD = st.sampled_from(
    [None, True, 0, -1, 1 << 31, 1 << 63, 1.0, 2.5, "", "x", "Not A Name", "5m", [], {}, [None], {"odd": 1}]
)  # fmt: skip
_ORIGIN = {"kind": "Warehouse", "name": "main"}


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a value: what holds it, and under which key."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal, numbers and booleans of the same type included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(one == other)


def _is_left_alone(schema: Schema, value: Any) -> bool:
    """Whether nothing is unknown, filled in or wrong: what `check` is to find out in one walk."""
    pruned, unknown = without_unknown(schema, value)
    whole = with_defaults(schema, pruned)
    return not unknown and _is_same(whole, value) and not errors_of(schema, whole)


@settings(max_examples=400)
@given(st.sampled_from(scheme.SCHEME), st.data())
def test_what_is_sound_is_left_alone(kind: Kind, data: st.DataObject) -> None:
    """Whatever is odd in a document, and wherever; what is left alone is sound, unless more would be needed to tell."""
    schema = schema_of(kind.type)
    value = data.draw(documents.values(schema))
    places = list(_places(value))
    for place in data.draw(st.lists(st.sampled_from(places), max_size=3)) if places else ():
        holder, key = place
        if data.draw(st.booleans()):
            holder[key] = data.draw(_ODD)
        elif isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["name", "odd", "status", "items"]))] = data.draw(_ODD)
    if check_of(kind.type)(value):
        assert _is_left_alone(schema, value)
    elif not _asks_for_more(schema):
        assert not _is_left_alone(schema, value)


def _asks_for_more(schema: Schema) -> bool:
    """Whether a schema has rules about the past, or forms that are much work to read."""
    inner = [*schema.properties.values(), schema.values, schema.items]
    return (
        any(rule.transition for rule in schema.rules)
        or (schema.form is not None and schema.form.weight is not None)
        or any(_asks_for_more(each) for each in inner if each is not None)
    )


def test_what_people_write_is_sound() -> None:
    """The walk that tells it all is for the others."""
    labels = {"kargo.akuity.io/stage": "dev"}
    metadata = {"name": "dev.x.y", "namespace": "shop", "labels": labels, "annotations": {"a": ""}}
    spec = {"stage": "dev", "freight": "f", "steps": [{"uses": "compose-output", "config": {"a": 1}}]}  # fmt: skip
    made = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Promotion", "metadata": metadata}
    assert check_of(scheme.PROMOTION.type)(made | {"spec": spec})
    assert not check_of(scheme.PROMOTION.type)(made | {"spec": spec | {"freight": ""}})
    assert check_of(scheme.PROJECT.type)(project_document())
    assert check_of(scheme.STAGE.type)(stage_document("dev", "test"))
    assert check_of(ObjectMeta)(metadata)
    # A Warehouse asks for its defaults.
    whole = with_defaults(schema_of(scheme.WAREHOUSE.type), warehouse_document())
    assert check_of(scheme.WAREHOUSE.type)(whole)
    assert not check_of(scheme.WAREHOUSE.type)(warehouse_document())


def test_rules_and_doubles_count() -> None:
    """As the walk that tells of them has it."""
    text = Schema(type="string")
    one = Rule("self == 'a'", "", lambda value, _: value == "a")
    past = Rule("self == oldSelf", "", lambda value, old: value == old, transition=True)
    assert check(Schema(type="string", rules=(one,)))("a")
    assert not check(Schema(type="string", rules=(one,)))("b")
    assert not check(Schema(type="string", rules=(past,)))("a")
    assert check(Schema(type="array", items=text, list_type="set"))(["a", "b"])
    assert not check(Schema(type="array", items=text, list_type="set"))(["a", "b", "a"])
    keyed = Schema(
        type="array",
        items=Schema(type="object", properties={"name": text}),
        list_type="map",
        list_map_keys=("name",),
    )
    assert check(keyed)([{"name": "a"}, {"name": "b"}])
    assert not check(keyed)([{"name": "a"}, {"name": "a"}])
    assert check(Schema(type="string", nullable=True))(None)
    assert not check(text)(None)
