"""Functions that take values of any kind: what they are, and what they become as another kind."""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.json import values
from towpath.expressions import gotext, gotime
from towpath.expressions.builtins.builtin import Builtin, read_text
from towpath.expressions.operators import fetch
from towpath.expressions.values import AnyMap, Failure, Record, is_number, shown, type_name

if TYPE_CHECKING:
    from towpath.expressions.builtins.builtin import CallContext

_INT_DIGITS: Final = 19
"""Of the largest integer of 64 bits."""


def _len(_: CallContext, value: Any) -> int:
    if isinstance(value, str | list | dict | AnyMap | bytes):
        return len(value)
    raise Failure(f"invalid argument for len (type {shown(value)})")


def _type(_: CallContext, value: Any) -> str:
    return type_name(value)


def _get(_: CallContext, of: Any, key: Any) -> Any:
    if of is None:
        return None
    match of:
        case list() | bytes() | str():
            items = of.encode() if isinstance(of, str) else of
            if not is_number(key):
                return None
            index = int(key)
            index = index + len(items) if index < 0 else index
            return items[index] if 0 <= index < len(items) else None
        case dict():
            return of.get(key) if isinstance(key, str) else None
        case AnyMap():
            return of.get(key) if key in of else None
        case Record():
            return fetch(of, key) if isinstance(key, str) and key in of.fields else None
    raise Failure(f"type {shown(of)} does not support indexing")


def _string(around: CallContext, value: Any) -> str:
    text = gotext.text_of(value)
    around.budget.write(len(text))
    return text


def _to_int(_: CallContext, value: Any) -> int:
    match value:
        case bool():
            pass
        case int():
            return int(value)
        case float():
            if math.isfinite(value) and abs(value) < 2**63:
                return int(value)
            return -(1 << 63)
        case str() if re.fullmatch(r"[+-]?[0-9]+", value):
            digits = value.lstrip("+-0")
            if len(digits) > _INT_DIGITS:  # Python reads no number of thousands of digits
                raise Failure("invalid operation: int(string): value out of range")
            number = int(digits or "0") * (-1 if value[0] == "-" else 1)
            if -(1 << 63) <= number < 1 << 63:
                return number
            raise Failure("invalid operation: int(string): value out of range")
        case str():
            raise Failure("invalid operation: int(string): it is not a number")
        case gotime.Duration():
            return value.ns
    raise Failure(f"invalid operation: int({shown(value)})")


def _to_float(_: CallContext, value: Any) -> float:
    if is_number(value):
        return float(value)
    if isinstance(value, str):
        number = gotext.parse_float(value)
        if number is None:
            raise Failure("invalid operation: float(string): it is not a number")
        return number
    raise Failure(f"invalid operation: float({shown(value)})")


def _to_json(around: CallContext, value: Any) -> str:
    text = gotext.json_text(value, indent=2)
    around.budget.write(len(text))
    return text


def _from_json(around: CallContext, text: Any) -> Any:
    around.budget.write(len(read_text(text)))
    try:
        return values.value(text)
    except (ValueError, RecursionError) as error:
        raise Failure(f"fromJSON: {str(error)[:200]}", bare="fromJSON: it is not JSON") from error


def _to_base64(_: CallContext, text: Any) -> str:
    return base64.b64encode(read_text(text).encode("utf-8", "surrogatepass")).decode()


def _from_base64(_: CallContext, text: Any) -> str:
    try:
        kept = read_text(text).replace("\n", "").replace("\r", "")
        return base64.b64decode(kept, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise Failure("illegal base64 data") from error


FUNCTIONS: Final[dict[str, Builtin]] = {
    "len": Builtin(_len, 1, 1, "int", ("string|array|map",)),
    "type": Builtin(_type, 1, 1, "string"),
    "get": Builtin(_get, 2, 2),
    "string": Builtin(_string, 1, 1, "string"),
    "int": Builtin(_to_int, 1, 1, "int", ("int|float|string",)),
    "float": Builtin(_to_float, 1, 1, "float", ("int|float|string",)),
    "toJSON": Builtin(_to_json, 1, 1, "string"),
    "fromJSON": Builtin(_from_json, 1, 1, "any", ("string",)),
    "toBase64": Builtin(_to_base64, 1, 1, "string", ("string",)),
    "fromBase64": Builtin(_from_base64, 1, 1, "string", ("string",)),
}  # fmt: skip
