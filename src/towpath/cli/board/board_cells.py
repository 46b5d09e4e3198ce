"""What a cell of a board says of its Stage, in a few lines of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.cli.terminal import plain
from towpath.resources.ages import span
from towpath.resources.document import documents, items, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.document import Document

WORDS: Final = {
    "Steady": "ok",
    "Empty": "empty",
    "Promoting": "promoting",
    "Waiting": "queued",
    "Verifying": "verifying",
    "Unverified": "to be verified",
    "Failed": "FAILED",
    "VerificationFailed": "VERIFICATION FAILED",
    "Unhealthy": "UNHEALTHY",
    "Progressing": "progressing",
    "Deleting": "deleting",
    "Unreadable": "UNREADABLE",
}
"""What a phase is called."""
_LENS: Final = {
    "here": ("ok", "here"),
    "was": ("none", "was here"),
    "can": ("run", "can go now"),
    "waits": ("wait", "waits"),
    "queued": ("wait", "queued"),
    "failed": ("fail", "FAILED"),
    "no": ("none", "not taken"),
}
"""Role and words of each state of a lens."""
_LONGEST: Final = 60
"""Characters of a message in a cell."""


@dataclass(frozen=True, slots=True)
class StageCell:
    """A Stage on the board."""

    role: str
    """What its colour stands for; it colours the line of its state."""
    name: str
    lines: tuple[str, ...]
    """Its state first."""


def cell(stage: Document, freight: Mapping[str, Document], now: int) -> StageCell:
    """Return what is in a Stage and what may come. `freight`: that of the board, by name; `now`: seconds since 1970."""
    phase = plain(stage.get("phase")) or "Steady"
    is_flow = stage.get("flow") is True
    words = ["flow" if is_flow else WORDS.get(phase, phase)]
    if since := number(stage.get("failed")) or number(stage.get("since")):
        words.append(span(max(0, now - since)))
    if stage.get("auto") is True:
        words.append("auto")
    if (queued := number(stage.get("queued"))) > 0:
        words.append(f"{queued} in the queue")
    held = stage.get("hold")
    found = [" ".join(words)]
    names = stage.get("freight")
    found += [contents(freight.get(str(name), {"name": str(name)})) for name in items(names)]
    step = stage.get("step")
    if isinstance(step, list) and len(step) >= 3:
        found.append(f"step {plain(step[0])}/{plain(step[1])} {plain(step[2])}")
    if (behind := number(stage.get("behind"))) > 0:
        found.append(f"{behind} newer{_blocked(stage.get('blocker'), now)}")
    if isinstance(held, list):
        who, _, why = (plain(part) for part in (*held, "", "", "")[:3])
        end = number(held[3]) if len(held) > 3 else 0
        left = f", for {span(max(0, end - now))} more" if end else ""
        found.append(_short(f"held by {who}{left}" + (f": {why}" if why else "")))
    if stage.get("drift"):
        found.append(_short(f"drifted: {plain(stage['drift'])}"))
    if stage.get("msg"):
        found.append(_short(plain(stage["msg"])))
    role = (
        "held"
        if isinstance(held, list) and stage.get("role") in (None, "ok")
        else stage.get("role")
    )
    return StageCell(plain(role) or "ok", plain(stage.get("name")), tuple(found))


def lens_cell(name: str, seen: Any, now: int) -> StageCell:
    """Return what one Freight means in a Stage, as the `lens` document has it."""
    told = items(seen)
    state, gate, opens, arrival = (*told, *("", 0, 0, None)[len(told) :])[:4]
    role, word = _LENS.get(plain(state), ("none", plain(state) or "unknown"))
    if state == "queued":
        place = number(gate)
        return StageCell(
            role, name, (f"{word}, {'under way' if place == 0 else f'place {place}'}",)
        )
    found = [word + (f": {plain(gate)}" if gate else "")]
    if moment := number(opens):
        found.append(f"opens in {span(max(0, moment - now))}")
    if isinstance(arrival, list) and len(arrival) == 2 and state != "here":
        first, last = (number(each) for each in arrival)
        if state == "was" and last:
            found.append(f"came {span(max(0, now - last))} ago")
        elif first:
            later = f" to {span(max(0, last - now))}" if last > first else ""
            open_end = "" if last else " at the earliest"
            found.append(f"there in {span(max(0, first - now))}{later}{open_end}")
    return StageCell(role, name, tuple(found))


def contents(freight: Document) -> str:
    """Return Freight as a board names it: its alias or the first digits of its name, and the versions in it."""
    artifacts = freight.get("artifacts")
    versions = [
        plain(each[2])
        for each in items(artifacts)
        if isinstance(each, list) and len(each) >= 3 and each[2]
    ]
    named = plain(freight.get("alias")) or plain(freight.get("name"))[:7]
    return f"{', '.join(versions)} ({named})" if versions else named


def by_name(found: Any) -> dict[str, Document]:
    """Return the documents of a list by their names."""
    return {str(each["name"]): each for each in documents(found) if each.get("name")}


def _blocked(blocker: Any, now: int) -> str:
    """Return why the next Freight does not come, and when it may."""
    if not isinstance(blocker, list) or not blocker:
        return ""
    gate = f": {plain(blocker[0])} shut"
    opens = number(blocker[1]) if len(blocker) > 1 else 0
    return f"{gate}, opens in {span(max(0, opens - now))}" if opens else gate


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def widest(cells: Sequence[StageCell]) -> int:
    """Return how many characters the widest line of cells has."""
    return max((len(line) for each in cells for line in (each.name, *each.lines)), default=0)
