"""What the operators give for operands of known types, and which operands they do not take."""

from __future__ import annotations

from typing import Final

from towpath.expressions.static_types import (
    ANY,
    BOOL,
    DURATION,
    FLOAT,
    INT,
    KEYED_BY_TEXT,
    NUMBERS,
    STRING,
    TIME,
    Type,
    array_of,
    either,
)

_ORDERED: Final = ("int", "float", "string", "time.Time", "time.Duration")


def _comparable(left: Type, right: Type) -> bool:
    if "any" in (left.kind, right.kind) or "nil" in (left.kind, right.kind):
        return True
    if left.kind in NUMBERS and right.kind in NUMBERS:
        return True
    return left.kind == right.kind and left.name == right.name


def _allowed(left: Type, right: Type, *kinds: str) -> bool:
    """Whether at least one side is unknown and the other of a kind, or unknown too."""
    if left.kind == "any":
        return right.kind == "any" or right.kind in kinds
    return right.kind == "any" and left.kind in kinds


def result(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of an operation; None: it cannot work."""
    pair = (left.kind, right.kind)
    numbers = left.kind in NUMBERS and right.kind in NUMBERS
    match operator:
        case "==" | "!=":
            return BOOL if _comparable(left, right) else None
        case "and" | "&&" | "or" | "||":
            return BOOL if pair == ("bool", "bool") or _allowed(left, right, "bool") else None
        case "<" | ">" | "<=" | ">=":
            same = left.kind == right.kind and left.kind in _ORDERED
            return BOOL if numbers or same or _allowed(left, right, *_ORDERED) else None
        case "/" | "**" | "^":
            return FLOAT if numbers or _allowed(left, right, *NUMBERS) else None
        case "%":
            return INT if pair == ("int", "int") or _allowed(left, right, "int") else None
        case "..":
            return array_of(INT) if pair == ("int", "int") or _allowed(left, right, "int") else None
        case "contains" | "startsWith" | "endsWith":
            return BOOL if pair == ("string", "string") or _allowed(left, right, "string") else None
        case "matches":
            texts = left.kind in ("string", "array", "any") and right.kind in ("string", "any")
            return BOOL if texts else None
        case "in":
            return _result_of_in(left, right)
        case "??":
            return either(left, right) if left.kind != "nil" else right
        case _:
            return _result_of_sum(operator, left, right)


def _result_of_sum(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of `+`, `-` and `*`."""
    pair = (left.kind, right.kind)
    if left.kind in NUMBERS and right.kind in NUMBERS:
        return INT if pair == ("int", "int") else FLOAT
    match operator, pair:
        case "+", ("string", "string"):
            return STRING
        case "+", ("time.Duration", "time.Time"):
            return TIME
        case "+" | "-", ("time.Time", "time.Duration"):
            return TIME
        case "+" | "-", ("time.Duration", "time.Duration"):
            return DURATION
        case "-", ("time.Time", "time.Time"):
            return DURATION
        case "*", ("int", "time.Duration") | ("time.Duration", "int"):
            return DURATION
        case "*", ("float", "time.Duration") | ("time.Duration", "float"):
            return FLOAT
    kinds = {
        "+": _ORDERED,
        "-": ("int", "float", "time.Time", "time.Duration"),
        "*": ("int", "float", "time.Duration"),
    }[operator]
    return ANY if _allowed(left, right, *kinds) else None


def _result_of_in(left: Type, right: Type) -> Type | None:
    match right.kind:
        case "any":
            return BOOL
        case "array":
            element = right.element or ANY
            return BOOL if _comparable(left, element) else None
        case "map":
            fits = right.name not in KEYED_BY_TEXT or left.kind in ("string", "any", "nil")
            return BOOL if fits else None
        case "record":
            return BOOL if left.kind in ("string", "any", "nil") else None
        case _:
            return None
