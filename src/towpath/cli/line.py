"""A Project's line: which of its Stages `hold --all` holds, which it does not and why, and which `resume --all` resumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.cli.board_cells import dicts, number, text
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

STOPPED: Final = "Line stopped"
"""What the reason of each hold begins with that stops a line, here and in the web UI: by it they are known again."""
_AT_ONCE: Final = 200
"""Stages that one call of `moves` takes."""
_FEW: Final = 12
"""Names that a line of words has room for."""


@dataclass(frozen=True, slots=True)
class Line:
    """The Stages of a Project by what stopping it means to them."""

    to_hold: tuple[str, ...]
    held: tuple[str, ...]
    """Held, and left as they are."""
    manual: tuple[str, ...]
    """Without auto-promotion: nothing comes by itself."""
    empty: tuple[str, ...]
    """Nothing is there to be held; the first Freight comes all the same."""
    unreadable: tuple[str, ...]
    forbidden: tuple[str, ...]
    """The caller may not hold them."""
    running: tuple[str, ...]
    """A Promotion runs or waits for its turn there, which no hold stops."""
    stopped: tuple[str, ...]
    """Held by a stop of the line."""
    more: int
    """Stages that the board has no room for."""


def line_of(board: Document) -> Line:
    """Return how the Stages of a board stand to a stop. Control-flow Stages hold nothing and are left out."""
    stages = [each for each in dicts(board.get("stages")) if not each.get("flow")]
    kinds = [(text(each.get("name")), _kind(each, board)) for each in stages]

    def named(kind: str) -> tuple[str, ...]:
        return tuple(name for name, each in kinds if each == kind)

    return Line(
        to_hold=named("to_hold"),
        held=named("held"),
        manual=named("manual"),
        empty=named("empty"),
        unreadable=named("unreadable"),
        forbidden=named("forbidden"),
        running=tuple(
            text(each.get("name"))
            for each in stages
            if each.get("phase") == "Promoting" or number(each.get("queued"))
        ),
        stopped=tuple(text(each.get("name")) for each in stages if _is_stopped(each)),
        more=int(number(board.get("more"))),
    )


def reason_of(said: str) -> str:
    """Return the reason of a hold that stops a line."""
    return f"{STOPPED}: {said.strip()}" if said.strip() else STOPPED


def move(
    client: Client, project: str, kind: str, stages: Sequence[str], *, reason: str, until: str
) -> Document:
    """Carry a move out for any number of Stages, as many at once as a call takes; return it as the answer of one call.

    Raises BadRequest for none.
    """
    import uuid

    if not stages:
        raise BadRequest(f"{kind} --all: there is no Stage in Project {project} to {kind}")
    answer: dict[str, Any] = {}
    targets: list[Document] = []
    for start in range(0, len(stages), _AT_ONCE):
        some = list(stages[start : start + _AT_ONCE])
        key = uuid.uuid4().hex
        made = client.move(project, kind, some, reason=reason, until=until, key=key)
        answer = dict(made)
        targets += dicts(answer.get("targets"))
    refused = sum(each.get("result") == "refused" for each in targets)
    return answer | {"targets": targets, "refused": refused}


def lines(line: Line, kind: str) -> Iterator[str]:
    """Yield what a stop or its end would do, and what it would not."""
    if kind == "resume":
        yield from _said("resumed, as stopping the line held them", line.stopped)
        return
    yield from _said("to be held", line.to_hold)
    yield from _said("held already, and left as they are", line.held)
    yield from _said("not for you to hold", line.forbidden)
    yield from _said("empty: the first Freight still comes by itself", line.empty)
    yield from _said("cannot be read, and are not held", line.unreadable)
    yield from _said("without auto-promotion: nothing comes by itself", line.manual)
    yield from _said("with Promotions that run or wait, which go on", line.running)
    if line.more:
        yield f"{line.more} more Stages are not shown on the board, and are not held"
    yield "People may still promote."


def _said(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        rest = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        yield f"{_count(names)} {what}: {', '.join(names[:_FEW])}{rest}"


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} Stage{'' if len(names) == 1 else 's'}"


def question(line: Line, kind: str) -> str:
    """Return what a person is asked before it."""
    if kind == "resume":
        return f"Resume {_count(line.stopped)}?"
    return f"Hold {_count(line.to_hold)}?"


def _kind(stage: Document, board: Document) -> str:
    may = stage.get("may", board.get("may"))
    may_hold = isinstance(may, list) and "hold" in may
    there = stage.get("freight")
    several = isinstance(there, list) and len(there) > 1
    if stage.get("phase") == "Unreadable":
        return "unreadable"
    # Who holds Freight of one Warehouse may let that of another through: what is not known to be held whole is held.
    is_whole = not several or not stage.get("auto") or not may_hold or _is_stopped(stage)
    if stage.get("hold") and is_whole:
        return "held"
    if not stage.get("auto"):
        return "manual"
    if not may_hold:
        return "forbidden"
    return "to_hold" if there else "empty"


def _is_stopped(stage: Document) -> bool:
    hold = stage.get("hold")
    reason = hold[2] if isinstance(hold, list) and len(hold) > 2 else ""
    return isinstance(reason, str) and (reason == STOPPED or reason.startswith(f"{STOPPED}: "))
