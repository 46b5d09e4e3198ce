"""Tells what the smoke tests of the demo's Stages came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_PASSED: Final = "Successful"
_ENDED: Final = frozenset({_PASSED, "Failed", "Error", "Inconclusive", "Aborted"})


class VerificationTelling:
    """Remembers which verifications were told of."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: set[str] = set()

    def know(self, stages: Iterable[Mapping[str, Any]]) -> None:
        """Take what has ended by now as told."""
        self._told |= {str(entry.get("id")) for _, entry in _ended(stages)}

    def tell(self, stages: Iterable[Mapping[str, Any]]) -> None:
        """Tell of those that have ended since."""
        for stage, entry in _ended(stages):
            if str(entry.get("id")) in self._told:
                continue
            self._told.add(str(entry.get("id")))
            self._say("")
            if entry["phase"] == _PASSED:
                self._say(f"The smoke test of {stage} has passed.")
                continue
            self._say(f"The smoke test of {stage} ended {entry['phase']}:")
            self._say(f"  {entry.get('message') or 'no reason was given'}")
            self._say("What is held back by that:")
            self._say("  towpath explain prod")

    def is_told(self, stages: Iterable[Mapping[str, Any]], name: str) -> bool:
        """Whether the newest verification of a Stage was told of."""
        return any(
            stage == name and str(entry.get("id")) in self._told for stage, entry in _ended(stages)
        )


def _ended(stages: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the Stages whose newest verification measured something and has ended, with its entry."""
    found = []
    for stage in stages:
        held = (stage.get("status") or {}).get("freightHistory") or [{}]
        entries = held[0].get("verificationHistory") or [{}]
        if entries[0].get("phase") in _ENDED and entries[0].get("analysisRun"):
            found.append((stage["metadata"]["name"], entries[0]))
    return found
