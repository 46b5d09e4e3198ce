"""Targets and PromotionRequests: kinds that are stored and read, and that nothing acts on yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules
from towpath.admission.warnings import unheeded

if TYPE_CHECKING:
    from towpath.store.contract import Document


class UnheededKindRules(KindRules):
    """Rules of such a kind: its writer is told."""

    async def warnings(self, document: Document) -> list[str]:
        """Return that nothing comes of it."""
        return unheeded.of_kind(document)
