"""Sessions of browsers: a cookie that scripts cannot read, which ends when it is not used, and in any case."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.admission import requester
from towpath.errors import Unauthenticated
from towpath.server.auth import persons
from towpath.server.auth.authenticator import CallerIdentity, Means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clock import Clock
    from towpath.rules.rbac import User
    from towpath.server.auth.admin_account import AdminAccount
    from towpath.server.auth.authenticator import Presented
    from towpath.server.auth.bearers import BearerIndex, Issue
    from towpath.server.auth.login_key import LoginKey
    from towpath.store.bearers import KeptBearer

KIND: Final = "session"
_MOST_OF_ONE: Final = 100
_MOST_COOKIES: Final = 5
_AGENT_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """How long sessions last."""

    idle_seconds: float = 8 * 3600.0
    """Without a request."""
    seconds: float = 24 * 3600.0
    """In any case."""


class Sessions:
    """Knows people by their sessions."""

    def __init__(
        self,
        bearers: BearerIndex,
        clock: Clock,
        *,
        terms: SessionTerms,
        account: AdminAccount,
        key: LoginKey,
        issuer: str = "",
    ) -> None:
        """`issuer`: who vouches for people now; sessions of those for whom another did have ended."""
        self._bearers = bearers
        self._clock = clock
        self._terms = terms
        self._account = account
        self._key = key
        self._issuer = issuer

    async def begin(self, user: User, *, address: str, agent: str, most_seconds: float) -> Issue:
        """Begin a session of a person who has signed in just now, never longer than `most_seconds`."""
        owner = requester.of(user).actor
        record = {
            **persons.record(user, self._issuer),
            "stamp": self._stamp(user),
            "address": address,
            "agent": agent[:_AGENT_SHOWN],
        }
        held = await self.of(owner)
        if len(held) >= _MOST_OF_ONE:
            await self._bearers.remove(held[0])
        seconds = min(self._terms.seconds, most_seconds)
        return await self._bearers.issue(KIND, owner, json.dumps(record), seconds=seconds)

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if shown.bearer or not shown.cookies:
            return None
        for secret in shown.cookies[:_MOST_COOKIES]:
            kept = await self._bearers.find(KIND, secret)
            if kept is None:
                continue
            record = json.loads(kept.record)
            if self._holds(kept, record):
                self._bearers.use(kept)
                return CallerIdentity(
                    user=persons.user(record),
                    means=Means.SESSION,
                    bearer=kept.id,
                    csrf=csrf(secret),
                )
            await self._bearers.remove(kept)
        raise Unauthenticated("the session has ended; sign in again")

    async def of(self, owner: str) -> Sequence[KeptBearer]:
        """Return somebody's sessions that hold."""
        found = await self._bearers.of(KIND, owner)
        return [each for each in found if self._holds(each, json.loads(each.record))]

    async def end(self, *sessions: KeptBearer) -> None:
        """End some."""
        await self._bearers.remove(*sessions)

    async def end_shown(self, shown: Presented) -> None:
        """End those that a request shows."""
        for secret in shown.cookies[:_MOST_COOKIES]:
            kept = await self._bearers.find(KIND, secret)
            if kept is not None:
                await self._bearers.remove(kept)

    def _holds(self, kept: KeptBearer, record: dict[str, Any]) -> bool:
        idle = (self._clock.now() - kept.used).total_seconds()
        if idle >= self._terms.idle_seconds:
            return False
        if persons.is_admin(record):
            return self._account.is_enabled and record["stamp"] == self._account.stamp
        return persons.issuer(record) == self._issuer and record["stamp"] == self._everybodys

    def _stamp(self, user: User) -> str:
        return self._account.stamp if user is requester.ADMIN.user else self._everybodys

    @property
    def _everybodys(self) -> str:
        return self._key.derive("sessions").hex()


def csrf(secret: str) -> str:
    """Return what requests of a session that change something have to show besides its cookie."""
    return hashlib.sha256(f"csrf {secret}".encode("utf-8", "surrogatepass")).hexdigest()
