"""Connections to Argo CD in answers of our own API."""

from __future__ import annotations

from towpath.server.shaped import MaybeMoment, Shaped


class Unreadable(Shaped):
    """An Application that could not be read."""

    application: str
    reason: str


class ShownConnection(Shaped):
    """A connection to an installation of Argo CD, and how it fares."""

    name: str
    by: str
    defined_by: str
    projects: list[str]
    default: bool
    namespace: str
    url: str
    state: str
    since: MaybeMoment
    error: str
    latency_milliseconds: float | None
    last_event: MaybeMoment
    applications: int
    unreadable: list[Unreadable]
    left_out: int
    kept_bytes: int


class ShownConnections(Shaped):
    """The connections, by name, a page of them."""

    items: list[ShownConnection]
    cursor: str | None = None
