"""Tells how the demo's Stages are, when that changes, and where to look when one is not well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_WORTH_TELLING: Final = frozenset({"Healthy", "Unhealthy"})
"""What lies between (Progressing, Unknown) passes."""


class HealthTelling:
    """Remembers what was told of each Stage."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: dict[str, tuple[str, str]] = {}
        """By Stage: what was told last, and after which Promotion."""

    def is_told(self, stage: str) -> bool:
        """Whether it was told how a Stage is."""
        return stage in self._told

    def tell(self, stages: Iterable[Mapping[str, Any]]) -> None:
        """Tell of the Stages whose health is another than was told last, or was told of another version."""
        for stage in stages:
            name, status = stage["metadata"]["name"], stage.get("status") or {}
            health = status.get("health") or {}
            found = str(health.get("status") or "")
            told = found, str((status.get("lastPromotion") or {}).get("name") or "")
            if found not in _WORTH_TELLING or self._told.get(name) == told:
                continue
            self._told[name] = told
            self._say("")
            if found == "Healthy":
                self._say(f"{name} is Healthy: Argo CD has brought the commit to the cluster.")
                continue
            self._say(f"{name} is Unhealthy:")
            for issue in health.get("issues") or ():
                self._say(f"  {issue}")
            self._say("What is held back by that, and what is there:")
            self._say("  towpath explain prod")
            self._say(f"  towpath get stage {name} -o yaml")
