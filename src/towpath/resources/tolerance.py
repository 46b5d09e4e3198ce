"""Reading what lies in the store though it is not what its type says.

A value that its field cannot have counts as not there: the field has its default. An item of a list or map that
cannot be read is left out. A field without a default gets the empty value of its type. All else is kept.
"""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from towpath.resources import moments
from towpath.resources.fields import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.fields import Field

T = TypeVar("T", bound=msgspec.Struct)


class _Unreadable:
    """What stands for a value that cannot be read (None can be)."""


UNREADABLE: Final = _Unreadable()
"""What a reader returns for a value that its field cannot have."""
_BITS: Final = {"int32": 32, "int64": 64}


def read(type_: type[T], value: Any) -> T:
    """Return a value as a struct, whatever it is."""
    found: T = _plan(type_)(value if isinstance(value, dict) else {})
    return found


@functools.cache
def _plan(type_: type[msgspec.Struct]) -> Callable[[Any], Any]:
    hints = get_type_hints(type_, include_extras=True)
    fields = []
    for info in msgspec.structs.fields(type_):
        instead = _default(info)
        if instead is None:
            instead = functools.partial(empty, hints[info.name])
        fields.append((info.name, info.encode_name, _reader(hints[info.name]), instead))

    def of(value: Any) -> Any:
        if not isinstance(value, dict):
            return UNREADABLE
        found = {}
        for name, wire, reader, instead in fields:
            item = reader(value[wire]) if wire in value else UNREADABLE
            found[name] = instead() if item is UNREADABLE else item
        return type_(**found)

    return of


def _default(info: msgspec.structs.FieldInfo) -> Callable[[], Any] | None:
    if info.default_factory is not msgspec.NODEFAULT:
        factory: Callable[[], Any] = info.default_factory
        return factory
    if info.default is not msgspec.NODEFAULT:
        return lambda: info.default
    return None


def empty(hint: Any) -> Any:
    """Return the empty value of a type that has no default."""
    type_, said = unwrapped(hint)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return read(type_, {})
    if said.format == "date-time":
        return moments.UNKNOWN
    if allowed := said.enum or said.words:
        return said.instead or allowed[0]
    origin = get_origin(type_) or type_
    return origin() if origin in (str, int, float, bool, list, dict) else None


def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return what reads a value of a type, or finds it unreadable."""
    type_, said = unwrapped(hint)
    inner = of_type(type_, said)
    if not _may_be_null(hint):
        return inner
    return lambda value: None if value is None else inner(value)


def _may_be_null(hint: Any) -> bool:
    while hasattr(hint, "__metadata__"):
        hint = hint.__origin__
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def of_type(type_: Any, said: Field) -> Callable[[Any], Any]:
    """Return what reads a value of a type without annotations, or finds it unreadable."""
    if type_ is Any:
        return lambda value: value
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _plan(type_)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list:
        return list_of(_reader(arguments[0]))
    if origin is dict:
        return map_of(_reader(arguments[1]))
    if origin in (Union, types.UnionType):
        return _first_of([of_type(each, said) for each in arguments])
    return _SCALARS[type_](said)


def list_of(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what reads a list whose items are read so."""

    def of(value: Any) -> Any:
        if not isinstance(value, list):
            return UNREADABLE
        return [item for item in map(reader, value) if item is not UNREADABLE]

    return of


def map_of(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what reads a map whose values are read so."""

    def of(value: Any) -> Any:
        if not isinstance(value, dict):
            return UNREADABLE
        found = ((key, reader(item)) for key, item in value.items())
        return {key: item for key, item in found if item is not UNREADABLE}

    return of


def _first_of(readers: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def of(value: Any) -> Any:
        found = (reader(value) for reader in readers)
        return next((item for item in found if item is not UNREADABLE), UNREADABLE)

    return of


def _text(said: Field) -> Callable[[Any], Any]:
    allowed = frozenset(said.enum or said.words)
    is_moment = said.format == "date-time"

    def of(value: Any) -> Any:
        if not isinstance(value, str):
            return UNREADABLE
        if (is_moment and moments.read(value) is None) or (allowed and value not in allowed):
            return UNREADABLE
        return value

    return of


def _whole(said: Field) -> Callable[[Any], Any]:
    bits = _BITS.get(said.format or "", 64)
    least, most = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if said.minimum is not None:
        least = max(least, int(said.minimum))
    if said.maximum is not None:
        most = min(most, int(said.maximum))

    def of(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            return UNREADABLE
        return UNREADABLE if said.form is not None and said.form.wrong(value) else value

    return of


def _number(_: Field) -> Callable[[Any], Any]:
    def of(value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else UNREADABLE

    return of


def _truth(_: Field) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, bool) else UNREADABLE


_SCALARS: Final[dict[Any, Callable[[Field], Callable[[Any], Any]]]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
}
