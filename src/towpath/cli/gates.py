"""Gates for people: what is shut first, with who can open it and the command for it; then what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.document import Document

_PROMOTION: Final = "promotion"
_VERDICTS: Final = {
    _PROMOTION: "It cannot be promoted",
    "autoPromotion": "It is not promoted by itself",
    "start": "A Promotion of it would wait before it begins",
    "success": "A Promotion of it would end in an error before its first step",
    "newFreight": "Newer Freight does not come",
}
"""What it means that gates are shut, by what they bar."""
_ASKED_FOR: Final = frozenset({_PROMOTION, "start", "success"})
"""What concerns a Promotion that somebody asks for."""
_SHUT: Final = "  SHUT"
_OPEN: Final = "  open"


def verdicts(gates: Sequence[Document], *, is_there: bool) -> list[str]:
    """Return what the gates amount to, a line for each thing that they bar. `is_there`: whether there is Freight."""
    said = []
    for bars, meaning in _VERDICTS.items():
        names = [str(gate.get("name")) for gate in gates if _is_shut(gate) and _bars(gate) == bars]
        if names and (is_there or bars == "newFreight"):
            many = len(names) > 1
            said.append(
                f"{meaning}: {'gates' if many else 'gate'} {', '.join(names)} {'are' if many else 'is'} shut."
            )
        elif is_there and bars == _PROMOTION:
            said.append("It can be promoted.")
    return said


def in_the_way(gates: Sequence[Document]) -> list[str]:
    """Return the shut gates that stand in the way of a Promotion that somebody asks for, a line each."""
    return [
        f"Gate {_text(gate, 'name')} is shut: {_text(gate, 'reason')}"
        for gate in sorted(gates, key=_place)
        if _is_shut(gate) and _bars(gate) in _ASKED_FOR
    ]


def lines(gates: Sequence[Document]) -> list[str]:
    """Return the gates as lines: the shut ones with all that is known of them, the open ones a line each."""
    width = max((len(_text(gate, "name")) for gate in gates), default=0)
    room = " " * (len(_SHUT) + width + 6)
    found = []
    for gate in sorted(gates, key=_place):
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
    from towpath.cli.board_cells import dicts

    return [each for each in dicts(part.get("gates")) if _is_shut(each)]


def _details(gate: Document) -> list[tuple[str, str]]:
    found = [("since", _text(gate, "since")), ("opens at", _text(gate, "opensAt"))]
    ways = gate.get("opensBy")
    for place, way in enumerate(ways if isinstance(ways, list) else ()):
        found.append(("or" if place else "opened by", str(way)))
    who = gate.get("who")
    if isinstance(who, list) and who:
        found.append(("who may:", ", ".join(str(each) for each in who)))
    found.append(("evidence:", ", ".join(_evidence(gate))))
    found.append(("try:", _text(gate, "command")))
    return [(label, value) for label, value in found if value]


def _evidence(gate: Document) -> list[str]:
    """Return the objects by which a gate is shut, as commands name them; an older server names none."""
    from towpath.cli import terminal
    from towpath.cli.board_cells import dicts

    return [
        terminal.visible(f"{str(each.get('kind')).lower()}/{each.get('name')}")
        for each in dicts(gate.get("evidence"))
    ]


def _place(gate: Document) -> int:
    """Return where a gate comes: those that bar more before those that bar less, and the open ones last."""
    order = list(_VERDICTS)
    return order.index(_bars(gate)) if _is_shut(gate) else len(order)


def _bars(gate: Document) -> str:
    """Return what a gate bars; an older server names none, and has gates of one kind."""
    found = gate.get("bars")
    return found if isinstance(found, str) and found in _VERDICTS else _PROMOTION


def _is_shut(gate: Document) -> bool:
    return not gate.get("open")


def _text(gate: Document, key: str) -> str:
    from towpath.cli import terminal

    value: Any = gate.get(key)
    return terminal.visible(str(value)) if value else ""
