"""A syntax tree to closures: each node becomes a function of the evaluation's context.

No source text is generated and nothing of Python's is evaluated; a closure calls closures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import syntax
from towpath.expressions.compiling import calls, forms, members, operations
from towpath.expressions.compiling.compiler import Compiler

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.context import Closure
    from towpath.expressions.syntax import Node


def closure_of(tree: Node, source: str, functions: frozenset[str]) -> Closure:
    """Return the closure of a text's tree. `functions`: the names of those that are registered."""
    return Compiler(source, functions, _COMPILED).compile(tree)


_COMPILED: Final[dict[type[Any], Callable[[Compiler, Any], Closure]]] = {
    syntax.Constant: forms.constant,
    syntax.Name: forms.named,
    syntax.Unary: operations.unary,
    syntax.Binary: operations.binary,
    syntax.Chain: members.chain,
    syntax.Member: members.member,
    syntax.Slice: members.part,
    syntax.Call: calls.call,
    syntax.BuiltinCall: calls.builtin,
    syntax.Pointer: calls.pointer,
    syntax.Conditional: forms.conditional,
    syntax.Let: forms.let,
    syntax.Sequence: forms.sequence,
    syntax.Array: forms.array,
    syntax.Map: forms.mapping,
}
