"""Operators: of one operand and of two, chains of them among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.expressions import operators, syntax
from towpath.expressions.budget import WITH_A_SIZE
from towpath.expressions.values import Failure, Unknown, is_nil, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.budget import Budget
    from towpath.expressions.compiling.compiler import Compiler
    from towpath.expressions.context import Closure, Context

_LONG_CHAIN: Final = 8


def unary(compiler: Compiler, node: syntax.Unary) -> Closure:
    """Compile an operator before an operand."""
    operand = compiler.compile(node.operand)
    operation = operators.known(operators.UNARY[node.operator])

    def run(c: Context) -> Any:
        try:
            return operation(operand(c))
        except Failure as failure:
            raise compiler.failed(node, failure) from failure

    return run


def binary(compiler: Compiler, node: syntax.Binary) -> Closure:
    """Compile an operator between two operands."""
    match node.operator:
        case "and" | "&&":
            return _logical(compiler, node, stops_at=False)
        case "or" | "||":
            return _logical(compiler, node, stops_at=True)
        case "??":
            return _coalesce(compiler, node)
        case "..":
            return _range(compiler, node)
    chain = _left_chain(node, lambda operator: operator in operators.BINARY)
    if len(chain) > 1:
        return _operation_chain(compiler, chain)
    left, right = compiler.compile(node.left), compiler.compile(node.right)
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
            raise compiler.failed(node, failure) from failure
        return result

    return run


def _operation_chain(compiler: Compiler, chain: list[syntax.Binary]) -> Closure:
    """Compile `a + b - c …`, which leans left, without a call for each of its operators."""
    first = compiler.compile(chain[0].left)
    rest = [
        (node, operators.known(operators.BINARY[node.operator]), compiler.compile(node.right))
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
                raise compiler.failed(node, failure) from failure
        return result

    return run


def _logical(compiler: Compiler, node: syntax.Binary, *, stops_at: bool) -> Closure:
    names = ("or", "||") if stops_at else ("and", "&&")
    chain = _left_chain(node, lambda operator: operator in names)
    if len(chain) > _LONG_CHAIN:
        return _logical_chain(compiler, chain, stops_at=stops_at)
    left, right = compiler.compile(node.left), compiler.compile(node.right)
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
        raise compiler.error(node.left, f"{shown(first)} is not a bool")

    return run


def _logical_chain(compiler: Compiler, chain: list[syntax.Binary], *, stops_at: bool) -> Closure:
    """Compile a long `a || b || c …` without a call for each of its operators."""
    first, *rest = [chain[0].left, *(node.right for node in chain)]
    opening = compiler.compile(first)
    compiled = [(term, compiler.compile(term)) for term in rest]
    if any(isinstance(one, syntax.Constant) and one.value is stops_at for one in rest):
        return lambda _: stops_at  # folded, as in `_logical`

    def run(c: Context) -> Any:
        found, place = opening(c), first
        for term, compiled_term in compiled:
            if found is stops_at:
                return found
            if not isinstance(found, bool | Unknown):
                raise compiler.error(place, f"{shown(found)} is not a bool")
            following = compiled_term(c)
            if following is stops_at or not isinstance(found, Unknown):
                found = following
            place = term
        return found

    return run


def _coalesce(compiler: Compiler, node: syntax.Binary) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def run(c: Context) -> Any:
        found = left(c)
        return right(c) if is_nil(found) else found

    return run


def _range(compiler: Compiler, node: syntax.Binary) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def run(c: Context) -> Any:
        start, stop = left(c), right(c)
        for end in (start, stop):
            if isinstance(end, Unknown):
                return end
        try:
            size = operators.length_of_range(start, stop)
            c.around.budget.grow(size)
        except Failure as failure:
            raise compiler.failed(node, failure) from failure
        return list(range(int(start), int(start) + size))

    return run


def _left_chain(node: syntax.Binary, is_meant: Callable[[str], bool]) -> list[syntax.Binary]:
    """Return the operations of a chain that leans left, the innermost first."""
    chain = [node]
    while isinstance(chain[-1].left, syntax.Binary) and is_meant(chain[-1].left.operator):
        chain.append(chain[-1].left)
    chain.reverse()
    return chain


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
