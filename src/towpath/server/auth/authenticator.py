"""What finds out who calls: a list of authenticators, each for one kind of what a request may show."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from towpath.rules.rbac import User


class Means(enum.StrEnum):
    """By which means somebody is known."""

    ADMIN_TOKEN = "AdminToken"  # noqa: S105 - a word
    """The token in the data directory."""
    ADMIN_LOGIN = "AdminLogin"
    """What the administrator's password was exchanged for (`POST /v1beta1/login`)."""
    SESSION = "Session"
    SERVICE_ACCOUNT = "ServiceAccount"
    API_TOKEN = "APIToken"  # noqa: S105 - a word
    PERSONAL_TOKEN = "PersonalToken"  # noqa: S105 - a word
    OIDC = "OIDC"


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of its caller."""

    bearer: str = field(default="", repr=False)
    """The token of `Authorization: Bearer`; empty: none."""
    cookies: tuple[str, ...] = field(default=(), repr=False)
    """Values of the session's cookie: where others were set beside ours, several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentity:
    """Somebody who is known, and by what."""

    user: User
    means: Means
    name: str = ""
    """Of the token, where it has one."""
    bearer: str = ""
    """The id of the session or personal token; empty for all else."""
    csrf: str = field(default="", repr=False)
    """What a request that changes something has to show besides; empty where nothing is shown unasked."""


class Authenticator(Protocol):
    """Knows callers by one kind of what they show."""

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """Return who shows that; None: it is nothing of this kind.

        Raises Unauthenticated for what is of this kind and does not hold; Unavailable where nobody can tell now.
        """
        ...
