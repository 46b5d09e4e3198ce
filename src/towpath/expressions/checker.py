"""What is wrong with an expression before it runs: types that are known and do not fit.

The environment has no declared types unless the caller gives some, so most names are `any`; literals,
builtins and registered functions have types, and what they cannot do is refused also where it would never be
evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.expressions import gotime, syntax
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.failure import ExpressionError, WrongPattern, at
from towpath.expressions.parser import PREDICATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions.syntax import Node


@dataclass(frozen=True, slots=True)
class Type:
    """A type as far as it is known before running."""

    kind: str
    """any nil bool int float string array map func time.Time time.Duration time.Location record."""
    element: Type | None = None
    """Of arrays; None: any."""
    name: str = ""
    """Of records and maps with keys of their own, what they are called."""
    fields: Mapping[str, Type] = field(default_factory=dict)
    """Of records."""
    methods: Mapping[str, Type] = field(default_factory=dict)
    """Of records: what each method returns."""

    def __str__(self) -> str:
        return self.name or ("unknown" if self.kind == "any" else self.kind)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a registered function is called."""

    least: int
    most: int
    parameters: tuple[Type, ...]
    result: Type


ANY: Final = Type("any")
NIL: Final = Type("nil")
BOOL: Final = Type("bool")
INT: Final = Type("int")
FLOAT: Final = Type("float")
STRING: Final = Type("string")
MAP: Final = Type("map")
TEXTS: Final = Type("map", STRING, "map[string]string")
"""A map of texts to texts."""
FUNC: Final = Type("func")
TIME: Final = Type("time.Time")
DURATION: Final = Type("time.Duration")
_NUMBERS: Final = ("int", "float")
_ORDERED: Final = ("int", "float", "string", "time.Time", "time.Duration")
_METHODS: Final[Mapping[str, gotime.Time | gotime.Duration | gotime.Zone]] = {
    "time.Time": gotime.Time(0),
    "time.Duration": gotime.Duration(0),
    "time.Location": gotime.Zone("UTC"),
}
_KEYED_BY_TEXT: Final = ("", TEXTS.name)
"""Names of the types of maps whose keys are texts."""


def array_of(element: Type) -> Type:
    """Return the type of a list."""
    return Type("array", None if element.kind == "any" else element)


def check(
    tree: Node, source: str, functions: Mapping[str, Signature], env: Mapping[str, Type]
) -> Type:
    """Return the type of an expression. Raises ExpressionError for what cannot work."""
    return _Checker(source, functions, env).of(tree)


class _Checker:
    def __init__(
        self, source: str, functions: Mapping[str, Signature], env: Mapping[str, Type]
    ) -> None:
        self._source = source
        self._functions = functions
        self._env = env
        self._lets: list[tuple[str, Type]] = []
        self._elements: list[tuple[Type, str]] = []
        self._effort = patterns.Effort()

    def _wrong(self, node: Node, message: str) -> ExpressionError:
        return at(self._source, node.offset, message)

    def of(self, node: Node) -> Type:
        """Return the type of a node."""
        match node:
            case syntax.Constant():
                return _of_constant(node.value)
            case syntax.Name():
                return self._name(node)
            case syntax.Unary():
                return self._unary(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Chain():
                return self.of(node.inner)
            case syntax.Member():
                return self._member(node)
            case syntax.Slice():
                return self._slice(node)
            case syntax.Call():
                return self._call(node)
            case syntax.BuiltinCall():
                return self._builtin(node)
            case syntax.Pointer():
                return self._pointer(node)
            case syntax.Conditional():
                return self._conditional(node)
            case syntax.Let():
                return self._let(node)
            case syntax.Sequence():
                return [self.of(one) for one in node.nodes][-1]
            case syntax.Array():
                return self._array(node)
            case syntax.Map():
                return self._map(node)
            case _:
                return ANY

    def _name(self, node: syntax.Name) -> Type:
        for name, type_ in reversed(self._lets):
            if name == node.name:
                return type_
        if node.name == "$env":
            return ANY
        if node.name in self._functions or node.name in BUILTINS or node.name in PREDICATES:
            return FUNC
        return self._env.get(node.name, ANY)

    def _unary(self, node: syntax.Unary) -> Type:
        operand = self.of(node.operand)
        if operand.kind == "any":
            return BOOL if node.operator in ("!", "not") else ANY
        if node.operator in ("!", "not"):
            if operand.kind == "bool":
                return BOOL
        elif operand.kind in _NUMBERS:
            return operand
        raise self._wrong(node, f"invalid operation: {node.operator} (mismatched type {operand})")

    def _binary(self, node: syntax.Binary) -> Type:
        chain = [node]
        while isinstance(chain[-1].left, syntax.Binary):  # long ones must not go deep
            chain.append(chain[-1].left)
        left = self.of(chain[-1].left)
        for one in reversed(chain):
            left = self._operation(one, left, self.of(one.right))
        return left

    def _operation(self, node: syntax.Binary, left: Type, right: Type) -> Type:
        found = _result(node.operator, left, right)
        if found is None:
            raise self._wrong(
                node, f"invalid operation: {node.operator} (mismatched types {left} and {right})"
            )
        if node.operator == "matches" and isinstance(node.right, syntax.Constant):
            pattern = str(node.right.value)
            try:
                self._effort.take(patterns.weight(pattern))
                patterns.compile(pattern)
            except patterns.PatternError as error:
                wrong = self._wrong(node.right, f"error parsing regexp: {error}")
                raise WrongPattern(
                    wrong.problem, wrong.line, wrong.column, excerpt=wrong.excerpt
                ) from error
        if (
            node.operator == "%"
            and isinstance(node.right, syntax.Constant)
            and node.right.value == 0
            and isinstance(node.left, syntax.Constant)
        ):
            raise self._wrong(node, "integer divide by zero")
        return found

    def _member(self, node: syntax.Member) -> Type:
        name = node.key.value if isinstance(node.key, syntax.Constant) else None
        if isinstance(node.of, syntax.Name) and node.of.name == "$env":
            return self._env.get(name, ANY) if isinstance(name, str) else ANY
        of, key = self.of(node.of), self.of(node.key)
        match of.kind:
            case "any":
                return ANY
            case "array":
                if key.kind not in ("int", "any"):
                    raise self._wrong(
                        node, f"array elements can only be selected using an integer (got {key})"
                    )
                return of.element or ANY
            case "map":
                if of.name in _KEYED_BY_TEXT and key.kind not in ("string", "any", "nil"):
                    raise self._wrong(
                        node, f"cannot use {key} to get an element from a map of texts"
                    )
                return of.element or ANY
            case "record":
                if isinstance(name, str) and name in of.fields:
                    return of.fields[name]
                if isinstance(name, str) and name in of.methods:
                    return FUNC
            case kind if kind in _METHODS and isinstance(name, str):
                if _METHODS[kind].method(name) is not None:
                    return FUNC
        if isinstance(name, str):
            raise self._wrong(node, f"type {of} has no field {name}")
        raise self._wrong(node, f"type {of}[{key}] is undefined")

    def _slice(self, node: syntax.Slice) -> Type:
        of = self.of(node.of)
        if of.kind not in ("any", "array", "string"):
            raise self._wrong(node, f"cannot slice {of}")
        for end in (node.start, node.stop):
            if end is not None and (found := self.of(end)).kind not in ("int", "any"):
                raise self._wrong(end, f"non-integer slice index {found}")
        return of

    def _call(self, node: syntax.Call) -> Type:
        arguments = [self.of(argument) for argument in node.arguments]
        callee = node.callee
        if isinstance(callee, syntax.Member):
            of = self.of(callee.of)
            key = callee.key.value if isinstance(callee.key, syntax.Constant) else None
            self._member(callee)
            if of.kind == "record" and isinstance(key, str) and key in of.methods:
                return of.methods[key]
            return ANY
        if isinstance(callee, syntax.Name):
            is_let = any(name == callee.name for name, _ in self._lets)
            if not is_let and callee.name in self._functions:
                return self._registered(node, callee.name, arguments)
            found = self._name(callee)
            if found.kind not in ("any", "func"):
                raise self._wrong(node, f"{found} is not callable")
        return ANY

    def _registered(self, node: syntax.Call, name: str, arguments: list[Type]) -> Type:
        wanted = self._functions[name]
        if len(arguments) < wanted.least:
            raise self._wrong(node, f"not enough arguments to call {name}")
        if len(arguments) > wanted.most:
            raise self._wrong(node, f"too many arguments to call {name}")
        for place, (argument, parameter) in enumerate(
            zip(arguments, wanted.parameters, strict=False)
        ):
            if "any" not in (argument.kind, parameter.kind) and not _fits(argument, parameter):
                raise self._wrong(
                    node.arguments[place],
                    f"cannot use {argument} as argument (type {parameter}) to call {name}",
                )
        return wanted.result

    def _builtin(self, node: syntax.BuiltinCall) -> Type:
        if node.name in PREDICATES:
            return self._predicate_call(node)
        builtin = BUILTINS[node.name]
        arguments = [self.of(argument) for argument in node.arguments]
        if len(arguments) < builtin.least:
            raise self._wrong(node, f"not enough arguments to call {node.name}")
        if builtin.most is not None and len(arguments) > builtin.most:
            raise self._wrong(node, f"too many arguments to call {node.name}")
        for place, argument in enumerate(arguments):
            if not builtin.wanted or argument.kind == "any":
                continue
            wanted = builtin.wanted[min(place, len(builtin.wanted) - 1)]
            if argument.kind not in wanted.split("|"):
                raise self._wrong(
                    node.arguments[place], f"invalid argument for {node.name} (type {argument})"
                )
        self._further(node, arguments)
        return _builtin_result(node.name, builtin.result, arguments)

    def _further(self, node: syntax.BuiltinCall, arguments: list[Type]) -> None:
        """Check what is more than a kind."""
        match node.name:
            case "get":
                of, key = arguments
                if of.kind not in ("any", "array", "map"):
                    raise self._wrong(node, f"type {of} does not support indexing")
                if of.kind == "array" and key.kind not in ("int", "any"):
                    raise self._wrong(node, f"cannot use {key} as an index")
                by_text = of.kind == "map" and of.name in _KEYED_BY_TEXT
                if by_text and key.kind not in ("string", "any", "nil"):
                    raise self._wrong(
                        node, f"cannot use {key} to get an element from a map of texts"
                    )
            case "first" | "last":
                if arguments[0].kind not in ("any", "array"):
                    raise self._wrong(
                        node, f"invalid argument for {node.name} (type {arguments[0]})"
                    )
            case "now":
                if arguments and arguments[0].kind not in ("any", "time.Location"):
                    raise self._wrong(node, f"invalid argument for now (type {arguments[0]})")
            case "date":
                for argument in arguments:
                    if argument.kind not in ("any", "string", "time.Location"):
                        raise self._wrong(node, f"invalid argument for date (type {argument})")
            case "join":
                element = arguments[0].element
                if element is not None and element.kind not in ("string", "any"):
                    raise self._wrong(node, f"cannot join elements of type {element}")

    def _predicate_call(self, node: syntax.BuiltinCall) -> Type:
        name = node.name
        items = self.of(node.arguments[0])
        if items.kind not in ("any", "array"):
            raise self._wrong(node.arguments[0], f"builtin {name} takes only array (got {items})")
        element = (items.element or ANY) if items.kind == "array" else ANY
        body = BOOL if name not in ("map", "sum", "groupBy", "sortBy", "reduce") else ANY
        if len(node.arguments) > 1:
            self._elements.append((element, name))
            predicate = node.arguments[1]
            found = self.of(
                predicate.body if isinstance(predicate, syntax.Predicate) else predicate
            )
            self._elements.pop()
            if body is BOOL and found.kind not in ("bool", "any"):
                raise self._wrong(predicate, f"predicate should return boolean (got {found})")
            body = found
        if len(node.arguments) > 2:
            last = self.of(node.arguments[2])
            if name == "sortBy" and last.kind not in ("string", "any"):
                raise self._wrong(node.arguments[2], f"invalid order (type {last})")
        match name:
            case "all" | "any" | "none" | "one":
                return BOOL
            case "filter":
                return array_of(element)
            case "map":
                return array_of(body)
            case "count":
                return INT
            case "find" | "findLast":
                return element
            case "findIndex" | "findLastIndex":
                return INT
            case "groupBy":
                return Type("map", array_of(element), "map[interface {}][]interface {}")
            case "sortBy":
                return array_of(element)
            case _:
                return ANY

    def _pointer(self, node: syntax.Pointer) -> Type:
        element, name = self._elements[-1]
        match node.name:
            case "":
                return element
            case "index" if name in ("map", "reduce"):
                return INT
            case "acc" if name == "reduce":
                return ANY
        raise self._wrong(node, f"unknown pointer #{node.name}")

    def _conditional(self, node: syntax.Conditional) -> Type:
        condition = self.of(node.condition)
        if condition.kind not in ("bool", "any"):
            raise self._wrong(
                node.condition, f"non-bool expression (type {condition}) used as condition"
            )
        return _either(self.of(node.then), self.of(node.otherwise))

    def _let(self, node: syntax.Let) -> Type:
        if node.name in self._env:
            raise self._wrong(node, f"cannot redeclare {node.name}")
        self._lets.append((node.name, self.of(node.value)))
        found = self.of(node.body)
        self._lets.pop()
        return found

    def _array(self, node: syntax.Array) -> Type:
        found = [self.of(item) for item in node.items]
        if found and all(one.kind == found[0].kind for one in found):
            return array_of(found[0])
        return Type("array")

    def _map(self, node: syntax.Map) -> Type:
        for key, value in node.pairs:
            if (found := self.of(key)).kind not in ("string", "any"):
                raise self._wrong(key, f"a key must be a string (got {found})")
            self.of(value)
        return MAP


def _of_constant(value: object) -> Type:
    match value:
        case None:
            return NIL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case bytes():
            return array_of(INT)
        case _:
            return STRING


def _fits(argument: Type, parameter: Type) -> bool:
    if parameter.kind == "record" or argument.kind == "record":
        return argument.name == parameter.name
    return argument.kind == parameter.kind


def _either(one: Type, other: Type) -> Type:
    if one.kind == "nil":
        return other
    if other.kind == "nil" or one == other:
        return one
    return one if one.kind == other.kind and one.kind not in ("array", "map", "record") else ANY


def _comparable(left: Type, right: Type) -> bool:
    if "any" in (left.kind, right.kind) or "nil" in (left.kind, right.kind):
        return True
    if left.kind in _NUMBERS and right.kind in _NUMBERS:
        return True
    return left.kind == right.kind and left.name == right.name


def _allowed(left: Type, right: Type, *kinds: str) -> bool:
    """Whether at least one side is unknown and the other of a kind, or unknown too."""
    if left.kind == "any":
        return right.kind == "any" or right.kind in kinds
    return right.kind == "any" and left.kind in kinds


def _result(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of an operation; None: it cannot work."""
    pair = (left.kind, right.kind)
    numbers = left.kind in _NUMBERS and right.kind in _NUMBERS
    match operator:
        case "==" | "!=":
            return BOOL if _comparable(left, right) else None
        case "and" | "&&" | "or" | "||":
            return BOOL if pair == ("bool", "bool") or _allowed(left, right, "bool") else None
        case "<" | ">" | "<=" | ">=":
            same = left.kind == right.kind and left.kind in _ORDERED
            return BOOL if numbers or same or _allowed(left, right, *_ORDERED) else None
        case "/" | "**" | "^":
            return FLOAT if numbers or _allowed(left, right, *_NUMBERS) else None
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
            return _either(left, right) if left.kind != "nil" else right
        case _:
            return _result_of_sum(operator, left, right)


def _result_of_sum(operator: str, left: Type, right: Type) -> Type | None:
    """Return the type of `+`, `-` and `*`."""
    pair = (left.kind, right.kind)
    if left.kind in _NUMBERS and right.kind in _NUMBERS:
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
            fits = right.name not in _KEYED_BY_TEXT or left.kind in ("string", "any", "nil")
            return BOOL if fits else None
        case "record":
            return BOOL if left.kind in ("string", "any", "nil") else None
        case _:
            return None


def _builtin_result(name: str, result: str, arguments: list[Type]) -> Type:
    match name:
        case "first" | "last":
            return arguments[0].element or ANY
        case "take" | "reverse" | "uniq" | "sort":
            return arguments[0] if arguments[0].kind == "array" else Type("array")
        case "split" | "splitAfter":
            return array_of(STRING)
        case "abs":
            return arguments[0] if arguments[0].kind in _NUMBERS else ANY
        case "get":
            return arguments[0].element or ANY
        case "fromPairs":
            return Type("map", None, "map[interface {}]interface {}")
        case _:
            return ANY if result in ("any", "number") else Type(result)
