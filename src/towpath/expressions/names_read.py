"""What an expression looks at: the names it begins from and the fields it takes, as far as its text says.

For whoever has to know, without evaluating anew, whether a result was made from something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.expressions import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str, ...]
"""A name and fields below it: `("outputs", "one", "token")`."""


def reads(tree: syntax.Node) -> frozenset[Path]:
    """Return what an expression looks at; a path ends where a field is computed, so it stands for all below it.

    A function that is called is a path of one name; the empty path is all there is.
    """
    found: set[Path] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        path = _path(node)
        if path is not None:
            found.add(path)
            continue
        if isinstance(node, syntax.Member):
            inner: Any = node
            while isinstance(inner, syntax.Member | syntax.Chain):
                if isinstance(inner, syntax.Member):
                    stack.append(inner.key)
                    inner = inner.of
                else:
                    inner = inner.inner
                if (path := _path(inner)) is not None:
                    found.add(path)
                    break
            else:
                stack.append(inner)
            continue
        stack.extend(_below(node))
    return frozenset(found)


def at(env: Mapping[str, Any], path: Path) -> Any:
    """Return what an environment has at a path: the whole of what lies where it cannot be followed further."""
    here: Any = env
    for key in path:
        if not isinstance(here, dict):
            return here
        if key not in here:
            return None
        here = here[key]
    return here


def _path(node: syntax.Node) -> Path | None:
    """Return the path that a node is, if it is nothing else."""
    keys: list[str] = []
    here = node
    while True:
        match here:
            case syntax.Name(name="$env"):
                return tuple(reversed(keys))
            case syntax.Name(name=name):
                return (name, *reversed(keys))
            case syntax.Chain(inner=inner):
                here = inner
            case syntax.Member(of=of, key=syntax.Constant(value=str(key))):
                keys.append(key)
                here = of
            case _:
                return None


def _below(node: syntax.Node) -> Iterator[syntax.Node]:
    for name in node.__slots__:
        yield from _nodes(getattr(node, name))


def _nodes(part: Any) -> Iterator[syntax.Node]:
    if isinstance(part, syntax.Node):
        yield part
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _nodes(each)
