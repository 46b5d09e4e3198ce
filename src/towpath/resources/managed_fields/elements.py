"""Elements of paths as `fieldsV1` writes them: `f:NAME`, `k:{"KEY":VALUE}`, `v:VALUE`, `i:NUMBER`.

A field of an object, an item of a list that is a map (told by its keys), an item of a list that is a set (told by its
value), and an item by its place, which nothing writes any more.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.resources.managed_fields import gojson
from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.schema import Schema

_KINDS: Final = "fkvi"
_PLACE: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_LONGEST_KEPT: Final = 250
"""Characters of an element whose form is kept: names of fields are short, and others may write long ones."""
_CONTROL: Final = re.compile(r"\\u00([0-9a-f]{2})")


def of_item(schema: Schema, item: Any) -> str:
    """Return the element of an item of a list that is a map or a set. Raises ValueError saying why there is none."""
    if schema.list_type == "set":
        return f"v:{_json(_scalar(item))}"
    if item is None:
        raise ValueError("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise ValueError("associative list with keys may not have non-map elements")  # noqa: TRY004 - worded as Kubernetes, caught as such
    return f"k:{_json({key: _key(schema, item, key) for key in schema.list_map_keys})}"


def canonical(element: str) -> str | None:
    """Return an element as it is written here; None for one of an unknown kind, which a later version may know.

    Raises ValueError for what is no element.
    """
    return (_kept if len(element) <= _LONGEST_KEPT else _canonical)(element)


@lru_cache(maxsize=8192)
def _kept(element: str) -> str | None:
    return _canonical(element)


def _canonical(element: str) -> str | None:
    if len(element) < 2 or element[1] != ":":
        raise ValueError(f"{element!r} is no path element")
    kind, rest = element[0], element[2:]
    if kind == "f":
        return element
    if kind == "i":
        if not _PLACE.fullmatch(rest):
            raise ValueError(f"{element!r}: a place is a number")
        return f"i:{int(rest)}"
    if kind not in _KINDS:
        return None
    try:
        value = msgspec.json.decode(rest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"{element!r}: {error}") from error
    if kind == "k" and not isinstance(value, dict):
        raise ValueError(f"{element!r}: keys are an object")
    return f"{kind}:{_json(value)}"


def in_order(elements: Iterable[str]) -> list[str]:
    """Return elements in order: fields by name, then keys and values, numbers before texts."""
    found = sorted(elements)
    if found and found[-1] >= "g":
        found.sort(key=_order)
    return found


def printed(path: Iterable[str]) -> str:
    """Return a path as messages show it: `.spec.args[name="a"].value`."""
    return "".join(map(_printed, path))


def _scalar(item: Any) -> Any:
    if isinstance(item, dict):
        raise ValueError("associative list without keys has an element that's a map type")  # noqa: TRY004 - worded as Kubernetes, caught as such
    if isinstance(item, list):
        raise ValueError("not supported: associative list with lists as elements")  # noqa: TRY004 - worded as Kubernetes, caught as such
    if item is None:
        raise ValueError("associative list without keys has an element that's an explicit null")
    return item


def _key(schema: Schema, item: dict[str, Any], key: str) -> Any:
    if key in item:
        return item[key]
    known = schema.items.properties.get(key) if schema.items is not None else None
    if known is None or known.default is ABSENT:
        raise ValueError(
            f'associative list with keys has an element that omits key field "{key}" '
            "(and doesn't have default value)"
        )
    return known.default


def _json(value: Any) -> str:
    plain = (
        {key: _plain(part) for key, part in value.items()}
        if isinstance(value, dict)
        else _plain(value)
    )
    return gojson.encoded(plain)


def _plain(value: Any) -> Any:
    """Return a number without a fraction as the integer that it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _order(element: str) -> tuple[int, Any]:
    kind = _KINDS.index(element[0])
    if kind == 0:
        return kind, element
    value = msgspec.json.decode(element[2:])
    if isinstance(value, dict) and element[0] == "k":
        return kind, [(key, *_rank(value[key])) for key in sorted(value)]
    return kind, [("", *_rank(value))]


def _rank(value: Any) -> tuple[int, Any]:
    match value:
        case bool():
            return 2, value
        case int() | float():
            return 0, value
        case str():
            return 1, value
    return 3, _json(value)


def _printed(element: str) -> str:
    kind, rest = element[0], element[2:]
    match kind:
        case "f":
            return f".{rest}"
        case "k":
            keys = msgspec.json.decode(rest)
            return "[" + ",".join(f"{key}={_quoted(keys[key])}" for key in sorted(keys)) + "]"
        case "v":
            return f"[={_quoted(msgspec.json.decode(rest))}]"
    return f"[{rest}]"


def _quoted(value: Any) -> str:
    """Return a value as Go shows it in messages: JSON but for control characters."""
    return _CONTROL.sub(r"\\x\1", json.dumps(value, ensure_ascii=False))
