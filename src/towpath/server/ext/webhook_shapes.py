"""Answers about receivers of webhooks."""

from __future__ import annotations

from typing import Any

from msgspec import field

from towpath.server.shaped import AnyObject, MaybeMoment, Moment, Shaped


class ToldWebhookReceiver(Shaped):
    """A receiver, and how it fares."""

    name: str
    type: str
    path: str
    """Where it listens; empty where it does not."""
    url: str
    problem: str
    """Why it does not listen."""
    last: MaybeMoment
    """When something came last that was taken."""
    last_status: int | None
    """Of the answer to whatever came last."""
    taken: int
    """Deliveries that were taken, of those that are remembered."""
    refused: int
    usual_seconds: float | None
    """The usual gap between deliveries."""
    silent_seconds: float | None
    """For how long nothing came, where that is too long."""
    warning: str


class ToldWebhookReceivers(Shaped):
    """The receivers of a configuration, by name, a page of them."""

    items: list[ToldWebhookReceiver]
    at: Moment
    cursor: str | None = None


class WokenObject(Shaped):
    """A Warehouse, and why it did not look."""

    project: str
    name: str
    why: str = ""


class WebhookAbout(Shaped):
    """What a delivery was about."""

    urls: list[str]
    refs: list[str]
    tags: list[str]
    files: int


class WebhookReceipt(Shaped):
    """A delivery, and what came of it."""

    time: Moment
    taken: bool
    status: int
    id: str
    delivery: str
    """What the sender calls it."""
    from_: str = field(name="from")
    agent: str
    bytes: int
    event: str
    said: str
    about: WebhookAbout
    woken: list[WokenObject]
    woken_count: int
    passed: list[WokenObject]
    passed_count: int
    failed: list[WokenObject]
    failed_count: int
    promotions: int


class WebhookReceipts(Shaped):
    """What came to a receiver, the newest first."""

    receiver: str
    items: list[WebhookReceipt]
    cursor: str | None = None


class TriedWebhook(Shaped):
    """A delivery to try out. Nobody is woken."""

    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """As the sender writes it: a text is sent as it is, anything else as JSON."""


class WebhookTrial(Shaped):
    """What would come of a delivery."""

    receipt: WebhookReceipt
    answer: AnyObject
