"""How issues move: statuses, and the transitions between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

TO_DO: Final = "To Do"
IN_PROGRESS: Final = "In Progress"
PREPROD: Final = "Released to preprod"
PROD: Final = "Released to prod"
DONE: Final = "Done"

_CATEGORIES: Final = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


@dataclass(frozen=True, slots=True)
class DemoStatus:
    """A status."""

    id: str
    name: str
    category: str
    """`new`, `indeterminate` or `done`."""


@dataclass(frozen=True, slots=True)
class DemoTransition:
    """A way from some statuses to another."""

    id: str
    name: str
    to: str
    come_from: frozenset[str] = frozenset()
    """Empty: from everywhere."""
    required: tuple[str, ...] = ()
    """Fields that it demands."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow; issues begin in its first status."""

    statuses: tuple[DemoStatus, ...]
    transitions: tuple[DemoTransition, ...] = field(default=())

    def status(self, name: str) -> DemoStatus:
        """Return a status by its name."""
        return next(each for each in self.statuses if each.name == name)

    def offered(self, status: str) -> list[DemoTransition]:
        """Return the transitions from a status; none leads to itself."""
        return [
            each
            for each in self.transitions
            if each.to != status and (not each.come_from or status in each.come_from)
        ]

    def document(self, name: str, base: str) -> dict[str, Any]:
        """Return a status as the API has it."""
        found = self.status(name)
        id_, category, color = _CATEGORIES[found.category]
        return {
            "self": f"{base}/status/{found.id}",
            "description": "",
            "iconUrl": "",
            "name": found.name,
            "id": found.id,
            "statusCategory": {
                "self": f"{base}/statuscategory/{id_}",
                "id": id_,
                "key": found.category,
                "colorName": color,
                "name": category,
            },
        }


def _statuses(*named: tuple[str, str]) -> tuple[DemoStatus, ...]:
    return tuple(
        DemoStatus(str(10_001 + number), name, category)
        for number, (name, category) in enumerate(named)
    )


RELEASES: Final = Workflow(
    statuses=_statuses(
        (TO_DO, "new"),
        (IN_PROGRESS, "indeterminate"),
        (PREPROD, "indeterminate"),
        (PROD, "done"),
        (DONE, "done"),
    ),
    transitions=(
        DemoTransition("11", "Start progress", IN_PROGRESS, frozenset({TO_DO})),
        DemoTransition("21", "Release to preprod", PREPROD, frozenset({TO_DO, IN_PROGRESS})),
        DemoTransition("31", "Release to prod", PROD, frozenset({PREPROD})),
        DemoTransition("41", "Close", DONE, frozenset({PROD}), required=("resolution",)),
        DemoTransition("51", "Reopen", TO_DO, frozenset({IN_PROGRESS, PREPROD, PROD, DONE})),
    ),
)
"""What is released goes through preprod to prod."""
