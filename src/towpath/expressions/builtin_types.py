"""What the builtin functions give for arguments of known types, and what they refuse beyond an argument's kind."""

from __future__ import annotations

from towpath.expressions.static_types import ANY, KEYED_BY_TEXT, NUMBERS, STRING, Type, array_of


def wrong(name: str, arguments: list[Type]) -> str | None:
    """Return what is wrong with a call whose arguments have the kinds that are wanted, or None."""
    match name:
        case "get":
            return _wrong_look_up(*arguments)
        case "first" | "last" if arguments[0].kind not in ("any", "array"):
            return f"invalid argument for {name} (type {arguments[0]})"
        case "now" if arguments and arguments[0].kind not in ("any", "time.Location"):
            return f"invalid argument for now (type {arguments[0]})"
        case "date":
            for argument in arguments:
                if argument.kind not in ("any", "string", "time.Location"):
                    return f"invalid argument for date (type {argument})"
        case "join":
            element = arguments[0].element
            if element is not None and element.kind not in ("string", "any"):
                return f"cannot join elements of type {element}"
    return None


def _wrong_look_up(of: Type, key: Type) -> str | None:
    if of.kind not in ("any", "array", "map"):
        return f"type {of} does not support indexing"
    if of.kind == "array" and key.kind not in ("int", "any"):
        return f"cannot use {key} as an index"
    by_text = of.kind == "map" and of.name in KEYED_BY_TEXT
    if by_text and key.kind not in ("string", "any", "nil"):
        return f"cannot use {key} to get an element from a map of texts"
    return None


def result(name: str, declared: str, arguments: list[Type]) -> Type:
    """Return the type of a call; `declared` is the builtin's own, which the arguments may say more of."""
    match name:
        case "first" | "last":
            return arguments[0].element or ANY
        case "take" | "reverse" | "uniq" | "sort":
            return arguments[0] if arguments[0].kind == "array" else Type("array")
        case "split" | "splitAfter":
            return array_of(STRING)
        case "abs":
            return arguments[0] if arguments[0].kind in NUMBERS else ANY
        case "get":
            return arguments[0].element or ANY
        case "fromPairs":
            return Type("map", None, "map[interface {}]interface {}")
        case _:
            return ANY if declared in ("any", "number") else Type(declared)
