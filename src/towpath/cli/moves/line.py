"""A Project's line, which the server tells of: what `hold --all` would hold and what not, and what `resume --all` would resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.cli.terminal import plain
from towpath.errors import BadRequest
from towpath.resources.document import documents, items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_FEW: Final = 12
"""Names that a line of words has room for."""
_TO_HOLD: Final = "toHold"
_TO_RESUME: Final = "toResume"
_SAID_OF: Final = (
    (_TO_HOLD, "to be held"),
    ("partly", "among them with a hold of one Warehouse, which stays; the rest is held"),
    ("held", "held already, and left as they are"),
    ("forbidden", "not for you to hold"),
    ("empty", "empty: the first Freight still comes by itself"),
    ("unreadable", "cannot be read, and are not held"),
    ("manual", "without auto-promotion: nothing comes by itself"),
)


def move(
    client: Client, project: str, kind: str, line: Document, *, reason: str, until: str
) -> Document:
    """Stop the line or resume it; return what became of each Stage. Raises BadRequest where there is none to hold or to resume."""
    import uuid

    if not _meant(line, kind):
        raise BadRequest(f"{kind} --all: there is no Stage in Project {project} to {kind}")
    key = uuid.uuid4().hex
    return client.move(project, kind, line=True, reason=reason, until=until, key=key)


def lines(line: Document, kind: str) -> Iterator[str]:
    """Yield what a stop or its end would do, and what it would not."""
    if kind == "resume":
        mine = _names(line, _TO_RESUME)
        yield from _said("resumed, as stopping the line held them", mine)
        others = [each for each in _names(line, "stopped") if each not in set(mine)]
        yield from _said("not for you to resume", others)
        return
    for name, said in _SAID_OF:
        yield from _said(said, _names(line, name))
    running = [plain(each.get("stage")) for each in documents(line, "running")]
    yield from _said("with Promotions that run or wait, which go on", running)
    yield "People may still promote."


def question(line: Document, kind: str) -> str:
    """Return what a person is asked before it; empty where there is nothing to ask for."""
    meant = _meant(line, kind)
    return f"{'Resume' if kind == 'resume' else 'Hold'} {_count(meant)}?" if meant else ""


def _meant(line: Document, kind: str) -> list[str]:
    return _names(line, _TO_RESUME if kind == "resume" else _TO_HOLD)


def _names(line: Document, name: str) -> list[str]:
    return [plain(each) for each in items(line, name)]


def _said(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        rest = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        yield f"{_count(names)} {what}: {', '.join(names[:_FEW])}{rest}"


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} Stage{'' if len(names) == 1 else 's'}"
