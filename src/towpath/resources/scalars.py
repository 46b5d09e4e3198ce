"""What a plain YAML scalar means, as kubectl and Kargo read it (sigs.k8s.io/yaml, which is YAML 1.1).

`yes`, `on` and `y` are true; `0777` and `0o777` are octal; `1_000` is a thousand; base 60 and timestamps are
text. Integers beyond 64 bits are floats, as in JSON.
"""

from __future__ import annotations

from typing import Any, Final

from towpath import patterns

_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False
    ),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NOT_JSON: Final = frozenset(
    sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")
) | {".nan", ".NaN", ".NAN"}
_INTEGER: Final = patterns.compile(
    r"^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$"
)
_SURELY_A_FLOAT: Final = 400
_FLOAT: Final = patterns.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")


def resolve(text: str) -> Any:
    """Return the value of a plain scalar. Raises ValueError for a number that JSON does not have."""
    if text in _WORDS:
        return _WORDS[text]
    if text in _NOT_JSON:
        raise ValueError(f"{text} is a number that JSON does not have")
    if text[0] == ".":
        return _float(text) if _FLOAT.search(text) else text
    if text[0] not in "+-0123456789":
        return text
    digits = text.replace("_", "")
    if _INTEGER.search(digits):
        return _integer(digits)
    return _float(digits) if _FLOAT.search(digits) else text


def _integer(digits: str) -> int | float:
    body = digits.lstrip("+-").lower()
    if body.startswith("0") and len(body) > 1:
        value = int(body, 8 if body.isdecimal() else 0)
    elif len(body) > _SURELY_A_FLOAT:
        return _float(digits)
    else:
        value = int(body)
    value = -value if digits.startswith("-") else value
    if -(1 << 63) <= value < 1 << 64:
        return value
    # An octal number of that size without the `o` has always been read as a decimal one.
    return _float(digits) if body.isdecimal() else _rounded(value)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is a number that JSON does not have")
    return value


def _rounded(value: int) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("a number of this length is more than JSON readers can hold") from error
