"""From struct types to schemas and documents: the types are the single source."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import (
    TYPE_CHECKING,
    Any,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from towpath.resources import tolerance
from towpath.resources.fields import Field, unwrapped
from towpath.resources.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.resources.schema import JsonType

T = TypeVar("T", bound=msgspec.Struct)

_SCALARS: Mapping[type, JsonType] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}


@functools.cache
def schema_of(type_: type[msgspec.Struct]) -> Schema:
    """Return the structural schema of a struct type. Raises TypeError for a type no schema can express."""
    return _object(type_, Field())


def view(type_: type[T], document: bytes | Mapping[str, Any]) -> T:
    """Return a document, as JSON or as builtins, as a struct: the one way to read what lies in the store.

    It never raises for a JSON object: a value that the field cannot have (stored by an older version, or written
    past admission) counts as not there, and all else is kept. A whole number written `1.0` is an integer.
    Raises ValidationError for what is none.
    """
    try:
        if isinstance(document, bytes):
            seen: T = _decoder(type_).decode(document)
            return seen
        return msgspec.convert(document, type_)
    except msgspec.ValidationError:
        loose = msgspec.json.decode(document) if isinstance(document, bytes) else document
        if not isinstance(loose, dict):
            raise msgspec.ValidationError(f"it is {type(loose).__name__}, not an object") from None
        return tolerance.read(type_, loose)


@functools.cache
def _decoder(type_: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def to_document(value: Any) -> Any:
    """Return a struct as JSON builtins: what equals its Python default is left out, unless it is required.

    For status and objects that controllers make; a user's document is never encoded from a struct.
    """
    if isinstance(value, msgspec.Struct):
        if _is_plain(type(value)):
            with suppress(TypeError):  # it holds what is no JSON, as a plan does
                return msgspec.to_builtins(value)
        document = {}
        for name, wire, default, required in _plan(type(value)):
            item = getattr(value, name)
            if required or item != default:
                document[wire] = to_document(item)
        return document
    if isinstance(value, dict):
        return {key: to_document(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_document(item) for item in value]
    return value


@functools.cache
def _plan(type_: type[msgspec.Struct]) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return (attribute, wire name, default, required) of every field."""
    hints = get_type_hints(type_, include_extras=True)
    plan = []
    for info in msgspec.structs.fields(type_):
        _, said = unwrapped(hints[info.name])
        default = info.default
        if info.default_factory is not msgspec.NODEFAULT:
            default = info.default_factory()
        plan.append((info.name, info.encode_name, default, _is_required(info, said)))
    return tuple(plan)


@functools.cache
def _is_plain(type_: type[msgspec.Struct]) -> bool:
    """Whether msgspec leaves out of a struct, and of those in it, just what `to_document` leaves out.

    It goes by identity, and writes what is made by a factory, unless that is an empty list or map.
    """
    hints = get_type_hints(type_, include_extras=True)
    return type_.__struct_config__.omit_defaults and all(
        _has_plain_default(info, unwrapped(hints[info.name])[1])
        and all(map(_is_plain, _structs_in(hints[info.name])))
        for info in msgspec.structs.fields(type_)
    )


def _has_plain_default(info: msgspec.structs.FieldInfo, said: Field) -> bool:
    if _is_required(info, said):
        return info.required
    if info.default_factory is not msgspec.NODEFAULT:
        return info.default_factory in (list, dict)
    return info.default is None or (type(info.default) in (str, int, bool) and not info.default)


def _structs_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the struct types that values of a type hold directly."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for argument in get_args(hint):
        yield from _structs_in(argument)


def _is_required(info: msgspec.structs.FieldInfo, said: Field) -> bool:
    return info.required if said.required is None else said.required


def _object(type_: type[msgspec.Struct], said: Field) -> Schema:
    properties, required = _members(type_)
    return Schema(
        type="object",
        description=said.doc or _summary(type_),
        properties=properties,
        required=required,
        map_type=said.map_type,
        preserve_unknown=said.preserve_unknown,
        secret=said.secret,
        default=said.default,
        rules=(*getattr(type_, "RULES", ()), *said.rules),
    )


@functools.cache
def _members(type_: type[msgspec.Struct]) -> tuple[dict[str, Schema], tuple[str, ...]]:
    """Return the schemas of a struct's fields, and which must be there: made once, as many kinds have the same parts."""
    hints = get_type_hints(type_, include_extras=True)
    properties, required = {}, []
    for info in msgspec.structs.fields(type_):
        inner, about = unwrapped(hints[info.name])
        properties[info.encode_name] = _schema(inner, about)
        if _is_required(info, about):
            required.append(info.encode_name)
    return properties, tuple(required)


def _summary(type_: type) -> str:
    return " ".join((type_.__doc__ or "").split("\n\n")[0].split())


def _schema(type_: Any, said: Field) -> Schema:
    """Return the schema of a type without its annotations. Raises TypeError where there is none."""
    if said.int_or_string:
        return Schema(
            type=None,
            description=said.doc,
            int_or_string=True,
            default=said.default,
            secret=said.secret,
        )
    if type_ is Any:
        return Schema(type=None, description=said.doc, preserve_unknown=True, secret=said.secret)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _object(type_, said)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list:
        return _constrained("array", said, items=_schema(*unwrapped(arguments[0])))
    if origin is dict and said.preserve_unknown:
        return Schema(
            type="object", description=said.doc, preserve_unknown=True, secret=said.secret
        )
    if origin is dict:
        return _constrained("object", said, values=_schema(*unwrapped(arguments[1])))
    if type_ in _SCALARS:
        return _constrained(_SCALARS[type_], said)
    raise TypeError(f"no schema can be made of {type_!r}")


def _constrained(type_: JsonType, said: Field, **more: Schema) -> Schema:
    return Schema(
        type=type_,
        description=said.doc,
        format=said.format,
        pattern=said.pattern,
        enum=said.enum,
        min_length=said.min_length,
        max_length=said.max_length,
        minimum=said.minimum,
        maximum=said.maximum,
        min_items=said.min_items,
        max_items=said.max_items,
        default=said.default,
        list_type=said.list_type,
        list_map_keys=said.list_map_keys,
        map_type=said.map_type,
        rules=said.rules,
        words=said.words,
        form=said.form,
        secret=said.secret,
        **more,  # type: ignore[arg-type]  # values and items, by name
    )
