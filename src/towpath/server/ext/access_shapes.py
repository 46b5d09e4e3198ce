"""Bodies and answers of signing in, and of one's own sessions and tokens."""

from __future__ import annotations

from msgspec import field

from towpath.server.shaped import Maybe, MaybeMoment, Moment, Shaped


class SignIn(Shaped):
    """The administrator's password, or what the identity provider has sent."""

    password: str = ""
    code: str = ""
    state: str = ""


class WayBack(Shaped):
    """Where somebody wants to be who signs in."""

    redirect_to: str = ""


class ProvidersPage(Shaped):
    """Where to go."""

    authorization_url: str = field(name="authorizationURL")


class BegunSession(Shaped):
    """A session that has begun; its cookie is beside it."""

    actor: str
    claims: dict[str, list[str]]
    csrf_token: Maybe
    expires: MaybeMoment
    redirect_to: str


class ShownCaller(Shaped):
    """Who calls, and by which means."""

    actor: str
    claims: dict[str, list[str]]
    csrf_token: Maybe
    expires: MaybeMoment
    means: str


class OwnSession(Shaped):
    """A session of the caller's."""

    id: str
    is_this: bool
    address: str
    agent: str
    created: Moment
    used: Moment
    expires: Moment


class OwnSessions(Shaped):
    """A page of them, the oldest first."""

    items: list[OwnSession]
    cursor: str | None = None


class EndedSessions(Shaped):
    """How many there were."""

    ended: int


class OwnToken(Shaped):
    """A personal token of the caller's."""

    name: str
    created: Moment
    expires: Moment
    used: MaybeMoment


class OwnTokens(Shaped):
    """A page of them, the oldest first."""

    items: list[OwnToken]
    cursor: str | None = None


class WantedToken(Shaped):
    """A token that is wanted."""

    name: str
    ttl: str = ""


class NewToken(OwnToken):
    """A new one, with what is shown this once."""

    token: str
