"""A syntax tree to closures: each node becomes a function of the evaluation's context.

No source text is generated and nothing of Python's is evaluated; a closure calls closures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.expressions import operators, syntax
from towpath.expressions.budget import WITH_A_SIZE
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.context import Context, Scope
from towpath.expressions.failure import ExpressionError, at
from towpath.expressions.operators import fetch
from towpath.expressions.parser import PREDICATES
from towpath.expressions.predicates import NO_ITEM, RUN
from towpath.expressions.values import Failure, Function, Record, Unknown, is_nil, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.budget import Budget
    from towpath.expressions.syntax import Node


_LONG_CHAIN: Final = 8


class _LeftOut(Exception):  # noqa: N818 - `?.` met nil: the rest of the chain is left out
    pass


class Compiler:
    """Compiles the tree of one source text."""

    def __init__(self, source: str, functions: frozenset[str]) -> None:
        self._source = source
        self._functions = functions
        self._lets: list[str] = []

    def compile(self, node: Node) -> Callable[[Context], Any]:
        """Return the closure of a node."""
        compiled: Callable[[Context], Any] = getattr(self, _METHODS[type(node)])(node)
        return compiled

    def _at(self, node: Node, failure: Failure) -> ExpressionError:
        return at(self._source, node.offset, str(failure), bare=failure.bare)

    def _constant(self, node: syntax.Constant) -> Callable[[Context], Any]:
        value = node.value
        return lambda _: value

    def _name(self, node: syntax.Name) -> Callable[[Context], Any]:
        name = node.name
        if name in self._lets:
            index = len(self._lets) - 1 - self._lets[::-1].index(name)
            return lambda c: c.lets[index]
        if name == "$env":
            return lambda c: c.env
        if name in self._functions:
            return lambda c: c.env[name] if name in c.env else c.functions[name]
        return lambda c: c.env.get(name)

    def _unary(self, node: syntax.Unary) -> Callable[[Context], Any]:
        operand = self.compile(node.operand)
        operation = operators.known(operators.UNARY[node.operator])

        def run(c: Context) -> Any:
            try:
                return operation(operand(c))
            except Failure as failure:
                raise self._at(node, failure) from failure

        return run

    def _binary(self, node: syntax.Binary) -> Callable[[Context], Any]:
        match node.operator:
            case "and" | "&&":
                return self._logical(node, stops_at=False)
            case "or" | "||":
                return self._logical(node, stops_at=True)
            case "??":
                return self._coalesce(node)
            case "..":
                return self._range(node)
        chain = _left_chain(node, lambda operator: operator in operators.BINARY)
        if len(chain) > 1:
            return self._operation_chain(chain)
        left, right = self.compile(node.left), self.compile(node.right)
        operation = operators.known(operators.BINARY[node.operator])
        measured, operator = node.operator == "+", node.operator

        def run(c: Context) -> Any:
            first, second = left(c), right(c)
            try:
                if type(second) in WITH_A_SIZE and not measured:
                    _look_at(c.around.budget, operator, first, second)
                result = operation(first, second)
                if measured and isinstance(result, str):
                    c.around.budget.write(len(result))
            except Failure as failure:
                raise self._at(node, failure) from failure
            return result

        return run

    def _operation_chain(self, chain: list[syntax.Binary]) -> Callable[[Context], Any]:
        """Compile `a + b - c …`, which leans left, without a call for each of its operators."""
        first = self.compile(chain[0].left)
        rest = [
            (node, operators.known(operators.BINARY[node.operator]), self.compile(node.right))
            for node in chain
        ]

        def run(c: Context) -> Any:
            result = first(c)
            for node, operation, operand in rest:
                second = operand(c)
                try:
                    if type(second) in WITH_A_SIZE and node.operator != "+":
                        _look_at(c.around.budget, node.operator, result, second)
                    result = operation(result, second)
                    if isinstance(result, str):
                        c.around.budget.write(len(result))
                except Failure as failure:
                    raise self._at(node, failure) from failure
            return result

        return run

    def _logical(self, node: syntax.Binary, *, stops_at: bool) -> Callable[[Context], Any]:
        names = ("or", "||") if stops_at else ("and", "&&")
        chain = _left_chain(node, lambda operator: operator in names)
        if len(chain) > _LONG_CHAIN:
            return self._logical_chain(chain, stops_at=stops_at)
        left, right = self.compile(node.left), self.compile(node.right)
        if isinstance(node.right, syntax.Constant) and node.right.value is stops_at:
            return lambda _: stops_at  # folded, as by the reference: the left side does not matter

        def run(c: Context) -> Any:
            first = left(c)
            if first is stops_at:
                return first
            if isinstance(first, (bool, Unknown)):
                second = right(c)
                if isinstance(first, Unknown):
                    return second if second is stops_at else first
                return second
            raise at(self._source, node.left.offset, f"{shown(first)} is not a bool")

        return run

    def _logical_chain(
        self, chain: list[syntax.Binary], *, stops_at: bool
    ) -> Callable[[Context], Any]:
        """Compile a long `a || b || c …` without a call for each of its operators."""
        first, *rest = [chain[0].left, *(node.right for node in chain)]
        opening = self.compile(first)
        compiled = [(term, self.compile(term)) for term in rest]
        if any(isinstance(one, syntax.Constant) and one.value is stops_at for one in rest):
            return lambda _: stops_at  # folded, as in `_logical`

        def run(c: Context) -> Any:
            found, place = opening(c), first
            for term, compiled_term in compiled:
                if found is stops_at:
                    return found
                if not isinstance(found, bool | Unknown):
                    raise at(self._source, place.offset, f"{shown(found)} is not a bool")
                following = compiled_term(c)
                if following is stops_at or not isinstance(found, Unknown):
                    found = following
                place = term
            return found

        return run

    def _coalesce(self, node: syntax.Binary) -> Callable[[Context], Any]:
        left, right = self.compile(node.left), self.compile(node.right)

        def run(c: Context) -> Any:
            found = left(c)
            return right(c) if is_nil(found) else found

        return run

    def _range(self, node: syntax.Binary) -> Callable[[Context], Any]:
        left, right = self.compile(node.left), self.compile(node.right)

        def run(c: Context) -> Any:
            start, stop = left(c), right(c)
            for end in (start, stop):
                if isinstance(end, Unknown):
                    return end
            try:
                size = operators.length_of_range(start, stop)
                c.around.budget.grow(size)
            except Failure as failure:
                raise self._at(node, failure) from failure
            return list(range(int(start), int(start) + size))

        return run

    def _chain(self, node: syntax.Chain) -> Callable[[Context], Any]:
        inner = self.compile(node.inner)

        def run(c: Context) -> Any:
            try:
                found = inner(c)
            except _LeftOut:
                return None
            return None if is_nil(found) else found

        return run

    def _member(self, node: syntax.Member) -> Callable[[Context], Any]:
        of, key, optional = self.compile(node.of), self.compile(node.key), node.optional
        if isinstance(node.key, syntax.Constant) and isinstance(node.key.value, str):
            return self._field(node, of, node.key.value)

        def run(c: Context) -> Any:
            found = of(c)
            if optional and is_nil(found):
                raise _LeftOut
            index = key(c)
            if isinstance(found, Unknown):
                return found
            if isinstance(index, Unknown):
                return index
            try:
                if isinstance(found, str) and not found.isascii():  # its bytes are made
                    c.around.budget.work(len(found) >> 6)
                return fetch(found, index)
            except Failure as failure:
                raise self._at(node, failure) from failure

        return run

    def _field(
        self, node: syntax.Member, of: Callable[[Context], Any], name: str
    ) -> Callable[[Context], Any]:
        """Compile `of.name`, the usual case: a key of a map."""
        optional = node.optional

        def run(c: Context) -> Any:
            found = of(c)
            if type(found) is dict:
                return found.get(name)
            if optional and is_nil(found):
                raise _LeftOut
            if isinstance(found, Unknown):
                return found
            if isinstance(found, Record) and name not in found.fields and name in found.methods:
                return Function(name, found.methods[name])
            try:
                return fetch(found, name)
            except Failure as failure:
                raise self._at(node, failure) from failure

        return run

    def _slice(self, node: syntax.Slice) -> Callable[[Context], Any]:
        of = self.compile(node.of)
        ends = [None if end is None else self.compile(end) for end in (node.start, node.stop)]
        operation = operators.known(operators.sliced)

        def run(c: Context) -> Any:
            found = of(c)
            start, stop = (operators.LEFT_OUT if end is None else end(c) for end in ends)
            try:
                if isinstance(found, str) and not found.isascii():  # its bytes are made
                    c.around.budget.work(len(found) >> 6)
                result = operation(found, start, stop)
                if not isinstance(result, Unknown):
                    c.around.budget.write(len(result))
            except Failure as failure:
                raise self._at(node, failure) from failure
            return result

        return run

    def _call(self, node: syntax.Call) -> Callable[[Context], Any]:
        if isinstance(node.callee, syntax.Member):
            return self._method_call(node, node.callee)
        callee = self.compile(node.callee)
        name = node.callee.name if isinstance(node.callee, syntax.Name) else "value"
        arguments = [self.compile(argument) for argument in node.arguments]

        def run(c: Context) -> Any:
            function = callee(c)
            given = [argument(c) for argument in arguments]
            return self._applied(c, node, name, function, given)

        return run

    def _method_call(self, node: syntax.Call, member: syntax.Member) -> Callable[[Context], Any]:
        of, key, optional = self.compile(member.of), self.compile(member.key), member.optional
        arguments = [self.compile(argument) for argument in node.arguments]

        def run(c: Context) -> Any:
            found = of(c)
            if optional and is_nil(found):
                raise _LeftOut
            name = key(c)
            given = [argument(c) for argument in arguments]
            if isinstance(found, Unknown):
                return found
            try:
                method = _method(found, name)
            except Failure as failure:
                raise self._at(member, failure) from failure
            return self._applied(c, node, str(name), method, given)

        return run

    def _applied(self, c: Context, node: Node, name: str, function: Any, given: list[Any]) -> Any:
        if isinstance(function, Unknown):
            return function
        if is_nil(function):
            raise at(self._source, node.offset, f"cannot call nil: there is no function {name}")
        if not isinstance(function, Function):
            raise at(self._source, node.offset, f"{name} is not a function but {shown(function)}")
        for argument in given:
            if isinstance(argument, Unknown):
                return argument
        try:
            for argument in given:
                if isinstance(argument, str) and len(argument) > 64:
                    c.around.budget.work(len(argument) >> 3)
            return function.call(c.known, *given) if function.reads else function.call(*given)
        except Failure as failure:
            raise self._at(node, failure) from failure
        except TypeError as error:
            raise at(
                self._source, node.offset, f"wrong number or kind of arguments to call {name}"
            ) from error

    def _builtin(self, node: syntax.BuiltinCall) -> Callable[[Context], Any]:
        if node.name in PREDICATES:
            return self._predicate_call(node)
        builtin = BUILTINS[node.name]
        arguments = [self.compile(argument) for argument in node.arguments]
        call, looks = builtin.call, node.name not in _GLANCING
        count = len(arguments)
        if count < builtin.least or (builtin.most is not None and count > builtin.most):
            what = "not enough" if count < builtin.least else "too many"
            raise at(self._source, node.offset, f"{what} arguments to call {node.name}")

        def run(c: Context) -> Any:
            given = [argument(c) for argument in arguments]
            for argument in given:
                if isinstance(argument, Unknown):
                    return argument
            try:
                if looks:
                    c.around.budget.look_at(*given)
                return call(c.around, *given)
            except Failure as failure:
                raise self._at(node, failure) from failure

        return run

    def _predicate_call(self, node: syntax.BuiltinCall) -> Callable[[Context], Any]:
        items, *rest = node.arguments
        source = self.compile(items)
        bodies = [
            self.compile(argument.body if isinstance(argument, syntax.Predicate) else argument)
            for argument in rest
        ]
        operation, cost = RUN[node.name], max(1, sum(map(_size, rest)) // 3)

        def run(c: Context) -> Any:
            found = source(c)
            if isinstance(found, Unknown):
                return found
            outer, c.scope = c.scope, Scope(cost=cost)
            try:
                return operation(c, found, c.scope, outer, *bodies)
            except Failure as failure:
                raise self._at(node, failure) from failure
            finally:
                c.scope = outer

        return run

    def _pointer(self, node: syntax.Pointer) -> Callable[[Context], Any]:
        match node.name:
            case "":
                return self._element(node)
            case "index":
                return lambda c: c.scope.index if c.scope is not None else None
            case "acc":
                return lambda c: c.scope.acc if c.scope is not None else None
        raise at(self._source, node.offset, f"unknown pointer #{node.name}")

    def _element(self, node: syntax.Pointer) -> Callable[[Context], Any]:
        def run(c: Context) -> Any:
            item = c.scope.item if c.scope is not None else None
            if item is NO_ITEM:
                raise at(
                    self._source,
                    node.offset,
                    "the elements of a map have no order: use keys or values",
                )
            return item

        return run

    def _conditional(self, node: syntax.Conditional) -> Callable[[Context], Any]:
        condition = self.compile(node.condition)
        then, otherwise = self.compile(node.then), self.compile(node.otherwise)

        def run(c: Context) -> Any:
            decided = condition(c)
            if decided is True:
                return then(c)
            if decided is False:
                return otherwise(c)
            if isinstance(decided, Unknown):
                return decided
            raise at(self._source, node.condition.offset, f"{shown(decided)} is not a bool")

        return run

    def _let(self, node: syntax.Let) -> Callable[[Context], Any]:
        name = node.name
        if name in BUILTINS or name in PREDICATES or name in self._functions or name in self._lets:
            raise at(self._source, node.offset, f"cannot redeclare {name}")
        value = self.compile(node.value)
        index = len(self._lets)
        self._lets.append(name)
        body = self.compile(node.body)
        self._lets.pop()

        def run(c: Context) -> Any:
            found = value(c)
            del c.lets[index:]
            c.lets.append(found)
            return body(c)

        return run

    def _sequence(self, node: syntax.Sequence) -> Callable[[Context], Any]:
        nodes = [self.compile(one) for one in node.nodes]

        def run(c: Context) -> Any:
            result = None
            for one in nodes:
                result = one(c)
            return result

        return run

    def _array(self, node: syntax.Array) -> Callable[[Context], Any]:
        items = [self.compile(item) for item in node.items]
        size = len(items)

        def run(c: Context) -> Any:
            try:
                c.around.budget.grow(size)
            except Failure as failure:
                raise self._at(node, failure) from failure
            return [item(c) for item in items]

        return run

    def _map(self, node: syntax.Map) -> Callable[[Context], Any]:
        pairs = [(key, self.compile(key), self.compile(value)) for key, value in node.pairs]

        def run(c: Context) -> Any:
            try:
                c.around.budget.grow(len(pairs))
            except Failure as failure:
                raise self._at(node, failure) from failure
            made: dict[str, Any] = {}
            for place, key, value in pairs:
                name = key(c)
                if not isinstance(name, str):
                    raise at(
                        self._source, place.offset, f"a key must be a string, not {shown(name)}"
                    )
                made.setdefault(name, value(c))  # of a key written twice the first counts
            return made

        return run


def _left_chain(node: syntax.Binary, is_meant: Callable[[str], bool]) -> list[syntax.Binary]:
    """Return the operations of a chain that leans left, the innermost first."""
    chain = [node]
    while isinstance(chain[-1].left, syntax.Binary) and is_meant(chain[-1].left.operator):
        chain.append(chain[-1].left)
    chain.reverse()
    return chain


def _size(node: Node) -> int:
    """Return how many nodes a tree has."""
    count, stack = 0, [node]
    while stack:
        one = stack.pop()
        count += 1
        for name in one.__slots__:
            inner = getattr(one, name)
            for part in inner if isinstance(inner, list) else (inner,):
                stack += [
                    each
                    for each in (part if isinstance(part, tuple) else (part,))
                    if isinstance(each, syntax.Node)
                ]
    return count


def _look_at(budget: Budget, operator: str, left: Any, right: Any) -> None:
    """Take the work of an operator on texts, lists or maps. Raises Failure."""
    match operator, right:
        case "in", list() if type(left) not in WITH_A_SIZE or isinstance(left, str):
            budget.work(len(right) >> 2 if isinstance(left, str) else len(right) * 2)
        case "in", dict() | str() | bytes():
            pass
        case "matches", _ if isinstance(left, str | bytes):
            budget.work(len(left) >> 4)
            if isinstance(right, str):
                budget.work(patterns.work(right))
        case _:
            if type(left) in WITH_A_SIZE:
                budget.look_at(left, right)


def _method(of: Any, name: Any) -> Any:
    """Return what `of.name(…)` calls. Raises Failure."""
    if isinstance(of, Record):
        if name in of.methods:
            return Function(name, of.methods[name])
        return fetch(of, name)
    find = getattr(of, "method", None)
    if find is None:
        return fetch(of, name)
    found = find(name)
    if found is None:
        raise Failure(f"type {shown(of)} has no method {name}")
    return Function(name, found)


_GLANCING: Final = frozenset(
    {
        "len",
        "type",
        "get",
        "first",
        "last",
        "take",
        "keys",
        "values",
        "toPairs",
        "concat",
        "reverse",
    }
)
"""Builtins that do not look at all of their arguments, or take memory for what they look at."""
_METHODS: Final[dict[type[Any], str]] = {
    syntax.Constant: "_constant",
    syntax.Name: "_name",
    syntax.Unary: "_unary",
    syntax.Binary: "_binary",
    syntax.Chain: "_chain",
    syntax.Member: "_member",
    syntax.Slice: "_slice",
    syntax.Call: "_call",
    syntax.BuiltinCall: "_builtin",
    syntax.Pointer: "_pointer",
    syntax.Conditional: "_conditional",
    syntax.Let: "_let",
    syntax.Sequence: "_sequence",
    syntax.Array: "_array",
    syntax.Map: "_map",
}
