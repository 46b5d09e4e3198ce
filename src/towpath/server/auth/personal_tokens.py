"""Personal tokens: what somebody lets a script have to act in their name, until a day that they choose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.admission import requester
from towpath.errors import AlreadyExists, Forbidden, Unauthenticated
from towpath.server.auth import persons
from towpath.server.auth.authenticator import CallerIdentity, Means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.rules.rbac import User
    from towpath.server.auth.authenticator import Presented
    from towpath.server.auth.bearers import BearerIndex, Issue
    from towpath.store.bearers import KeptBearer

KIND: Final = "personal"
PREFIX: Final = "towpath_"
"""What they begin with, by which those are found who have published one."""
_MOST_OF_ONE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalTerms:
    """How long personal tokens last."""

    most_seconds: float = 90 * 86_400.0


class PersonalTokens:
    """Knows people by their personal tokens."""

    def __init__(self, bearers: BearerIndex, *, terms: PersonalTerms, issuer: str = "") -> None:
        """`issuer`: who vouches for people now; tokens of those for whom another did hold no more."""
        self._bearers = bearers
        self._issuer = issuer
        self.terms = terms

    async def issue(self, user: User, name: str, *, seconds: float) -> Issue:
        """Make one of a person. Raises AlreadyExists for a name that they have given, Forbidden for more than there may be."""
        owner = requester.of(user).actor
        held = await self._bearers.of(KIND, owner)
        if any(name_of(each) == name for each in held):
            raise AlreadyExists(
                f"name: you have a token {name!r} already; delete it, or take another name"
            )
        if len(held) >= _MOST_OF_ONE:
            raise Forbidden(f"you have {len(held)} tokens, and nobody may have more: delete some")
        record = {**persons.record(user, self._issuer), "token": name}
        return await self._bearers.issue(
            KIND,
            owner,
            json.dumps(record),
            seconds=min(seconds, self.terms.most_seconds),
            prefix=PREFIX,
        )

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if not shown.bearer.startswith(PREFIX):
            return None
        kept = await self._bearers.find(KIND, shown.bearer)
        if kept is None:
            raise Unauthenticated("invalid token")
        record = json.loads(kept.record)
        if not persons.is_admin(record) and persons.issuer(record) != self._issuer:
            raise Unauthenticated("invalid token")
        self._bearers.use(kept)
        return CallerIdentity(
            user=persons.user(record),
            means=Means.PERSONAL_TOKEN,
            name=record["token"],
            bearer=kept.id,
        )

    async def of(self, owner: str) -> Sequence[KeptBearer]:
        """Return somebody's tokens that hold."""
        return await self._bearers.of(KIND, owner)

    async def remove(self, token: KeptBearer) -> None:
        """Have one hold no more, at once."""
        await self._bearers.remove(token)


def name_of(kept: KeptBearer) -> str:
    """Return the name that its owner has given a token."""
    return str(json.loads(kept.record)["token"])
