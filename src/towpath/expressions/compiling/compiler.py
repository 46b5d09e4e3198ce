"""Where the functions that compile nodes are, and what they know of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.expressions.failure import at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.expressions.context import Closure
    from towpath.expressions.failure import ExpressionError
    from towpath.expressions.syntax import Node
    from towpath.expressions.values import Failure


class Compiler:
    """The compiling of one source text's tree."""

    def __init__(
        self,
        source: str,
        functions: frozenset[str],
        table: Mapping[type[Any], Callable[[Compiler, Any], Closure]],
    ) -> None:
        """`table`: the functions that compile nodes, by their types."""
        self._source = source
        self._table = table
        self.functions = functions
        """Names of those that are registered."""
        self.lets: list[str] = []
        """Names that `let` has given a value where the compiler is now, the innermost last."""

    def compile(self, node: Node) -> Closure:
        """Return the closure of a node."""
        return self._table[type(node)](self, node)

    def error(self, node: Node, message: str) -> ExpressionError:
        """Return an error that shows where a node stands."""
        return at(self._source, node.offset, message)

    def failed(self, node: Node, failure: Failure) -> ExpressionError:
        """Return the error for what failed at a node."""
        return at(self._source, node.offset, str(failure), bare=failure.bare)
