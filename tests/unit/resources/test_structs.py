"""From struct types to schemas."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
import pytest

from towpath.resources.fields import (
    Field,
    FreeObject,
    Int32,
    IntOrString,
    Json,
    Name,
    Struct,
    merge,
    wire_name,
)
from towpath.resources.schema import ABSENT, Rule, Schema
from towpath.resources.structs import schema_of

_SET = Rule(expression="has(self.size)", message="", holds=lambda box, _: "size" in box)
_SMALL = Rule(expression="self.size() < 9", message="small", holds=lambda text, _: len(text) < 9)


class Lid(Struct):
    """Closes a box."""

    weight: Annotated[float, Field("Its weight.")] = 0.0


class Box(Struct, kw_only=True):
    """Holds things.

    More about it.
    """

    RULES: ClassVar = (_SET,)

    size: Annotated[Int32, Field("How big.", minimum=1, maximum=9, default=3)] = 3
    owner: Annotated[Name, Field("Whose it is.", rules=(_SMALL,))]
    owner_id: Annotated[str, Field("Her number.", required=True)] = ""
    things: Annotated[list[str], Field("What is in it.", list_type="set", max_items=5)] = (
        msgspec.field(default_factory=list)
    )
    lids: Annotated[
        list[Lid], Field("What closes it.", list_type="map", list_map_keys=("weight",))
    ] = msgspec.field(default_factory=list)
    labels: Annotated[dict[str, Annotated[str, Field(max_length=3)]], Field("Marks.")] = (
        msgspec.field(default_factory=dict)
    )
    lid: Annotated[Lid | None, Field("The best lid.", map_type="atomic")] = None
    open_: Annotated[bool, Field("Whether it is open.")] = False
    extra: Annotated[Json, Field("Anything.")] = None
    free: Annotated[FreeObject | None, Field("Any object.", secret=True)] = None
    count: Annotated[IntOrString | None, Field("How many.")] = None


def test_an_object_has_its_fields_by_wire_name_in_order() -> None:
    """Names are camelCase with URL, ID and TLS spelt as the API does, and keywords lose their underscore."""
    schema = schema_of(Box)
    assert schema.type == "object"
    assert schema.description == "Holds things."
    assert list(schema.properties) == [
        "size",
        "owner",
        "ownerID",
        "things",
        "lids",
        "labels",
        "lid",
        "open",
        "extra",
        "free",
        "count",
    ]
    assert wire_name("insecure_skip_tls_verify") == "insecureSkipTLSVerify"
    assert wire_name("repo_url") == "repoURL"
    assert wire_name("if_") == "if"


def test_a_field_is_required_without_a_default_or_where_it_says_so() -> None:
    """A default in Python makes a field optional; `required=True` is for keys that must be written anyway."""
    assert set(schema_of(Box).required) == {"owner", "ownerID"}


def test_what_a_field_says_is_in_its_schema() -> None:
    """Constraints of the type and of the field add up; the field has the last word."""
    fields = schema_of(Box).properties
    size, owner = fields["size"], fields["owner"]
    assert (size.type, size.format, size.minimum, size.maximum, size.default) == (
        "integer",
        "int32",
        1,
        9,
        3,
    )
    assert (owner.min_length, owner.max_length, owner.description) == (1, 253, "Whose it is.")
    assert owner.default is ABSENT
    assert owner.rules == (_SMALL,)
    assert merge([Field("a", minimum=1), Field("b"), Field(minimum=2)]) == Field("b", minimum=2)


def test_lists_maps_and_objects_nest() -> None:
    """Items, values and fields each have a schema of their own."""
    fields = schema_of(Box).properties
    assert fields["things"].items == Schema(type="string")
    assert (fields["things"].list_type, fields["things"].max_items) == ("set", 5)
    assert fields["lids"].list_map_keys == ("weight",)
    assert fields["labels"].values == Schema(type="string", max_length=3)
    lid = fields["lid"]
    assert (lid.description, lid.map_type) == ("The best lid.", "atomic")
    assert lid.properties["weight"].type == "number"
    assert schema_of(Lid).description == "Closes a box."


def test_free_form_values_keep_unknown_fields() -> None:
    """`Json` has no type at all, `FreeObject` is an object; both keep what they hold."""
    fields = schema_of(Box).properties
    assert (fields["extra"].type, fields["extra"].preserve_unknown) == (None, True)
    assert (fields["free"].type, fields["free"].preserve_unknown) == ("object", True)
    assert fields["free"].secret
    assert (fields["count"].type, fields["count"].int_or_string) == (None, True)


def test_rules_of_a_struct_belong_to_its_node() -> None:
    """What is said of the whole is checked on the whole."""
    assert schema_of(Box).rules == (_SET,)


def test_a_type_no_schema_can_express_is_refused() -> None:
    """A tuple has no structural schema; the error names the type."""

    class Odd(Struct):
        """Cannot be."""

        pair: Annotated[tuple[int, str], Field("Two things.")]

    with pytest.raises(TypeError, match=r"no schema can be made of tuple\[int, str\]"):
        schema_of(Odd)
