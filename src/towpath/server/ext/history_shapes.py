"""What was where, when, and who asked for it, in answers of our own API."""

from __future__ import annotations

from typing import Any

from towpath.server.shaped import Maybe, Shaped


class RetriedPromotion(Shaped):
    """Which Promotion was tried again, from which step."""

    promotion: str
    from_step: str


class AskedBy(Shaped):
    """By which means, and from where, somebody asked."""

    means: str
    name: str = ""
    by: str = ""
    address: str = ""


class HistoryItem(Shaped):
    """A stay, a promotion, an approval or a verification, as `of` asks for: each has the keys that fit it."""

    freight: str | list[str]
    origin: str = ""
    since: Maybe = None
    until: Maybe = None
    promotion: Maybe = None
    retries: RetriedPromotion | None = None
    reference: Any = None
    name: str = ""
    id: str = ""
    phase: str = ""
    message: str = ""
    actor: str = ""
    via: AskedBy | None = None
    reason: str = ""
    ended_by: Maybe = None
    created: Maybe = None
    started: Maybe = None
    finished: Maybe = None
    deleted: Maybe = None


class ShownHistory(Shaped):
    """What was in a Stage, or happened to it, the newest first."""

    items: list[HistoryItem]
