"""Everything else: constants, names, conditions, `let`, sequences, arrays and maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.expressions.builtins import BUILTINS
from towpath.expressions.parser import PREDICATES
from towpath.expressions.values import Failure, Unknown, shown

if TYPE_CHECKING:
    from towpath.expressions import syntax
    from towpath.expressions.compiling.compiler import Compiler
    from towpath.expressions.context import Closure, Context


def constant(_: Compiler, node: syntax.Constant) -> Closure:
    """Compile a value that stands there."""
    value = node.value
    return lambda _: value


def named(compiler: Compiler, node: syntax.Name) -> Closure:
    """Compile a name: of a `let`, of all that there is, of a function, of a variable."""
    name = node.name
    if name in compiler.lets:
        index = len(compiler.lets) - 1 - compiler.lets[::-1].index(name)
        return lambda c: c.lets[index]
    if name == "$env":
        return lambda c: c.env
    if name in compiler.functions:
        return lambda c: c.env[name] if name in c.env else c.functions[name]
    return lambda c: c.env.get(name)


def conditional(compiler: Compiler, node: syntax.Conditional) -> Closure:
    """Compile `condition ? then : otherwise`."""
    condition = compiler.compile(node.condition)
    then, otherwise = compiler.compile(node.then), compiler.compile(node.otherwise)

    def run(c: Context) -> Any:
        decided = condition(c)
        if decided is True:
            return then(c)
        if decided is False:
            return otherwise(c)
        if isinstance(decided, Unknown):
            return decided
        raise compiler.error(node.condition, f"{shown(decided)} is not a bool")

    return run


def let(compiler: Compiler, node: syntax.Let) -> Closure:
    """Compile `let name = value; body`."""
    name = node.name
    if (
        name in BUILTINS
        or name in PREDICATES
        or name in compiler.functions
        or name in compiler.lets
    ):
        raise compiler.error(node, f"cannot redeclare {name}")
    value = compiler.compile(node.value)
    index = len(compiler.lets)
    compiler.lets.append(name)
    body = compiler.compile(node.body)
    compiler.lets.pop()

    def run(c: Context) -> Any:
        found = value(c)
        del c.lets[index:]
        c.lets.append(found)
        return body(c)

    return run


def sequence(compiler: Compiler, node: syntax.Sequence) -> Closure:
    """Compile `one; another`, which is what the last one is."""
    nodes = [compiler.compile(one) for one in node.nodes]

    def run(c: Context) -> Any:
        result = None
        for one in nodes:
            result = one(c)
        return result

    return run


def array(compiler: Compiler, node: syntax.Array) -> Closure:
    """Compile `[item, …]`."""
    items = [compiler.compile(item) for item in node.items]
    size = len(items)

    def run(c: Context) -> Any:
        try:
            c.around.budget.grow(size)
        except Failure as failure:
            raise compiler.failed(node, failure) from failure
        return [item(c) for item in items]

    return run


def mapping(compiler: Compiler, node: syntax.Map) -> Closure:
    """Compile `{key: value, …}`."""
    pairs = [(key, compiler.compile(key), compiler.compile(value)) for key, value in node.pairs]

    def run(c: Context) -> Any:
        try:
            c.around.budget.grow(len(pairs))
        except Failure as failure:
            raise compiler.failed(node, failure) from failure
        made: dict[str, Any] = {}
        for place, key, value in pairs:
            name = key(c)
            if not isinstance(name, str):
                raise compiler.error(place, f"a key must be a string, not {shown(name)}")
            made.setdefault(name, value(c))  # of a key written twice the first counts
        return made

    return run
