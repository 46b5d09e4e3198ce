"""How a value is written as a YAML scalar, so that every reader of YAML 1.1 and 1.2 reads it back."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from towpath.errors import BadRequest
from towpath.resources import scalars

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER_1_2: Final = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
)
_SEXAGESIMAL: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_TIMESTAMP: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", re.DOTALL)
_UNDERSCORED: Final = re.compile(r"[-+]?[0-9.][0-9a-fA-FxXoObB_.eE+-]*")
_SPECIAL: Final = frozenset({"=", "<<", "y", "Y", "n", "N"})
_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`")
_EXPONENT_FROM: Final = 1e21
"""From here on numbers are written with an exponent."""
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


def rendered(value: Any, *, style: str | None, in_flow: bool) -> str:
    """Return a value as the text of a scalar of one line.

    `style`: the one of the scalar it takes the place of: None (plain), `'`, `"`, `|` or `>`. A string that reads back
    in it keeps it. Raises BadRequest for an object, a list and what is no number.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _string(value, style, in_flow)
        case _:
            what = "an object" if isinstance(value, dict) else "a list"
            raise BadRequest(
                f"{what} cannot take the place of a scalar; give a string, a number, a boolean or null"
            )


def is_plain(text: str, *, in_flow: bool = False) -> bool:
    """Whether a string can stand without quotes, and YAML 1.1 and 1.2 both read it as that string."""
    if not text or text != text.strip() or _UNPRINTABLE.search(text) or "\t" in text:
        return False
    if text[0] in _INDICATORS and not (text[0] == "-" and len(text) > 1 and text[1].isalnum()):
        return False
    if ": " in text or " #" in text or text.endswith(":") or text.startswith(("---", "...")):
        return False
    if in_flow and any(character in text for character in ",[]{}?"):
        return False  # kubectl and others refuse a question mark there, which libyaml takes
    return reads_as_string(text)


def reads_as_string(text: str) -> bool:
    """Whether a plain scalar is read as a string by YAML 1.1 and by YAML 1.2."""
    if text in _NULLS or text in _SPECIAL:
        return False
    try:
        if not isinstance(scalars.resolve(text), str):
            return False
    except ValueError:
        return False
    return not (
        _NUMBER_1_2.fullmatch(text)
        or _SEXAGESIMAL.fullmatch(text)
        or _TIMESTAMP.fullmatch(text)
        or (_UNDERSCORED.fullmatch(text) and _may_be_number(text))
    )


def _may_be_number(text: str) -> bool:
    """Whether a text is a number once underscores are left out, which YAML 1.1 does."""
    digits = text.replace("_", "")
    return bool(
        re.fullmatch(
            r"[-+]?(0b[01]+|0o?[0-7]+|0x[0-9a-fA-F]+|[0-9]*\.?[0-9]*([eE][-+]?[0-9]+)?)",
            digits,
            re.IGNORECASE,
        )
        and any(character.isdigit() for character in digits)
    )


def _string(text: str, style: str | None, in_flow: bool) -> str:
    if style == "'" and not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    if style in (None, "|", ">") and is_plain(text, in_flow=in_flow):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a string in double quotes."""
    encoded = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded).replace(
        "\x7f", "\\x7f"
    )


def fits_block(text: str) -> bool:
    """Whether every line of a text can stand in a literal block as it is."""
    lines = text.split("\n")
    first = next((line for line in lines if line), "")
    return (
        bool(first)
        and not first.startswith((" ", "\t"))
        and not any(_UNPRINTABLE.search(line) for line in lines)
        and not any(line and not line.strip() for line in lines)
    )


def block(text: str, indent: int) -> tuple[str, str]:
    """Return a literal block: the indicators of its header, and its lines, each with its line end.

    `indent`: columns before each line.
    """
    body = text.rstrip("\n")
    trailing = len(text) - len(body)
    chomping = {0: "-", 1: ""}.get(trailing, "+")
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    lines += [""] * (trailing - 1)
    return f"|{chomping}", "".join(f"{line}\n" for line in lines)


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise BadRequest("a number that is not finite cannot be written")
    if value.is_integer() and abs(value) < _EXPONENT_FROM:
        return str(int(value))  # JSON has one kind of number: 5.0 is the integer 5
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    if not exponent:
        return text
    # YAML 1.1 wants a dot and a sign in a number with an exponent.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{power if power[0] in '+-' else '+' + power}"
