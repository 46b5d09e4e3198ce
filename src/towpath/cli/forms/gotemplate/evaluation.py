"""Prints by a template of Go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.cli.forms.gotemplate.functions import FUNCTIONS, LAZY, NO_VALUE, is_true, shown
from towpath.cli.forms.gotemplate.syntax import (
    Block,
    Dot,
    GoConstant,
    Leap,
    Members,
    NamedFunction,
    Pipeline,
    ShownPipeline,
    Variable,
)
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.cli.forms.gotemplate.syntax import Included, Node, Operand, Parsed

MOST_STEPS: Final = 2_000_000
_MOST_TEXT: Final = 64 << 20
_DEEPEST: Final = 50
_ABSENT: Final = object()


def run(template: Parsed, value: Any, *, allow_missing: bool = True) -> str:
    """Return what a template makes of a value.

    A key that is not there is `<no value>`; without `allow_missing` it is an error. Raises BadRequest, with the name of the
    function, the key or the kind of value that does not go, and for what takes too long or prints too much.
    """
    running = _Running(template.defined, allow_missing=allow_missing)
    running.nodes(template.nodes, value, _Scope({"$": value}))
    return "".join(running.out)


class _Leap(Exception):  # noqa: N818 - it is no error
    def __init__(self, kind: str) -> None:
        self.kind = kind


class _Scope:
    """Variables by name; those of an outer scope are seen, and can be given other values."""

    def __init__(self, known: dict[str, Any], outer: _Scope | None = None) -> None:
        self.known = known
        self.outer = outer

    def get(self, name: str) -> Any:
        return self._holder(name).known[name]

    def set(self, name: str, value: Any) -> None:
        self._holder(name).known[name] = value

    def _holder(self, name: str) -> _Scope:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.known:
                return scope
            scope = scope.outer
        raise BadRequest(f"the template: there is no variable {name}")


class _Running:
    def __init__(self, defined: dict[str, tuple[Node, ...]], *, allow_missing: bool) -> None:
        self.out: list[str] = []
        self._defined = defined
        self._allow_missing = allow_missing
        self._steps = 0
        self._size = 0
        self._depth = 0

    def nodes(self, nodes: tuple[Node, ...], dot: Any, scope: _Scope) -> None:
        for node in nodes:
            self._step()
            match node:
                case str():
                    self._say(node)
                case ShownPipeline(pipeline):
                    value = self._pipeline(pipeline, dot, scope)
                    if not pipeline.names:
                        self._say(NO_VALUE if value is _ABSENT else shown(value))
                case Leap(kind):
                    raise _Leap(kind)
                case Block():
                    self._block(node, dot, scope)
                case _:
                    self._included(node, dot, scope)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise BadRequest(f"the template takes more than {MOST_STEPS:,} steps")

    def _say(self, text: str) -> None:
        self._size += len(text)
        if self._size > _MOST_TEXT:
            raise BadRequest(f"the template prints more than {_MOST_TEXT:,} characters")
        self.out.append(text)

    def _included(self, node: Included, dot: Any, scope: _Scope) -> None:
        body = self._defined.get(node.name)
        if body is None:
            raise BadRequest(f"the template: there is no template {node.name!r}")
        value = None if node.pipeline is None else self._pipeline(node.pipeline, dot, scope)
        value = None if value is _ABSENT else value
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadRequest(f"the template calls more than {_DEEPEST} templates in one another")
        self.nodes(body, value, _Scope({"$": value}))
        self._depth -= 1

    def _block(self, block: Block, dot: Any, scope: _Scope) -> None:
        inner = _Scope({}, scope)
        if block.kind == "range":
            self._range(block, dot, inner)
            return
        value = self._pipeline(block.pipeline, dot, inner)
        value = None if value is _ABSENT else value
        if is_true(value):
            self.nodes(block.body, value if block.kind == "with" else dot, inner)
        else:
            self.nodes(block.otherwise, dot, inner)

    def _range(self, block: Block, dot: Any, scope: _Scope) -> None:
        pipeline = block.pipeline
        over = self._pipeline(Pipeline(pipeline.commands), dot, scope)
        pairs = list(_pairs(over))
        if not pairs:
            self.nodes(block.otherwise, dot, scope)
        for key, item in pairs:
            self._step()
            inner = _Scope({}, scope)
            values = (item,) if len(pipeline.names) == 1 else (key, item)
            for name, value in zip(pipeline.names, values, strict=False):
                if pipeline.declares:
                    inner.known[name] = value
                else:
                    scope.set(name, value)
            try:
                self.nodes(block.body, item, inner)
            except _Leap as leap:
                if leap.kind == "break":
                    return

    def _pipeline(self, pipeline: Pipeline, dot: Any, scope: _Scope) -> Any:
        value: Any = None
        for place, command in enumerate(pipeline.commands):
            self._step()
            last = () if place == 0 else (value,)
            value = self._command(command, last, dot, scope)
        for name in pipeline.names:
            kept = None if value is _ABSENT else value
            if pipeline.declares:
                scope.known[name] = kept
            else:
                scope.set(name, kept)
        return value

    def _command(
        self, command: tuple[Operand, ...], last: tuple[Any, ...], dot: Any, scope: _Scope
    ) -> Any:
        head, rest = command[0], command[1:]
        if not isinstance(head, NamedFunction):
            if rest or last:
                raise BadRequest("the template gives arguments to what is no function")
            return self._operand(head, dot, scope)
        if head.name in LAZY:
            return self._lazy(head.name, rest, last, dot, scope)
        given = [self._argument(each, dot, scope) for each in rest]
        given += [None if each is _ABSENT else each for each in last]
        try:
            return FUNCTIONS[head.name](*given)
        except TypeError as error:
            raise BadRequest(
                f"the template: {head.name}: wrong number or kind of arguments"
            ) from error
        except BadRequest as error:
            raise BadRequest(f"the template: {head.name}: {error.message}") from None

    def _lazy(
        self, name: str, rest: tuple[Operand, ...], last: tuple[Any, ...], dot: Any, scope: _Scope
    ) -> Any:
        if not rest and not last:
            raise BadRequest(f"the template: {name}: it needs an argument")
        value: Any = None
        for each in rest:
            value = self._argument(each, dot, scope)
            if is_true(value) == (name == "or"):
                return value
        return last[0] if last else value

    def _argument(self, operand: Operand, dot: Any, scope: _Scope) -> Any:
        value = self._operand(operand, dot, scope)
        return None if value is _ABSENT else value

    def _operand(self, operand: Operand, dot: Any, scope: _Scope) -> Any:
        match operand:
            case GoConstant(value):
                return value
            case Dot():
                return dot
            case Variable(name):
                return scope.get(name)
            case Members(of, names):
                return self._members(self._operand(of, dot, scope), names)
            case Pipeline():
                return self._pipeline(operand, dot, scope)
            case NamedFunction():
                return self._command((operand,), (), dot, scope)

    def _members(self, value: Any, names: tuple[str, ...]) -> Any:
        for name in names:
            if value is _ABSENT or value is None:
                # Go's templates go on with nothing below what is not there
                return _ABSENT
            if not isinstance(value, dict):
                raise BadRequest(
                    f"the template: can't evaluate field {name} in {shown(value)[:80]!r}"
                )
            if name not in value:
                if not self._allow_missing:
                    raise BadRequest(f"the template: map has no entry for key {name!r}")
                value = _ABSENT
            else:
                value = value[name]
        return value


def _pairs(over: Any) -> Iterator[tuple[Any, Any]]:
    match over:
        case list():
            yield from enumerate(over)
        case dict():
            for key in sorted(over):
                yield key, over[key]
        case bool():
            raise BadRequest("the template: range can't iterate over a truth value")
        case int():
            for place in range(min(over, MOST_STEPS + 1)):
                yield place, place
        case None:
            return
        case _ if over is _ABSENT:
            return
        case _:
            raise BadRequest(f"the template: range can't iterate over {shown(over)[:80]!r}")
