"""One Promotion as the engine works on it: what its steps are given, and how its status is kept and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.promotion import outputs
from towpath.resources.structs import to_document
from towpath.rules import promotion_status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from towpath.expressions import Need
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.effects import EffectsFactory
    from towpath.promotion.journal import Journal
    from towpath.promotion.rehearsal import Rehearsal
    from towpath.promotion.step_scope import Facts
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.resources.promotion import PromotionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One Promotion and what its steps are given."""

    facts: Facts
    steps: Sequence[Mapping[str, Any]]
    """`spec.steps[]`, as documents."""
    directory: WorkDirectory
    effects: EffectsFactory
    journal: Journal
    """It also has what is secret of the Promotion: `status` may hold that while the engine runs."""
    load: Callable[[Need], Awaitable[Any]]
    save: Callable[[PromotionStatus], Awaitable[None]]
    """Writes the status, durably; without what is secret (`shown`)."""

    rehearsal: Rehearsal | None = None
    """Whoever plans: then nothing is done, and nothing waited for."""
    room: int = outputs.MOST_STATE_BYTES
    """Bytes of JSON that there is room for in the Promotion, besides what it holds already."""

    @property
    def disclosed(self) -> Disclosed:
        """What the Promotion was told in confidence."""
        return self.journal.confidence.disclosed

    def shown(self, status: PromotionStatus) -> dict[str, Any]:
        """Return a status as it may be stored and shown."""
        document: dict[str, Any] = to_document(status)
        disclosed = self.disclosed
        if not disclosed:
            return promotion_status.brief(document)
        if "state" in document:
            document["state"] = disclosed.shown(outputs.of(status))
        for check in document.get("healthChecks") or ():
            check["config"] = disclosed.masked(check.get("config"))
        if "message" in document:
            document["message"] = disclosed.said(document["message"])
        for meta in document.get("stepExecutionMetadata") or ():
            if "message" in meta:
                meta["message"] = disclosed.said(meta["message"])
        return promotion_status.brief(document)
