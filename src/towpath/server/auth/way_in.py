"""What lies between callers and us: proxies that are trusted, and the URL that they know us by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from towpath.server.auth import addresses, session_cookie

if TYPE_CHECKING:
    from starlette.types import Scope

    from towpath.server.auth.addresses import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """How callers come here."""

    trusted: tuple[Network, ...] = ()
    """Proxies whose word counts on where a request comes from."""
    url: str = ""
    """Where the operator says that we are reached; empty: where each request says."""

    base_path: str = ""
    """Below which path of its host the server answers."""

    def address(self, scope: Scope) -> str:
        """Return a caller's address."""
        return addresses.client(scope, self.trusted)

    def is_https(self, scope: Scope) -> bool:
        """Whether a caller's browser speaks TLS."""
        return (self.url.startswith("https://") and self._is_at_url(scope)) or addresses.is_https(
            scope, self.trusted
        )

    def cookies(self, scope: Scope) -> tuple[str, ...]:
        """Return what a request shows as the session's cookie."""
        return session_cookie.shown(scope, is_https=self.is_https(scope))

    def base(self, scope: Scope) -> str:
        """Return the URL that a caller's browser knows us by, without a slash at its end."""
        if self.url:
            return self.url.rstrip("/")
        scheme = "https" if self.is_https(scope) else "http"
        return f"{scheme}://{_host(scope)}{self.base_path}"

    def _is_at_url(self, scope: Scope) -> bool:
        return _host(scope).lower() == urlsplit(self.url).netloc.lower()


def _host(scope: Scope) -> str:
    return next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), ""
    )
