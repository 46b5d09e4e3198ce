"""Which credentials serve a repository, in answers of our own API."""

from __future__ import annotations

from towpath.server.shaped import Shaped


class ShownJudgedSecret(Shaped):
    """A Secret, and why it serves or does not."""

    namespace: str
    name: str
    serves: bool
    reason: str


class ShownIdentity(Shaped):
    """The server's own identity at a cloud, and why it serves or does not."""

    cloud: str
    serves: bool
    reason: str


class ServingCredentials(Shaped):
    """Which Secret serves a repository, or the server's own identity, where it is in a registry of a cloud."""

    url: str
    type: str
    compared_as: str
    serves: ShownJudgedSecret | None
    secrets: list[ShownJudgedSecret]
    left_out: int
    identity: ShownIdentity | None = None
