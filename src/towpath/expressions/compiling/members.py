"""What is taken out of a value: members, elements, slices, and chains of them that may be left early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.expressions import operators, syntax
from towpath.expressions.operators import fetch
from towpath.expressions.values import Failure, Function, Record, Unknown, is_nil

if TYPE_CHECKING:
    from towpath.expressions.compiling.compiler import Compiler
    from towpath.expressions.context import Closure, Context


class LeftOut(Exception):  # noqa: N818 - `?.` met nil: the rest of the chain is left out
    """Raised by a member of a chain, and taken by the chain."""


def chain(compiler: Compiler, node: syntax.Chain) -> Closure:
    """Compile a chain that `?.` may leave early."""
    inner = compiler.compile(node.inner)

    def run(c: Context) -> Any:
        try:
            found = inner(c)
        except LeftOut:
            return None
        return None if is_nil(found) else found

    return run


def member(compiler: Compiler, node: syntax.Member) -> Closure:
    """Compile `of.name` and `of[key]`."""
    of, key, optional = compiler.compile(node.of), compiler.compile(node.key), node.optional
    if isinstance(node.key, syntax.Constant) and isinstance(node.key.value, str):
        return _field(compiler, node, of, node.key.value)

    def run(c: Context) -> Any:
        found = of(c)
        if optional and is_nil(found):
            raise LeftOut
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
            raise compiler.failed(node, failure) from failure

    return run


def _field(compiler: Compiler, node: syntax.Member, of: Closure, name: str) -> Closure:
    """Compile `of.name`, the usual case: a key of a map."""
    optional = node.optional

    def run(c: Context) -> Any:
        found = of(c)
        if type(found) is dict:
            return found.get(name)
        if optional and is_nil(found):
            raise LeftOut
        if isinstance(found, Unknown):
            return found
        if isinstance(found, Record) and name not in found.fields and name in found.methods:
            return Function(name, found.methods[name])
        try:
            return fetch(found, name)
        except Failure as failure:
            raise compiler.failed(node, failure) from failure

    return run


def part(compiler: Compiler, node: syntax.Slice) -> Closure:
    """Compile `of[start:stop]`."""
    of = compiler.compile(node.of)
    ends = [None if end is None else compiler.compile(end) for end in (node.start, node.stop)]
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
            raise compiler.failed(node, failure) from failure
        return result

    return run
