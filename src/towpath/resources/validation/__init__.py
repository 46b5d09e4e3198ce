"""Is this document a proper object of its kind? All that is wrong, at once, as an API server says it.

`admit` is the way in: unknown fields, defaults, then structure, metadata and rules. What it returns is what
is stored. A document that is sound as it stands (`soundness`), as most are, passes the first three in one walk.
"""

from __future__ import annotations

import enum
import functools
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Invalid, TooLarge
from towpath.resources.schema import ABSENT, Schema
from towpath.resources.structs import schema_of
from towpath.resources.validation import wording
from towpath.resources.validation.counts import count_errors
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.metadata import metadata_errors
from towpath.resources.validation.soundness import check_of
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from towpath.errors import FieldError
    from towpath.resources.kinds import Kind

DEEPEST: Final = 200
"""How many objects and lists may lie in one another."""
_METADATA: Final = "metadata"
_LISTED_FIELDS: Final = 20


class FieldValidation(enum.StrEnum):
    """What becomes of fields that the schema does not know."""

    STRICT = "Strict"
    """The request is refused."""
    WARN = "Warn"
    """They are left out, and the answer says so."""
    IGNORE = "Ignore"
    """They are left out."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is to be stored."""

    document: dict[str, Any]
    warnings: tuple[str, ...]
    """For the `Warning` headers of the answer."""


def admit(
    document: Any,
    kind: Kind,
    *,
    old: dict[str, Any] | None = None,
    field_validation: FieldValidation = FieldValidation.WARN,
    part: str | None = None,
) -> Admitted:
    """Return a document with its defaults and without unknown fields; the given one is left alone.

    `old` is the stored object on an update; `part` the one field that the write is about, such as `status`: what is
    wrong elsewhere was stored by an older version and is let be. Raises Invalid with every error there is, BadRequest for what
    is no object or, under Strict, for unknown fields.
    """
    if not isinstance(document, dict):
        raise BadRequest(f"a {kind.name} is an object, with apiVersion, kind and metadata")
    refuse_deep(document)
    warnings: tuple[str, ...] = ()
    if check_of(kind.type)(document):
        admitted = {**document}
        wrong = wording.bounded(_beyond_schema(document, kind, old))
    else:
        pruned, warnings = known_fields(document, kind, field_validation)
        admitted = with_defaults(schema_of(kind.type), pruned)
        wrong = document_errors(admitted, kind, old=old)
    if part is not None:
        wrong = [error for error in wrong if re.match(rf"{part}\b|$", error.path)]
    if wrong:
        metadata = admitted.get(_METADATA)
        name = metadata.get("name") if isinstance(metadata, dict) else None
        raise Invalid.of(kind.qualified, wording.cut(name) if isinstance(name, str) else "", wrong)
    return Admitted(admitted, warnings)


def known_fields(
    document: dict[str, Any], kind: Kind, field_validation: FieldValidation
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a document without the fields its kind does not know, and warnings that name them.

    Raises BadRequest for them under Strict.
    """
    pruned, unknown = without_unknown(schema_of(kind.type), document)
    if not unknown or field_validation is FieldValidation.IGNORE:
        return pruned, ()
    unlisted = len(unknown) - _LISTED_FIELDS
    told = [f'unknown field "{each.path}"{each.meant}' for each in unknown[:_LISTED_FIELDS]]
    if field_validation is FieldValidation.STRICT:
        more = f", and {unlisted} more" if unlisted > 0 else ""
        raise BadRequest(
            f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}: '
            f"strict decoding error: {', '.join(told)}{more}"
        )
    if unlisted > 0:
        told.append(f"{unlisted} more unknown fields")
    return pruned, tuple(told)


def document_errors(
    document: dict[str, Any], kind: Kind, *, old: dict[str, Any] | None = None
) -> list[FieldError]:
    """Return everything that is wrong with a document that has its defaults: metadata first.

    Of more than a hundred errors the first are returned, and one that says so.
    """
    contents = {key: value for key, value in document.items() if key != _METADATA}
    before = ABSENT if old is None else old
    return wording.bounded(
        chain(
            _wrong_type(document, kind),
            metadata_errors(kind, document.get(_METADATA)),
            count_errors(kind.name, document, old),
            errors_of(_body(kind.type), contents, "", before),
        )
    )


def _beyond_schema(
    document: dict[str, Any], kind: Kind, old: dict[str, Any] | None
) -> Iterator[FieldError]:
    """Yield what is wrong with a document that its schema finds sound."""
    yield from _wrong_type(document, kind)
    yield from metadata_errors(kind, document.get(_METADATA))
    yield from count_errors(kind.name, document, old)


@functools.cache
def _body(type_: type[msgspec.Struct]) -> Schema:
    """Return the schema of a document without its metadata."""
    schema = schema_of(type_)
    rest = {key: field for key, field in schema.properties.items() if key != _METADATA}
    return Schema(type="object", properties=rest, required=schema.required, rules=schema.rules)


def _wrong_type(document: dict[str, Any], kind: Kind) -> Iterator[FieldError]:
    """Yield what is wrong with `apiVersion` and `kind`; whoever takes the request may have left them out."""
    for field, wanted in (("apiVersion", kind.api_version), ("kind", kind.name)):
        given = document.get(field)
        if isinstance(given, str) and given != wanted:
            yield wording.invalid(field, given, f"must be {wanted}")


def refuse_deep(document: Any, limit: int = DEEPEST) -> None:
    """Raise TooLarge if objects and lists lie in one another more than `limit` deep."""
    level = [document]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise TooLarge(f"the document is nested more than {limit} deep")


__all__ = [
    "DEEPEST",
    "Admitted",
    "FieldValidation",
    "admit",
    "document_errors",
    "known_fields",
    "refuse_deep",
]
