"""What is new about a Promotion, in lines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from towpath.cli.kinds import kinds
from towpath.resources.ages import span
from towpath.resources.document import documents

if TYPE_CHECKING:
    from towpath.resources.document import Document

SUCCEEDED: Final = "Succeeded"
_ENDS: Final = frozenset({SUCCEEDED, "Failed", "Errored", "Aborted"})

_message = kinds.at("status", "message")
_started = kinds.at("status", "startedAt")
_finished = kinds.at("status", "finishedAt")


def phase(promotion: Document) -> str:
    """Return how far a Promotion is; `Pending` before a controller has seen it."""
    return kinds.at("status", "phase")(promotion) or "Pending"


def has_ended(promotion: Document) -> bool:
    """Whether nothing more happens."""
    return phase(promotion) in _ENDS


def news(before: Document | None, after: Document) -> list[str]:
    """Return a line for each thing that is new in `after`: the phase, what it waits for, the steps."""
    lines = []
    if not has_ended(after) and (before is None or _state(before) != _state(after)):
        lines.append(_state(after))
    known = dict(_steps(before)) if before is not None else {}
    lines += [line for index, line in _steps(after) if known.get(index) != line]
    return lines


def _state(promotion: Document) -> str:
    """Return phase and message, without the message if it is that of a step."""
    message = _message(promotion)
    steps = documents(promotion.get("status"), "stepExecutionMetadata")
    is_told = any(kinds.at("message")(step) == message for step in steps)
    return _line(phase(promotion), "" if is_told else message)


def verdict(promotion: Document) -> str:
    """Return how a Promotion ended, after how long, and why."""
    return _line(f"{phase(promotion)}{_after(promotion)}", _message(promotion))


def _after(promotion: Document) -> str:
    try:
        took = datetime.fromisoformat(_finished(promotion)) - datetime.fromisoformat(
            _started(promotion)
        )
    except (ValueError, TypeError):
        return ""
    return f" after {span(max(0, int(took.total_seconds())))}"


def _steps(promotion: Document) -> list[tuple[int, str]]:
    """Return a line for each step that has begun, with its place from 0."""
    spec, status = promotion.get("spec"), promotion.get("status")
    steps = documents(spec, "steps")
    lines = []
    for index, told in enumerate(documents(status, "stepExecutionMetadata")):
        step = steps[index] if index < len(steps) else {}
        uses = kinds.at("uses")(step)
        alias = kinds.at("alias")(told) or kinds.at("as")(step) or uses
        named = f"{alias} ({uses})" if uses and uses != alias else alias
        head = (
            f"step {index + 1}/{len(steps) or '?'} {named}: {kinds.at('status')(told) or 'Running'}"
        )
        lines.append((index, _line(head, kinds.at("message")(told))))
    return lines


def _line(head: str, message: str) -> str:
    return f"{head}: {message}" if message else head
