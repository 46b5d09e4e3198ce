"""Calls: of functions, methods, builtins, and of builtins with predicates, in which `#` stands for an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import syntax
from towpath.expressions.builtins import BUILTINS
from towpath.expressions.compiling.members import LeftOut
from towpath.expressions.context import Scope
from towpath.expressions.operators import fetch
from towpath.expressions.parser import PREDICATES
from towpath.expressions.predicates import NO_ITEM, RUN
from towpath.expressions.values import Failure, Function, Record, Unknown, is_nil, shown

if TYPE_CHECKING:
    from towpath.expressions.compiling.compiler import Compiler
    from towpath.expressions.context import Closure, Context
    from towpath.expressions.syntax import Node

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


def call(compiler: Compiler, node: syntax.Call) -> Closure:
    """Compile a call of a function or a method."""
    if isinstance(node.callee, syntax.Member):
        return _method_call(compiler, node, node.callee)
    callee = compiler.compile(node.callee)
    name = node.callee.name if isinstance(node.callee, syntax.Name) else "value"
    arguments = [compiler.compile(argument) for argument in node.arguments]

    def run(c: Context) -> Any:
        function = callee(c)
        given = [argument(c) for argument in arguments]
        return _applied(compiler, c, node, name, function, given)

    return run


def _method_call(compiler: Compiler, node: syntax.Call, member: syntax.Member) -> Closure:
    of, key, optional = compiler.compile(member.of), compiler.compile(member.key), member.optional
    arguments = [compiler.compile(argument) for argument in node.arguments]

    def run(c: Context) -> Any:
        found = of(c)
        if optional and is_nil(found):
            raise LeftOut
        name = key(c)
        given = [argument(c) for argument in arguments]
        if isinstance(found, Unknown):
            return found
        try:
            method = _method(found, name)
        except Failure as failure:
            raise compiler.failed(member, failure) from failure
        return _applied(compiler, c, node, str(name), method, given)

    return run


def _applied(
    compiler: Compiler, c: Context, node: Node, name: str, function: Any, given: list[Any]
) -> Any:
    if isinstance(function, Unknown):
        return function
    if is_nil(function):
        raise compiler.error(node, f"cannot call nil: there is no function {name}")
    if not isinstance(function, Function):
        raise compiler.error(node, f"{name} is not a function but {shown(function)}")
    for argument in given:
        if isinstance(argument, Unknown):
            return argument
    try:
        for argument in given:
            if isinstance(argument, str) and len(argument) > 64:
                c.around.budget.work(len(argument) >> 3)
        return function.call(c.known, *given) if function.reads else function.call(*given)
    except Failure as failure:
        raise compiler.failed(node, failure) from failure
    except TypeError as error:
        raise compiler.error(node, f"wrong number or kind of arguments to call {name}") from error


def builtin(compiler: Compiler, node: syntax.BuiltinCall) -> Closure:
    """Compile a call of a builtin."""
    if node.name in PREDICATES:
        return _predicate_call(compiler, node)
    known = BUILTINS[node.name]
    arguments = [compiler.compile(argument) for argument in node.arguments]
    run_with, looks = known.call, node.name not in _GLANCING
    count = len(arguments)
    if count < known.least or (known.most is not None and count > known.most):
        what = "not enough" if count < known.least else "too many"
        raise compiler.error(node, f"{what} arguments to call {node.name}")

    def run(c: Context) -> Any:
        given = [argument(c) for argument in arguments]
        for argument in given:
            if isinstance(argument, Unknown):
                return argument
        try:
            if looks:
                c.around.budget.look_at(*given)
            return run_with(c.around, *given)
        except Failure as failure:
            raise compiler.failed(node, failure) from failure

    return run


def _predicate_call(compiler: Compiler, node: syntax.BuiltinCall) -> Closure:
    items, *rest = node.arguments
    source = compiler.compile(items)
    bodies = [
        compiler.compile(argument.body if isinstance(argument, syntax.Predicate) else argument)
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
            raise compiler.failed(node, failure) from failure
        finally:
            c.scope = outer

    return run


def pointer(compiler: Compiler, node: syntax.Pointer) -> Closure:
    """Compile `#`, `#index` and `#acc`."""
    match node.name:
        case "":
            return _element(compiler, node)
        case "index":
            return lambda c: c.scope.index if c.scope is not None else None
        case "acc":
            return lambda c: c.scope.acc if c.scope is not None else None
    raise compiler.error(node, f"unknown pointer #{node.name}")


def _element(compiler: Compiler, node: syntax.Pointer) -> Closure:
    def run(c: Context) -> Any:
        item = c.scope.item if c.scope is not None else None
        if item is NO_ITEM:
            raise compiler.error(
                node,
                "the elements of a map have no order: use keys or values",
            )
        return item

    return run


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
