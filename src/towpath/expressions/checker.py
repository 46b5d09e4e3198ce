"""What is wrong with an expression before it runs: types that are known and do not fit.

The environment has no declared types unless the caller gives some, so most names are `any`; literals,
builtins and registered functions have types, and what they cannot do is refused also where it would never be
evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.expressions import builtin_types, gotime, operator_types, syntax
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.failure import ExpressionError, WrongPattern, at
from towpath.expressions.parser import PREDICATES
from towpath.expressions.static_types import (
    ANY,
    BOOL,
    FUNC,
    INT,
    KEYED_BY_TEXT,
    MAP,
    NUMBERS,
    Signature,
    Type,
    array_of,
    either,
    fits,
    of_constant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions.syntax import Node

_METHODS: Final[Mapping[str, gotime.Time | gotime.Duration | gotime.Zone]] = {
    "time.Time": gotime.Time(0),
    "time.Duration": gotime.Duration(0),
    "time.Location": gotime.Zone("UTC"),
}


def check(
    tree: Node,
    source: str,
    functions: Mapping[str, Signature],
    env: Mapping[str, Type],
    *,
    is_whole: bool = False,
) -> Type:
    """Return the type of an expression. `is_whole`: whether `env` has all names. Raises ExpressionError for what cannot work."""
    return _Checker(source, functions, env, is_whole=is_whole).of(tree)


class _Checker:
    def __init__(
        self,
        source: str,
        functions: Mapping[str, Signature],
        env: Mapping[str, Type],
        *,
        is_whole: bool,
    ) -> None:
        self._is_whole = is_whole
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
                return of_constant(node.value)
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
        if (
            node.name in self._env
        ):  # a variable that is known hides the function of its name, unless that is called
            return self._env[node.name]
        if node.name in self._functions or node.name in BUILTINS or node.name in PREDICATES:
            return FUNC
        if self._is_whole and node.name not in self._env:
            raise self._wrong(node, f"unknown name {node.name}")
        return self._env.get(node.name, ANY)

    def _unary(self, node: syntax.Unary) -> Type:
        operand = self.of(node.operand)
        if operand.kind == "any":
            return BOOL if node.operator in ("!", "not") else ANY
        if node.operator in ("!", "not"):
            if operand.kind == "bool":
                return BOOL
        elif operand.kind in NUMBERS:
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
        found = operator_types.result(node.operator, left, right)
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
                if of.name in KEYED_BY_TEXT and key.kind not in ("string", "any", "nil"):
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
            if "any" not in (argument.kind, parameter.kind) and not fits(argument, parameter):
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
        wrong = builtin_types.wrong(node.name, arguments)
        if wrong is not None:
            raise self._wrong(node, wrong)
        return builtin_types.result(node.name, builtin.result, arguments)

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
        return either(self.of(node.then), self.of(node.otherwise))

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
