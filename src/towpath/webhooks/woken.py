"""What a delivery has brought about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref


@dataclass(slots=True)
class Woken:
    """Who looks because of it, who does not, and why not."""

    woken: list[Ref] = field(default_factory=list)
    """Warehouses that look now: they have been asked to, on the disk."""
    passed: list[tuple[Ref, str]] = field(default_factory=list)
    """Warehouses that have no use for it, and why."""
    failed: list[tuple[Ref, str]] = field(default_factory=list)
    """Warehouses that could not be asked, and why."""
    promotions: int = 0
    """Promotions and runs of hooks that waited for it."""
    is_about_promotions: bool = False
    """Whether it was about those."""

    @property
    def said(self) -> str:
        """Return it as the sender is told, in Kargo's words."""
        if self.is_about_promotions:
            return f"refreshed {self.promotions} promotion(s)"
        return f"refreshed {len(self.woken)} warehouse(s)"
