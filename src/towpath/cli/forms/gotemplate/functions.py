"""The functions of Go's templates, those that kubectl adds among them, and how values look in print."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

NO_VALUE: Final = "<no value>"
_LARGEST: Final = 4 << 20
_VERB: Final = re.compile(r"%([-+# 0]*)(\d{0,4})(?:\.(\d{0,3}))?([a-zA-Z%])")


def is_true(value: Any) -> bool:
    """Whether a value counts as true: it is not its kind's zero."""
    return bool(value)


def shown(value: Any) -> str:
    """Return a value as Go prints it: `map[a:1]`, `[1 2]`, `true`."""
    match value:
        case None:
            return NO_VALUE
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case dict():
            pairs = (f"{key}:{_inner(value[key])}" for key in sorted(value))
            return f"map[{' '.join(pairs)}]"
        case list():
            return f"[{' '.join(map(_inner, value))}]"
        case _:
            return str(value)


def _inner(value: Any) -> str:
    return "<nil>" if value is None else shown(value)


def _float(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", text)


def _print(*values: Any) -> str:
    """Go's Sprint: a space between two values of which neither is a text."""
    found: list[str] = []
    for place, value in enumerate(values):
        if place and not isinstance(value, str) and not isinstance(values[place - 1], str):
            found.append(" ")
        found.append(_inner(value))
    return "".join(found)


def _println(*values: Any) -> str:
    return " ".join(map(_inner, values)) + "\n"


def _printf(form: str, *values: Any) -> str:
    left = list(values)

    def replaced(found: re.Match[str]) -> str:
        flags, width, precision, verb = found.groups()
        if verb == "%":
            return "%"
        if not left:
            return f"%!{verb}(MISSING)"
        text = _verb(verb, flags, precision, left.pop(0))
        room = int(width or 0)
        if "-" in flags:
            return text.ljust(room)
        is_number = "0" in flags and verb in "dfxXboeEgG"
        return text.zfill(room) if is_number else text.rjust(room)

    return _VERB.sub(replaced, form) + "".join(f"%!(EXTRA {_inner(each)})" for each in left)


def _verb(verb: str, flags: str, precision: str | None, value: Any) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(value, float) and value.is_integer() and verb in "dxXbo":
        value, is_whole = int(value), True
    match verb:
        case "v" | "s" if not (verb == "s" and is_whole):
            text = _inner(value)
            return text[: int(precision)] if verb == "s" and precision else text
        case "q":
            return json.dumps(_inner(value), ensure_ascii=False)
        case "t" if isinstance(value, bool):
            return shown(value)
        case "d" | "x" | "X" | "b" | "o" if is_whole:
            text = format(value, verb)
            return f"+{text}" if "+" in flags and value >= 0 else text
        case "x" | "X" if isinstance(value, str):
            return value.encode().hex() if verb == "x" else value.encode().hex().upper()
        case "c" if is_whole and 0 <= value < 0x110000:
            return chr(value)
        case "f" | "e" | "g" | "E" | "G" if isinstance(value, int | float) and not isinstance(
            value, bool
        ):
            if verb in "gG" and not precision:
                return _float(float(value))
            return format(float(value), f".{precision or 6}{verb}")
        case "T":
            return {
                str: "string",
                bool: "bool",
                int: "int64",
                float: "float64",
                dict: "map[string]interface {}",
                list: "[]interface {}",
            }.get(type(value), "<nil>")
    return f"%!{verb}({_inner(value)})"


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None:
            raise BadRequest("index of untyped nil")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | str):
            if isinstance(key, bool) or not isinstance(key, int):
                raise BadRequest(f"cannot index {_kind(value)} with {_inner(key)}")
            if not 0 <= key < len(value):
                raise BadRequest(f"index out of range: {key}, of {len(value)}")
            value = value[key] if isinstance(value, list) else ord(value[key])
        else:
            raise BadRequest(f"cannot index {_kind(value)}")
    return value


def _exists(value: Any, *keys: Any) -> bool:
    """kubectl's: whether `index` would find something."""
    try:
        return _index(value, *keys) is not None
    except BadRequest:
        return False


def _slice(value: Any, *places: Any) -> Any:
    if not isinstance(value, str | list) or len(places) > 3:
        raise BadRequest(f"slice of {_kind(value)}")
    for place in places:
        if not isinstance(place, int) or not 0 <= place <= len(value):
            raise BadRequest(f"slice: {_inner(place)} is no place of {len(value)}")
    start = places[0] if places else 0
    end = places[1] if len(places) > 1 else len(value)
    if start > end:
        raise BadRequest(f"slice: it begins at {start} and ends at {end}")
    return value[start:end]


def _len(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict | list):
        return len(value)
    raise BadRequest(f"len of {_kind(value)}")


def _base64decode(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode("utf-8", "replace")
    except ValueError:
        raise BadRequest("base64decode: it is not base64") from None


def _eq(first: Any, *others: Any) -> bool:
    if not others:
        raise BadRequest("eq: it compares a value with others, and there is one only")
    for other in others:
        if first is not None and other is not None and _class(first) != _class(other):
            raise BadRequest(
                f"incompatible types for comparison: {_kind(first)} and {_kind(other)}"
            )
    return any(first == other and _class(first) == _class(other) for other in others)


def _compared(name: str, first: Any, second: Any) -> bool:
    if _class(first) != _class(second) or _class(first) not in ("number", "text"):
        raise BadRequest(
            f"{name}: incompatible types for comparison: {_kind(first)} and {_kind(second)}"
        )
    match name:
        case "lt":
            return bool(first < second)
        case "le":
            return bool(first <= second)
        case "gt":
            return bool(first > second)
        case _:
            return bool(first >= second)


def _class(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nil"
        case bool():
            return "a truth value"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "a map"


def _joined(values: tuple[Any, ...]) -> str:
    return values[0] if len(values) == 1 and isinstance(values[0], str) else _print(*values)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "base64decode": _base64decode,
    "eq": _eq,
    "exists": _exists,
    "ge": lambda first, second: _compared("ge", first, second),
    "gt": lambda first, second: _compared("gt", first, second),
    "html": lambda *values: (
        html.escape(_joined(values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    ),
    "index": _index,
    "js": lambda *values: (
        json.dumps(_joined(values))[1:-1]
        .replace("'", "\\'")
        .replace("<", "\\u003C")
        .replace(">", "\\u003E")
    ),
    "le": lambda first, second: _compared("le", first, second),
    "len": _len,
    "lt": lambda first, second: _compared("lt", first, second),
    "ne": lambda first, second: not _eq(first, second),
    "not": lambda value: not is_true(value),
    "print": _print,
    "printf": _printf,
    "println": _println,
    "slice": _slice,
    "urlquery": lambda *values: urllib.parse.quote_plus(_joined(values)),
}
"""By name; `and` and `or`, which stop early, are the evaluation's own."""
LAZY: Final = frozenset({"and", "or"})
NAMES: Final = frozenset(FUNCTIONS) | LAZY
