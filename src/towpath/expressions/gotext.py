"""Values as Go writes them: `%v`, `%q`, JSON; and texts as Go's strconv reads numbers."""

from __future__ import annotations

import base64
import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.values import AnyMap, Failure, Function, NilList, Record, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPONENT_FROM: Final = 6
_SHORT: Final = {
    "\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v",
    "\\": r"\\", '"': r"\"",
}  # fmt: skip
_JSON: Final = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
        "\x7f": "\x7f",
    }
)
# What Go's ParseFloat takes. The project's patterns are for texts of users; this one is our own and linear.
_FLOAT: Final = re.compile(
    r"[+-]?(?:inf|infinity|nan|(?:\d+(?:_?\d)*)?\.?(?:\d+(?:_?\d)*)?(?:e[+-]?\d+(?:_?\d)*)?)",
    re.IGNORECASE | re.ASCII,
)
_HEX: Final = re.compile(r"[+-]?0x_?[0-9a-f_]*\.?[0-9a-f_]*p[+-]?[0-9_]+", re.IGNORECASE | re.ASCII)


def float_text(value: float) -> str:
    """Return the shortest decimal text of a float as `%v` writes it, from `1e+06` on with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return _shortest(
        value, has_power=lambda power: power < -4 or power >= _EXPONENT_FROM, digits_of_power=2
    )


def json_float(value: float) -> str:
    """Return a float as encoding/json writes it. Raises Failure for NaN and infinities."""
    if math.isnan(value) or math.isinf(value):
        raise Failure(f"json: unsupported value: {float_text(value)}")
    return _shortest(value, has_power=lambda power: power < -6 or power >= 21, digits_of_power=1)


def _shortest(value: float, *, has_power: Callable[[int], bool], digits_of_power: int) -> str:
    """Return a finite float with the fewest digits that tell it, with a power of ten where `has_power` says so."""
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    power = point - 1
    mark = "-" if sign else ""
    if has_power(power):
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        written = f"{abs(power):0{digits_of_power}d}"
        return f"{mark}{text[0]}{fraction}e{'-' if power < 0 else '+'}{written}"
    if point <= 0:
        return f"{mark}0.{'0' * -point}{text}"
    if point >= len(text):
        return mark + text + "0" * (point - len(text))
    return f"{mark}{text[:point]}.{text[point:]}"


def text_of(value: Any) -> str:
    """Return a value as `%v` writes it."""
    match value:
        case None:
            return "<nil>"
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return float_text(value)
        case bytes():
            return f"[{' '.join(map(str, value))}]"
        case list():
            return f"[{' '.join(map(text_of, value))}]"
        case dict():
            return f"map[{' '.join(f'{key}:{text_of(value[key])}' for key in sorted(value, key=_bytes))}]"
        case AnyMap():
            pairs = sorted(value.items(), key=lambda pair: _any_key(pair[0]))
            return f"map[{' '.join(f'{text_of(key)}:{text_of(item)}' for key, item in pairs)}]"
        case Record():
            if value.text is not None:
                return value.text
            return f"{{{' '.join(map(text_of, value.fields.values()))}}}"
        case Function():
            return f"func {value.name}"
        case _:
            return str(value)


def _any_key(key: Any) -> tuple[int, Any]:
    """Order keys of several types as fmt does: nil, then numbers, texts, booleans, each by value."""
    match key:
        case None:
            return (0, 0)
        case bool():
            return (3, key)
        case int() | float():
            return (1, key)
        case str():
            return (2, key.encode("utf-8", "surrogatepass"))
        case _:
            return (4, str(key))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def quoted(text: str) -> str:
    """Return a text as `%q` writes it."""
    parts = ['"']
    for character in text:
        if character in _SHORT:
            parts.append(_SHORT[character])
        elif character.isprintable():
            parts.append(character)
        elif character < " " or character == "\x7f":
            parts.append(f"\\x{ord(character):02x}")
        elif ord(character) < 0x10000:
            parts.append(f"\\u{ord(character):04x}")
        else:
            parts.append(f"\\U{ord(character):08x}")
    return "".join(parts) + '"'


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return a value as encoding/json writes it: keys sorted, `<>&` escaped.

    Raises Failure for what JSON does not have: NaN, functions, maps with keys that are no text.
    """
    return _json(value, "\n" if indent else "", indent or 0)


def _json(value: Any, newline: str, indent: int) -> str:
    match value:
        case Unknown():
            return _string(str(value))
        case None | NilList():
            return "null" if value is None else "[]"
        case str():
            return _string(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return json_float(value)
        case bytes():
            return _string(base64.b64encode(value).decode())
        case list():
            inner = newline + " " * indent
            return _enclosed(
                "[", [_json(item, inner, indent) for item in value], "]", newline, inner
            )
        case dict():
            inner = newline + " " * indent
            colon = ": " if newline else ":"
            pairs = [
                _string(key) + colon + _json(value[key], inner, indent)
                for key in sorted(value, key=_bytes)
            ]
            return _enclosed("{", pairs, "}", newline, inner)
        case Record(json=dict() as fields):
            return _json(fields, newline, indent)
        case Record():
            return _string(text_of(value))
        case AnyMap():
            raise Failure("json: unsupported type: a map whose keys are not texts")
        case Function():
            raise Failure("json: unsupported type: func")
        case _ if hasattr(value, "to_json"):
            return str(value.to_json())
        case _:
            raise Failure(f"json: unsupported type: {type(value).__name__}")


def _enclosed(opening: str, parts: list[str], closing: str, newline: str, inner: str) -> str:
    if not parts:
        return opening + closing
    if not newline:
        return opening + ",".join(parts) + closing
    return opening + inner + f",{inner}".join(parts) + newline + closing


def _string(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False).translate(_JSON)
    return encoded.replace("\\b", "\\b").replace("\x7f", "\x7f")


def plain(value: Any) -> Any:
    """Return a value as JSON builtins, as a round trip over JSON would, with integers kept.

    Raises Failure for what JSON does not have.
    """
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            json_float(value)
            return value
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case AnyMap():
            if not all(isinstance(key, str) for key, _ in value.items()):
                raise Failure("json: unsupported type: a map whose keys are not texts")
            return {key: plain(item) for key, item in value.items()}
        case _:
            return json.loads(_json(value, "", 0))


def parse_float(text: str) -> float | None:
    """Return what Go's ParseFloat reads; None if it is no number or out of range."""
    if _HEX.fullmatch(text):
        return _hex_float(text)
    if not _FLOAT.fullmatch(text) or not any(character.isalnum() for character in text):
        return None
    if text.lower().lstrip("+-").startswith("e"):
        return None
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return None
    named = text.lower().lstrip("+-")
    return None if math.isinf(value) and not named.startswith("inf") else value


def _hex_float(text: str) -> float | None:
    body = text.lower().lstrip("+-")[2:]
    mantissa, _, power = body.partition("p")
    if not re.fullmatch(
        r"_?[0-9a-f]+(_[0-9a-f]+)*\.?([0-9a-f]+(_[0-9a-f]+)*)?|\.[0-9a-f]+(_[0-9a-f]+)*", mantissa
    ):
        return None
    if not re.fullmatch(r"[+-]?\d+(_\d+)*", power):
        return None
    try:
        value = float.fromhex(("-" if text.startswith("-") else "") + "0x" + body.replace("_", ""))
    except (ValueError, OverflowError):
        return None
    return None if math.isinf(value) else value
