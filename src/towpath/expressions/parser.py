"""Tokens to a syntax tree, by the precedence of operators (docs/reference/expressions.md, "Operators")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions import number_literals, syntax
from towpath.expressions.failure import ExpressionError
from towpath.expressions.lexer import Token, is_identifier_part, is_identifier_start
from towpath.expressions.token_reader import TokenReader

if TYPE_CHECKING:
    from collections.abc import Collection

    from towpath.expressions.syntax import Node

MOST_NODES: Final = 10_000
DEEPEST: Final = 120
"""How deep expressions may lie in one another; beyond it is no longer for people."""

_BINARY: Final = {
    "|": 0, "or": 10, "||": 10, "and": 15, "&&": 15,
    "==": 20, "!=": 20, "<": 20, ">": 20, ">=": 20, "<=": 20, "in": 20, "matches": 20, "contains": 20,
    "startsWith": 20, "endsWith": 20, "..": 25, "+": 30, "-": 30, "*": 60, "/": 60, "%": 60,
    "**": 100, "^": 100, "??": 500,
}  # fmt: skip
_RIGHT: Final = frozenset({"**", "^"})
_UNARY: Final = {"not": 50, "!": 50, "-": 90, "+": 90}
_COMPARISONS: Final = frozenset({"<", ">", "<=", ">="})
_NEGATABLE: Final = frozenset({"in", "contains", "matches", "startsWith", "endsWith"})

PREDICATES: Final = {
    "all": ("e", "p"), "none": ("e", "p"), "any": ("e", "p"), "one": ("e", "p"), "filter": ("e", "p"),
    "map": ("e", "p"), "count": ("e", "p?"), "sum": ("e", "p?"), "find": ("e", "p"),
    "findIndex": ("e", "p"), "findLast": ("e", "p"), "findLastIndex": ("e", "p"), "groupBy": ("e", "p"),
    "sortBy": ("e", "p", "e?"), "reduce": ("e", "p", "e?"),
}  # fmt: skip
"""Functions that take a predicate, and what their arguments are: expressions or predicates, `?` optional."""


def parse(source: str, builtins: Collection[str], overridden: Collection[str] = ()) -> Node:
    """Return the tree of an expression.

    `builtins` are the names of the other builtin functions, `overridden` those that a registered function
    replaces. Raises ExpressionError.
    """
    parser = _Parser(TokenReader(source), builtins, overridden)
    try:
        return parser.whole()
    except RecursionError as error:
        raise ExpressionError("the expression is nested too deep") from error


class _Parser:
    def __init__(
        self,
        read: TokenReader,
        builtins: Collection[str],
        overridden: Collection[str],
    ) -> None:
        self._read = read
        self._builtins = builtins
        self._overridden = overridden
        self._predicates = 0
        self._nodes = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sequence()
        if self._read.now.kind != "end":
            raise self._read.unexpected()
        return node

    def _made(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise self._read.error_at(
                node.offset, f"the expression has more than {MOST_NODES:,} nodes"
            )
        return node

    # Expressions

    def _sequence(self) -> Node:
        start = self._read.now.offset
        nodes = [self._expression(0)]
        while self._read.now.is_("operator", ";"):
            self._read.next()
            if self._read.now.kind == "end" or self._read.now.is_("bracket", ")", "}"):
                break
            nodes.append(self._expression(0))
        return nodes[0] if len(nodes) == 1 else self._made(syntax.Sequence(start, nodes))

    def _expression(self, precedence: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._read.error(f"expressions lie in one another more than {DEEPEST} deep")
        try:
            if precedence == 0 and self._read.now.is_("operator", "let"):
                return self._let()
            if precedence == 0 and self._read.now.is_("operator", "if"):
                return self._if()
            left = self._operators(self._primary(), precedence)
            return self._conditional(left) if precedence == 0 else left
        finally:
            self._depth -= 1

    def _operators(self, left: Node, precedence: int) -> Node:
        before = ""
        while self._read.now.kind == "operator":
            token, negated = self._read.now, False
            if token.value == "not":
                follows = self._read.following
                if not follows.is_("operator", *_NEGATABLE):
                    self._read.next()
                    raise self._read.unexpected()
                if _BINARY[follows.value] < precedence:
                    break
                self._read.next()
                token, negated = follows, True
            if token.value not in _BINARY or _BINARY[token.value] < precedence:
                break
            self._read.next()
            left = self._operation(left, token, before, negated=negated)
            before = token.value
        return left

    def _operation(self, left: Node, token: Token, before: str, *, negated: bool) -> Node:
        operator = token.value
        if operator == "|":
            name = self._read.expect("identifier")
            return self._call(name, [left], can_be_overridden=True)
        if before == "??" and operator != "??":
            raise self._read.error(
                f"Operator ({operator}) and coalesce expressions (??) cannot be mixed. "
                "Wrap either by parentheses.",
                token,
            )
        level = _BINARY[operator]
        if operator in _COMPARISONS:
            return self._comparison(left, token, level)
        right = self._expression(level if operator in _RIGHT else level + 1)
        node = self._made(syntax.Binary(token.offset, operator, left, right))
        return self._made(syntax.Unary(token.offset, "not", node)) if negated else node

    def _comparison(self, left: Node, token: Token, level: int) -> Node:
        root: Node | None = None
        while True:
            right = self._expression(level + 1)
            compared = self._made(syntax.Binary(token.offset, token.value, left, right))
            root = (
                compared
                if root is None
                else self._made(syntax.Binary(token.offset, "&&", root, compared))
            )
            left, token = right, self._read.now
            if not token.is_("operator", *_COMPARISONS):
                return root
            self._read.next()

    def _conditional(self, node: Node) -> Node:
        while self._read.now.is_("operator", "?"):
            token = self._read.next()
            if self._read.now.is_("operator", ":"):
                self._read.next()
                then = node
            else:
                then = self._expression(0)
                self._read.expect("operator", ":")
            node = self._made(syntax.Conditional(token.offset, node, then, self._expression(0)))
        return node

    def _let(self) -> Node:
        token = self._read.next()
        name = self._read.expect("identifier")
        self._read.expect("operator", "=")
        value = self._expression(0)
        self._read.expect("operator", ";")
        return self._made(syntax.Let(token.offset, name.value, value, self._sequence()))

    def _if(self) -> Node:
        token = self._read.next()
        condition = self._expression(0)
        then = self._block()
        self._read.expect("operator", "else")
        if self._read.now.is_("operator", "if"):
            self._depth += 1
            if self._depth > DEEPEST:
                raise self._read.error(f"expressions lie in one another more than {DEEPEST} deep")
            otherwise = self._if()
            self._depth -= 1
        else:
            otherwise = self._block()
        return self._made(syntax.Conditional(token.offset, condition, then, otherwise))

    def _block(self) -> Node:
        self._read.expect("bracket", "{")
        node = self._sequence()
        self._read.expect("bracket", "}")
        return node

    # Operands

    def _primary(self) -> Node:
        token = self._read.now
        if token.kind == "operator" and token.value in _UNARY:
            self._read.next()
            operand = self._expression(_UNARY[token.value])
            return self._postfix(self._made(syntax.Unary(token.offset, token.value, operand)))
        if token.is_("bracket", "("):
            self._read.next()
            node = self._sequence()
            self._read.expect("bracket", ")")
            return self._postfix(node)
        if self._predicates and token.is_("operator", "#", "."):
            return self._postfix(self._pointer(token))
        if token.is_("operator", "::"):
            self._read.next()
            name = self._read.expect("identifier")
            return self._postfix(self._call(name, [], can_be_overridden=False))
        return self._operand(token)

    def _pointer(self, token: Token) -> Node:
        name = ""
        if token.value == "#":
            self._read.next()
            if self._read.now.kind == "identifier" and self._read.now.offset == token.offset + 1:
                name = self._read.next().value
        return self._made(syntax.Pointer(token.offset, name))

    def _operand(self, token: Token) -> Node:
        match token.kind:
            case "identifier":
                self._read.next()
                constants = {"true": True, "false": False, "nil": None}
                if token.value in constants:
                    node = self._made(syntax.Constant(token.offset, constants[token.value]))
                elif self._read.now.is_("bracket", "("):
                    node = self._call(token, [], can_be_overridden=True)
                else:
                    node = self._made(syntax.Name(token.offset, token.value))
            case "number":
                self._read.next()
                return self._made(
                    syntax.Constant(token.offset, number_literals.value(token, self._read.error))
                )
            case "string":
                self._read.next()
                node = self._made(syntax.Constant(token.offset, token.value))
            case "bytes":
                self._read.next()
                node = self._made(syntax.Constant(token.offset, token.raw))
            case "bracket" if token.value == "[":
                node = self._array()
            case "bracket" if token.value == "{":
                node = self._map()
            case _:
                raise self._read.unexpected()
        return self._postfix(node)

    def _array(self) -> Node:
        start = self._read.next().offset
        items: list[Node] = []
        while not self._read.now.is_("bracket", "]"):
            if items:
                self._read.expect("operator", ",")
                if self._read.now.is_("bracket", "]"):
                    break
            items.append(self._expression(0))
        self._read.next()
        return self._made(syntax.Array(start, items))

    def _map(self) -> Node:
        start = self._read.next().offset
        pairs: list[tuple[Node, Node]] = []
        while not self._read.now.is_("bracket", "}"):
            if pairs:
                self._read.expect("operator", ",")
                if self._read.now.is_("bracket", "}"):
                    break
            token = self._read.now
            if token.kind in ("number", "string", "identifier"):
                key = self._made(syntax.Constant(token.offset, token.value))
                self._read.next()
            elif token.is_("bracket", "("):
                key = self._expression(0)
            else:
                raise self._read.error(
                    "a map key must be a quoted string, a number, an identifier, or an expression "
                    "enclosed in parentheses"
                )
            self._read.expect("operator", ":")
            pairs.append((key, self._expression(0)))
        self._read.next()
        return self._made(syntax.Map(start, pairs))

    # Calls

    def _call(self, name: Token, arguments: list[Node], *, can_be_overridden: bool) -> Node:
        overridden = can_be_overridden and name.value in self._overridden
        if name.value in PREDICATES and not overridden:
            return self._predicate_call(name, arguments)
        if name.value in self._builtins and not overridden:
            return self._made(
                syntax.BuiltinCall(name.offset, name.value, self._arguments(arguments))
            )
        callee = self._made(syntax.Name(name.offset, name.value))
        return self._made(syntax.Call(name.offset, callee, self._arguments(arguments)))

    def _predicate_call(self, name: Token, arguments: list[Node]) -> Node:
        self._read.expect("bracket", "(")
        wanted = PREDICATES[name.value][len(arguments) :]
        for number, what in enumerate(wanted):
            if self._read.now.is_("bracket", ")"):
                if what.endswith("?"):
                    break
                raise self._read.error(f"not enough arguments to call {name.value}")
            if number:
                self._read.expect("operator", ",")
                if what.endswith("?") and self._read.now.is_("bracket", ")"):
                    break
            arguments.append(self._predicate() if what[0] == "p" else self._expression(0))
        if self._read.now.is_("operator", ","):
            self._read.next()
        self._read.expect("bracket", ")")
        return self._made(syntax.BuiltinCall(name.offset, name.value, arguments))

    def _predicate(self) -> Node:
        start = self._read.now.offset
        self._predicates += 1
        if self._read.now.is_("bracket", "{"):
            body = self._block()
        else:
            body = self._expression(0)
            if self._read.now.is_("operator", ";"):
                raise self._read.error("wrap predicate with brackets { and }")
        self._predicates -= 1
        return self._made(syntax.Predicate(start, body))

    def _arguments(self, arguments: list[Node]) -> list[Node]:
        given = len(arguments)
        self._read.expect("bracket", "(")
        while not self._read.now.is_("bracket", ")"):
            if len(arguments) > given:
                self._read.expect("operator", ",")
                if self._read.now.is_("bracket", ")"):
                    break
            arguments.append(self._expression(0))
        self._read.next()
        return arguments

    # What follows an operand

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self._read.now
            if token.is_("operator", ".", "?."):
                self._read.next()
                optional = token.value == "?."
                if optional and self._read.now.is_("bracket", "["):
                    node = self._index(node, self._read.now, optional=True)
                else:
                    node = self._property(node, token, optional=optional)
            elif token.is_("bracket", "["):
                node = self._index(node, token, optional=False)
            else:
                return node

    def _property(self, node: Node, token: Token, *, optional: bool) -> Node:
        name = self._read.next()
        if name.kind != "identifier" and not (name.kind == "operator" and is_name(name.value)):
            raise self._read.error("expected name", name)
        in_chain = isinstance(node, syntax.Chain)
        of = node.inner if isinstance(node, syntax.Chain) else node
        key = self._made(syntax.Constant(name.offset, name.value))
        member = syntax.Member(name.offset, of, key, optional)
        made: Node = self._made(member)
        if self._read.now.is_("bracket", "("):
            made = self._made(syntax.Call(name.offset, member, self._arguments([])))
        return self._made(syntax.Chain(token.offset, made)) if in_chain or optional else made

    def _index(self, node: Node, token: Token, *, optional: bool) -> Node:
        self._read.next()
        start: Node | None = None
        if not self._read.now.is_("operator", ":"):
            start = self._expression(0)
            if not self._read.now.is_("operator", ":"):
                self._read.expect("bracket", "]")
                made = self._made(syntax.Member(token.offset, node, start, optional))
                return self._made(syntax.Chain(token.offset, made)) if optional else made
        self._read.expect("operator", ":")
        stop = None if self._read.now.is_("bracket", "]") else self._expression(0)
        self._read.expect("bracket", "]")
        return self._made(syntax.Slice(token.offset, node, start, stop))


def is_name(text: str) -> bool:
    """Whether a text can be written as a name."""
    return (
        bool(text)
        and is_identifier_start(text[0])
        and all(is_identifier_part(character) for character in text)
    )
