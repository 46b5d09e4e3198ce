"""What every object has: metadata, and conditions for those that report a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from towpath.resources import value_formats
from towpath.resources.fields import Field, FreeObject, Int64, Struct, Time

if TYPE_CHECKING:
    from collections.abc import Sequence

CONDITION_MESSAGE_BYTES: Final = 32_768
_CUT: Final = " ... (truncated)"


class OwnerReference(Struct):
    """Names an object that this one belongs to."""

    api_version: Annotated[str, Field("API version of the owner.")]
    kind: Annotated[str, Field("Kind of the owner.")]
    name: Annotated[str, Field("Name of the owner.")]
    uid: Annotated[str, Field("Uid of the owner.")]
    controller: Annotated[
        bool, Field("Whether the owner manages this object; at most one may.")
    ] = False
    block_owner_deletion: Annotated[
        bool, Field("Whether a foreground deletion of the owner waits for this object.")
    ] = False


class ObjectMeta(Struct):
    """Standard metadata of a Kubernetes object."""

    name: Annotated[str, Field("Unique among objects of the kind in the namespace.")] = ""
    generate_name: Annotated[str, Field("Prefix of a name that is made up on creation.")] = ""
    namespace: Annotated[str, Field("The Project the object lives in, for namespaced kinds.")] = ""
    labels: Annotated[
        dict[str, str], Field("Keys and values that objects can be selected by.")
    ] = {}
    annotations: Annotated[dict[str, str], Field("Keys and values for people and tools.")] = {}
    finalizers: Annotated[
        list[str], Field("What must still be done before the object may go.", list_type="set")
    ] = []
    owner_references: Annotated[
        list[OwnerReference],
        Field(
            "Objects this one belongs to and goes with.", list_type="map", list_map_keys=("uid",)
        ),
    ] = []
    uid: Annotated[
        str, Field("Identity: another object of the same name has another. Set by the system.")
    ] = ""
    resource_version: Annotated[str, Field("Revision of the last write. Set by the system.")] = ""
    generation: Annotated[Int64, Field("Counts changes of what is wanted. Set by the system.")] = 0
    creation_timestamp: Annotated[Time | None, Field("When it was created. Set by the system.")] = (
        None
    )
    deletion_timestamp: Annotated[
        Time | None,
        Field("When its deletion was asked for, while it waits for finalizers. Set by the system."),
    ] = None
    deletion_grace_period_seconds: Annotated[
        Int64 | None, Field("Seconds that are waited at most before deletion. Set by the system.")
    ] = None
    managed_fields: Annotated[
        list[FreeObject],
        Field("Which field manager set which fields. Set by the system.", list_type="atomic"),
    ] = []


class Condition(Struct):
    """One aspect of an object's state."""

    type: Annotated[
        str,
        Field(
            "Which aspect, such as `Ready`.",
            max_length=316,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
            r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        ),
    ]
    status: Annotated[
        str, Field("Whether it holds.", enum=("True", "False", "Unknown"), instead="Unknown")
    ]
    reason: Annotated[
        str,
        Field(
            "Why, in one word for programs.",
            min_length=1,
            max_length=1024,
            pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        ),
    ]
    message: Annotated[str, Field("Why, for people.", max_length=CONDITION_MESSAGE_BYTES)]
    last_transition_time: Annotated[Time, Field("When `status` last changed.")]
    observed_generation: Annotated[
        Int64, Field("The `metadata.generation` this was found for.", minimum=0)
    ] = 0


Conditions = Annotated[
    list[Condition],
    Field(
        "What holds of the object now, one entry for each aspect.",
        list_type="map",
        list_map_keys=("type",),
    ),
]


class Resource(Struct):
    """Any object: which kind it is, and its metadata."""

    api_version: Annotated[str, Field("API group and version.")] = ""
    kind: Annotated[str, Field("Kind of object.")] = ""
    metadata: Annotated[ObjectMeta, Field("Standard metadata.")] = msgspec.field(
        default_factory=ObjectMeta
    )


class LocalObjectReference(Struct):
    """Names an object of a known kind in the same namespace."""

    name: Annotated[str, Field("Name of the object.", default="")] = ""


MOST_SELECTOR_TERMS: Final = 100
"""Terms that a selector may have: in a document, in a query, by labels and by fields."""
MOST_SELECTOR_VALUES: Final = 1_000
"""Values that one term may name."""


class LabelSelectorRequirement(Struct):
    """One term of a label selector."""

    key: Annotated[str, Field("The label.")]
    operator: Annotated[str, Field("`In`, `NotIn`, `Exists` or `DoesNotExist`.")]
    values: Annotated[
        list[str], Field("For `In` and `NotIn`: the values meant.", list_type="atomic")
    ] = []


class LabelSelector(Struct):
    """Selects objects by their labels; all terms must hold."""

    match_labels: Annotated[dict[str, str], Field("Labels and the values they must have.")] = {}
    match_expressions: Annotated[
        list[LabelSelectorRequirement], Field("Further terms.", list_type="atomic")
    ] = []


class NamedSelector(LabelSelector):
    """Selects objects by name and labels; both must hold, and an empty selector selects all."""

    name: Annotated[
        str,
        Field(
            "The name; or a pattern that begins with `glob:` or `regex:`.",
            form=value_formats.NAME_SELECTOR,
        ),
    ] = ""


def condition(conditions: Sequence[Condition], type_: str) -> Condition | None:
    """Return the condition of a type."""
    return next((found for found in conditions if found.type == type_), None)


def with_condition(conditions: Sequence[Condition], wanted: Condition) -> list[Condition]:
    """Return the conditions with `wanted` in the place of the one of its type, or at the end.

    `lastTransitionTime` changes exactly when `status` does, as Kubernetes has it; the message is cut where it is
    too long.
    """
    before = condition(conditions, wanted.type)
    changed = before is None or before.status != wanted.status
    time = wanted.last_transition_time if before is None or changed else before.last_transition_time
    new = Condition(
        type=wanted.type,
        status=wanted.status,
        reason=wanted.reason,
        message=cut_message(wanted.message),
        last_transition_time=time,
        observed_generation=wanted.observed_generation,
    )
    if before is None:
        return [*conditions, new]
    return [new if found.type == wanted.type else found for found in conditions]


def cut_message(message: str) -> str:
    """Return a message of at most 32,768 bytes of UTF-8, marked where it was cut."""
    encoded = message.encode("utf-8", "replace")
    if len(encoded) <= CONDITION_MESSAGE_BYTES:
        return message
    kept = encoded[: CONDITION_MESSAGE_BYTES - len(_CUT)]
    return kept.decode("utf-8", "ignore") + _CUT
