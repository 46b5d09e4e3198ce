"""Documents as readers outside get them: what an older version stored, and a strict reader could not decode, is put right.

What is answered is decoded by Go programs, whole lists at a time: one field that holds what it cannot, and nothing of a
list is seen. A document that is all right, as nearly all are, is looked at once by a decoder and passed on as it lies in the
store. Of another, a value that its field cannot have is left out, or is the field's default; a field that must be there has
the empty value of its type; a duration that cannot be read is the longest, because none would mean no limit. Nulls go, as
they do when a document is admitted. The rest stays.
"""

from __future__ import annotations

import functools
import re
import types
from typing import TYPE_CHECKING, Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from towpath.resources import durations, tolerance, value_formats
from towpath.resources.fields import unwrapped
from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.fields import Field

_DURATIONS: Final = (value_formats.DURATION, value_formats.TIME_LIMIT)
_SURELY_A_DURATION: Final = r"^(?:0|(?:[0-9]{1,5}(?:\.[0-9]{1,9})?(?:h|m|s|ms|us|ns)){1,4})\Z"
"""What needs no closer look: neither a sign nor a sum that might not fit."""
_MOST_KNOWN: Final = 1 << 16
_fine: Final[set[int]] = set()
"""Hashes of documents that are all right: most are shown again and again."""
_LONGEST: Final = durations.spoken(durations.LONGEST)


def legible(type_: type[msgspec.Struct], raw: bytes) -> bytes:
    """Return the JSON of a document of a type, `raw` itself if there is nothing to put right.

    Raises ValidationError for what is no object with metadata.
    """
    key = hash((type_, raw))
    if key in _fine:
        return raw
    try:
        _strict(type_).decode(raw)
    except msgspec.ValidationError:
        document = msgspec.json.decode(raw)
        if not isinstance(document, dict):
            raise msgspec.ValidationError(
                f"it is {type(document).__name__}, not an object"
            ) from None
        if not isinstance(document.get("metadata"), dict):
            raise msgspec.ValidationError("it has no metadata") from None
        found = msgspec.json.encode(mended(type_, document))
        if found != msgspec.json.encode(document):
            return found
    if len(_fine) >= _MOST_KNOWN:
        _fine.clear()
    _fine.add(key)
    return raw


def mended(type_: type[msgspec.Struct], document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with what its fields cannot have put right."""
    found: dict[str, Any] = _object(type_)(document)
    return found


def _is_required(info: msgspec.structs.FieldInfo, hint: Any) -> bool:
    _, said = unwrapped(hint)
    return info.required if said.required is None else said.required


# --- whether anything is to be done ------------------------------------------------------------------


@functools.cache
def _strict(type_: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_checked(type_, is_document=True))


@functools.cache
def _checked(type_: type[msgspec.Struct], *, is_document: bool = False) -> type[msgspec.Struct]:
    """Return a struct type that takes what its fields can have and nothing else."""
    hints = get_type_hints(type_, include_extras=True)
    fields: list[Any] = []
    for info in msgspec.structs.fields(type_):
        hint = _checked_hint(hints[info.name])
        name = f"field_{len(fields)}"
        renamed = msgspec.field(name=info.encode_name)
        is_needed = is_document and info.encode_name == "metadata"
        if not is_needed and not _is_required(info, hints[info.name]):
            hint = hint | msgspec.UnsetType
            renamed = msgspec.field(name=info.encode_name, default=msgspec.UNSET)
        fields.append((name, hint, renamed))
    return msgspec.defstruct(f"Checked{type_.__name__}", fields, kw_only=True, gc=False)


def _checked_hint(hint: Any) -> Any:
    type_, said = unwrapped(hint)
    return _checked_type(type_, said, hint)


def _checked_type(type_: Any, said: Field, hint: Any) -> Any:
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _checked(type_)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list:
        return list[_checked_hint(arguments[0])]  # type: ignore[misc]  # made at run time
    if origin is dict:
        return dict[str, _checked_hint(arguments[1])]  # type: ignore[misc]
    if type_ is str:
        if said.form in _DURATIONS:
            return Annotated[str, msgspec.Meta(pattern=_SURELY_A_DURATION)]
        if allowed := said.enum or said.words:
            said_so = "|".join(map(re.escape, allowed))
            return Annotated[str, msgspec.Meta(pattern=rf"^(?:{said_so})?\Z")]
    return type_ if origin in (Union, types.UnionType) else _bare(hint)


def _bare(hint: Any) -> Any:
    """Return a type with its bounds and patterns and without `| None`."""
    bounds: list[msgspec.Meta] = []
    while True:
        if get_origin(hint) is Annotated:
            hint, *found = get_args(hint)
            bounds += [each for each in found if isinstance(each, msgspec.Meta)]
        elif get_origin(hint) in (Union, types.UnionType):
            [hint] = [each for each in get_args(hint) if each is not type(None)]
        else:
            return Annotated[(hint, *bounds)] if bounds else hint


# --- what is done ------------------------------------------------------------------------------------


@functools.cache
def _object(type_: type[msgspec.Struct]) -> Callable[[Any], Any]:
    hints = get_type_hints(type_, include_extras=True)
    fields = [
        (
            info.encode_name,
            _value(hints[info.name]),
            hints[info.name],
            _is_required(info, hints[info.name]),
        )
        for info in msgspec.structs.fields(type_)
    ]

    def of(value: Any) -> Any:
        if not isinstance(value, dict):
            return tolerance.UNREADABLE
        found = dict(value)
        for name, reader, hint, is_required in fields:
            item = reader(found[name]) if name in found else tolerance.UNREADABLE
            if item is not tolerance.UNREADABLE:
                found[name] = item
            elif (default := unwrapped(hint)[1].default) is not ABSENT and (
                is_required or name in found
            ):
                found[name] = default
            elif is_required:
                found[name] = _empty(hint)
            else:
                found.pop(name, None)
        return found

    return of


def _empty(hint: Any) -> Any:
    """Return the least that a field may hold which must be there."""
    type_, _ = unwrapped(hint)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _object(type_)({})
    return tolerance.empty(hint)


def _value(hint: Any) -> Callable[[Any], Any]:
    return _of_type(*unwrapped(hint))


def _of_type(type_: Any, said: Field) -> Callable[[Any], Any]:
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _object(type_)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list:
        return tolerance.list_of(_value(arguments[0]))
    if origin is dict:
        return tolerance.map_of(_value(arguments[1]))
    if type_ is str and said.form in _DURATIONS:
        return functools.partial(_duration, has_default=said.default is not ABSENT)
    if type_ is float:
        return lambda value: value if _is_number(value) else tolerance.UNREADABLE
    return tolerance.of_type(type_, said)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _duration(value: Any, *, has_default: bool) -> Any:
    if not isinstance(value, str) or not value:
        return tolerance.UNREADABLE
    try:
        durations.parse(value)
    except durations.TooLong:
        return f"-{_LONGEST}" if value.startswith("-") else _LONGEST
    except ValueError:
        return tolerance.UNREADABLE if has_default else _LONGEST
    return value
