"""All that finds out who calls, and lets people in: one object, made once, of which each part is a module here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import Forbidden
from towpath.server.auth import admin_account
from towpath.server.auth.api_tokens import ApiTokens
from towpath.server.auth.attempts import AttemptLimits, LoginAttempts
from towpath.server.auth.bearers import BearerIndex
from towpath.server.auth.oidc.code_flow import CodeFlow
from towpath.server.auth.oidc.id_tokens import IdTokens
from towpath.server.auth.oidc.provider import IdentityProvider
from towpath.server.auth.personal_tokens import PersonalTerms, PersonalTokens
from towpath.server.auth.sessions import Sessions, SessionTerms
from towpath.server.auth.way_in import WayIn

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.server.auth.account_tokens import AccountTokens
    from towpath.server.auth.admin_account import AdminAccount
    from towpath.server.auth.authenticator import Authenticator
    from towpath.server.auth.login_key import LoginKey
    from towpath.server.auth.oidc.terms import OidcTerms
    from towpath.store.bearers import BearerStore


@dataclass(frozen=True, slots=True)
class Oidc:
    """An identity provider that vouches for people."""

    terms: OidcTerms
    tokens: IdTokens
    flow: CodeFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTerms:
    """What the operator says of sessions and tokens."""

    sessions: SessionTerms = field(default_factory=SessionTerms)
    personal: PersonalTerms = field(default_factory=PersonalTerms)
    way_in: WayIn = field(default_factory=WayIn)
    oidc: OidcTerms | None = None


_EXCHANGES: Final = AttemptLimits(per_address=30, per_network=300, per_account=300, at_once=10)
"""Many people may come by one address, and each of them was at the provider's page before."""


class Access:
    """What the routes of signing in, and the guard before all routes, work with."""

    def __init__(
        self,
        terms: AccessTerms,
        *,
        account: AdminAccount,
        accounts: AccountTokens,
        key: LoginKey,
        store: BearerStore,
        clock: Clock,
        egress: Egress | None = None,
    ) -> None:
        """`egress`: the way to the identity provider, needed where there is one."""
        issuer = terms.oidc.issuer if terms.oidc else ""
        self.account = account
        self.way_in = terms.way_in
        self.attempts = LoginAttempts(clock)
        self.exchanges = LoginAttempts(clock, _EXCHANGES, self.attempts.ended)
        """Of codes, each of which has the identity provider asked. Apart from passwords: who may sign in there has no more tries
        at the administrator's password for it."""
        self.bearers = BearerIndex(store, clock)
        self.sessions = Sessions(
            self.bearers, clock, terms=terms.sessions, account=account, key=key, issuer=issuer
        )
        self.personal = PersonalTokens(self.bearers, terms=terms.personal, issuer=issuer)
        self.api_tokens = ApiTokens(accounts, store, clock)
        self.oidc: Oidc | None = None
        if terms.oidc is not None and egress is not None:
            provider = IdentityProvider(terms.oidc.issuer, egress, clock)
            tokens = IdTokens(terms.oidc, provider, clock)
            flow = CodeFlow(terms.oidc, provider, tokens, egress=egress, key=key, clock=clock)
            self.oidc = Oidc(terms.oidc, tokens, flow)
        self._accounts = accounts

    @property
    def authenticators(self) -> tuple[Authenticator, ...]:
        """Those that know callers, besides the administrator's token, in the order in which they are asked."""
        known = (self.personal, self.account, self._accounts, self.api_tokens)
        return (*known, *((self.oidc.tokens,) if self.oidc else ()), self.sessions)

    async def check_password(self, password: str, address: str) -> None:
        """Return if it is the administrator's password.

        Raises Forbidden if not, or where there is no such account; TooManyRequests after too many that were wrong.
        """
        with self.attempts.begin(admin_account.NAME, address) as attempt:
            if not await self.account.matches(password):
                raise Forbidden(
                    "wrong password"
                    if self.account.is_enabled
                    else "the administrator's account is not enabled"
                )
            attempt.succeeded()
