"""How a list of gates is told: in which order it is read, what its shut gates mean, and what it amounts to.

Whoever shows gates (the API, and by it the command line and the web UI) shows them in this order and in these words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.rules.gates import automatic
from towpath.rules.gates.gate import Bars

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.rules.gates.gate import Gate

_MEANINGS: Final = {
    Bars.PROMOTION: "It cannot be promoted",
    Bars.SUCCESS: "A Promotion of it would end in an error before its first step",
    Bars.START: "A Promotion of it would wait before it begins",
    Bars.AUTO_PROMOTION: "It is not promoted by itself",
    Bars.NEW_FREIGHT: "Newer Freight does not come",
}
"""What it means that a gate is shut, by what it bars: what nobody passes by comes first."""
_HARDEST_FIRST: Final = tuple(_MEANINGS)
_THERE: Final = "It is there."
_ON_ITS_WAY: Final = "It is on its way."
_NOT_ASKED_FOR: Final = "Nothing keeps it: auto-promotion is off here, and nobody asked."
_FREE: Final = "Nothing keeps it."
_SUMMARIES: Final = {
    Bars.SUCCESS: "It can be asked for, and would fail.",
    Bars.AUTO_PROMOTION: "It can go when somebody asks; by itself it does not.",
    Bars.START: "It can be asked for, and waits for its turn.",
}
"""What gates amount to that are shut and let somebody ask for the Freight, the first that fits."""


def in_order(found: Iterable[Gate]) -> list[Gate]:
    """Return gates as people read them: the shut ones first, those that bar more before those that bar less; else as they were."""
    return sorted(found, key=lambda gate: (gate.open, 0 if gate.open else _hardness(gate)))


def meaning(gate: Gate) -> str:
    """Return what it means that a gate is shut, the beginning of a sentence; empty if it is open."""
    return "" if gate.open else _MEANINGS[gate.bars]


def verdicts(found: Sequence[Gate], *, is_there: bool) -> list[str]:
    """Return what gates amount to, a sentence for each thing that they bar, with their names.

    `is_there`: whether there is Freight; without it only that none comes is worth a sentence.
    """
    told = []
    for bars, means in _MEANINGS.items():
        names = [gate.name for gate in found if not gate.open and gate.bars is bars]
        if names and (is_there or bars is Bars.NEW_FREIGHT):
            which = f"gate {names[0]} is" if len(names) == 1 else f"gates {', '.join(names)} are"
            told.append(f"{means}: {which} shut.")
        elif is_there and bars is Bars.PROMOTION:
            told.append("It can be promoted.")
    return told


def summary(found: Sequence[Gate]) -> str:
    """Return what gates amount to, in one sentence."""
    shut = [gate for gate in in_order(found) if not gate.open]
    names, barred = {gate.name for gate in shut}, {gate.bars for gate in shut}
    hard = [gate.name for gate in shut if gate.bars is Bars.PROMOTION]
    if hard:
        return (
            "One gate is shut."
            if len(hard) == 1
            else f"{len(hard)} gates are shut; the first is {hard[0]}."
        )
    if automatic.PRESENT in names:
        return _THERE
    if automatic.CARRIED in names:
        return _ON_ITS_WAY
    if Bars.SUCCESS not in barred and automatic.POLICY in names:
        return _NOT_ASKED_FOR
    return next((said for bars, said in _SUMMARIES.items() if bars in barred), _FREE)


def _hardness(gate: Gate) -> int:
    return _HARDEST_FIRST.index(gate.bars)
