"""Gates for people, in the order and the words of the server: with who can open those that are shut, and the command for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import documents, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.document import Document

_ASKED_FOR: Final = frozenset({"promotion", "start", "success"})
"""What concerns a Promotion that somebody asks for."""
_SHUT: Final = "  SHUT"
_OPEN: Final = "  open"


def in_the_way(gates: Sequence[Document]) -> list[str]:
    """Return the shut gates that stand in the way of a Promotion that somebody asks for, a line each."""
    return [
        f"Gate {_text(gate, 'name')} is shut: {_text(gate, 'reason')}"
        for gate in gates
        if _is_shut(gate) and gate.get("bars") in _ASKED_FOR
    ]


def lines(gates: Sequence[Document]) -> list[str]:
    """Return the gates as lines: the shut ones with all that is known of them, the open ones a line each."""
    width = max((len(_text(gate, "name")) for gate in gates), default=0)
    room = " " * (len(_SHUT) + width + 6)
    found = []
    for gate in gates:
        word = _SHUT if _is_shut(gate) else _OPEN
        found.append(f"{word}   {_text(gate, 'name'):<{width}}   {_text(gate, 'reason')}".rstrip())
        if _is_shut(gate):
            found += [f"{room}{label} {value}" for label, value in _details(gate)]
    return found


def soonest(part: Document) -> str:
    """Return when the Freight of an explanation could be in its Stage, as the server reckons; empty where a gate itself says so, or nobody can tell."""
    at = _text(part, "soonest")
    is_said = any(_text(each, "opensAt") == at for each in _shut_ones(part))
    return "" if is_said else at


def _shut_ones(part: Document) -> list[Document]:
    return [each for each in documents(part, "gates") if _is_shut(each)]


def _details(gate: Document) -> list[tuple[str, str]]:
    found = [("since", _text(gate, "since")), ("opens at", _text(gate, "opensAt"))]
    for place, way in enumerate(texts(gate, "opensBy")):
        found.append(("or" if place else "opened by", way))
    found.append(("who may:", ", ".join(texts(gate, "who"))))
    found.append(("evidence:", ", ".join(_evidence(gate))))
    found.append(("try:", _text(gate, "command")))
    return [(label, value) for label, value in found if value]


def _evidence(gate: Document) -> list[str]:
    """Return the objects by which a gate is shut, as commands name them; an older server names none."""
    from towpath.cli import terminal

    return [
        terminal.visible(f"{str(each.get('kind')).lower()}/{each.get('name')}")
        for each in documents(gate, "evidence")
    ]


def _is_shut(gate: Document) -> bool:
    return not gate.get("open")


def _text(gate: Document, key: str) -> str:
    from towpath.cli import terminal

    value: Any = gate.get(key)
    return terminal.visible(str(value)) if value else ""
