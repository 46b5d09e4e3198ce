"""API tokens: of ServiceAccounts, each with a Secret that stands for it. Who deletes the Secret has revoked the token.

The token itself is kept nowhere: it is signed, and shown once. What the Secret is, and who may make one, is decided where
it is made; here is the token, and when it was used last.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from towpath.errors import TowpathError
from towpath.server.auth import jwt_peek
from towpath.server.auth.account_tokens import ISSUER
from towpath.server.auth.authenticator import CallerIdentity, Means
from towpath.server.auth.bearers import USE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.server.auth.account_tokens import AccountTokens
    from towpath.server.auth.authenticator import Presented
    from towpath.store.bearers import BearerStore

_log = logging.getLogger(__name__)


class ApiTokens:
    """Issues API tokens, knows ServiceAccounts by them, and remembers when each was used last."""

    def __init__(self, accounts: AccountTokens, store: BearerStore, clock: Clock) -> None:
        self._accounts = accounts
        self._store = store
        self._clock = clock
        self._used: dict[str, datetime] = {}
        """When each was used last, by the uid of its Secret."""
        self._written: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def issue(
        self, account: Ref, uid: str, *, secret: str, secret_uid: str, seconds: int | None = None
    ) -> str:
        """Return the token of a Secret in the account's namespace; `seconds`: until when it holds, else until it is revoked."""
        return self._accounts.issue_bound(
            account, uid, secret=secret, secret_uid=secret_uid, seconds=seconds
        )

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if jwt_peek.issuer(shown.bearer) != ISSUER:
            return None
        told = await self._accounts.told(shown.bearer)
        if told.secret is None:
            return None
        namespace, name, uid = told.secret
        self._use(uid)
        return CallerIdentity(user=told.user, means=Means.API_TOKEN, name=f"{namespace}/{name}")

    async def last_uses(self, uids: Iterable[str]) -> dict[str, datetime]:
        """Return when tokens were used last, by the uids of their Secrets; those that never were are missing."""
        kept = {**await self._store.token_uses(), **self._used}
        return {uid: kept[uid] for uid in uids if uid in kept}

    async def forget(self, uid: str) -> None:
        """Forget of a token whose Secret was deleted when it was used. Raises Unavailable."""
        self._used.pop(uid, None)
        self._written.pop(uid, None)
        await self._store.forget_uses([uid])

    async def settled(self) -> None:
        """Return when what is written behind callers' backs is written."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _use(self, uid: str) -> None:
        now = self._clock.now()
        self._used[uid] = now
        written = self._written.get(uid)
        if written is None or (now - written).total_seconds() >= USE_SECONDS:
            self._written[uid] = now
            task = asyncio.create_task(self._write(uid, now), name="token-use")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _write(self, uid: str, now: datetime) -> None:
        try:
            await self._store.tokens_used({uid: now})
        except TowpathError as error:
            _log.warning("when an API token was used last could not be written: %s", error)
