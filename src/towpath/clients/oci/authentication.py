"""How registries want to be asked: anonymously, by user and password, or with a token from a token service."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.oci.challenges import challenges

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock

_SHORTEST_LIFE_SECONDS: Final = 60.0
_MARGIN_SECONDS: Final = 10.0
_MOST_TOKENS: Final = 10_000
_TOKEN_BYTES: Final = 256 << 10
_LONGEST_LIFE_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCredential:
    """User and password (or token) for a registry. `repr` shows no secret."""

    username: str = ""
    password: str = field(default="", repr=False)
    source: str = ""
    """The Secret it came from, for messages."""

    @property
    def account(self) -> str:
        """In whose name requests are sent, without saying it: another user or password is another account."""
        if not self.username and not self.password:
            return ""
        pair = f"{self.username}\0{self.password}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(pair).hexdigest()


ANONYMOUS: Final = RegistryCredential()


class RegistryLogin:
    """Gets, keeps and renews what goes into `Authorization`."""

    def __init__(self, egress: Egress, clock: Clock) -> None:
        self._egress = egress
        self._clock = clock
        self._known: dict[tuple[str, str, RegistryCredential], tuple[str, float]] = {}
        """Header by base URL, repository and credential, and until when it is good."""

    def header(self, base: str, name: str, credential: RegistryCredential) -> str | None:
        """Return the header that served last, None if there is none or it is too old."""
        found = self._known.get((base, name, credential))
        if found is None or found[1] <= self._clock.monotonic():
            return None
        return found[0]

    async def answer(
        self,
        challenge: str,
        base: str,
        name: str,
        credential: RegistryCredential,
        *,
        insecure: bool,
    ) -> str | None:
        """Return the header that `WWW-Authenticate` asks for; None if we have nothing to say to it.

        Of several challenges a token service goes first, wherever it stands.

        Raises Forbidden when the token service refuses, or is a place that credentials must not go to.
        """
        asked = challenges(challenge)
        bearer = next(
            (each for each in asked if each.scheme == "bearer" and "realm" in each.parameters), None
        )
        if bearer is not None:
            realm = _absolute(base, bearer.parameters["realm"])
            header, life = await self._token(
                {**bearer.parameters, "realm": realm}, name, credential, insecure=insecure
            )
        elif any(each.scheme == "basic" for each in asked):
            if not credential.username and not credential.password:
                return None
            self._refuse_plain(base, credential)
            header, life = _basic(credential), float("inf")
        else:
            return None
        if len(self._known) >= _MOST_TOKENS:
            self._known.clear()
        self._known[base, name, credential] = (header, self._clock.monotonic() + life)
        return header

    async def _token(
        self,
        parameters: dict[str, str],
        name: str,
        credential: RegistryCredential,
        *,
        insecure: bool,
    ) -> tuple[str, float]:
        realm = parameters["realm"]
        query = {"scope": parameters.get("scope") or f"repository:{name}:pull"}
        if parameters.get("service"):
            query["service"] = parameters["service"]
        headers = {}
        if credential.username or credential.password:
            self._refuse_plain(realm, credential)
            headers["Authorization"] = _basic(credential)
        separator = "&" if "?" in realm else "?"
        response = await self._egress.request(
            "GET",
            f"{realm}{separator}{urlencode(query)}",
            headers=headers,
            insecure=insecure,
            account=credential.account,
            most_bytes=_TOKEN_BYTES,
            rests=True,
        )
        if response.status in (400, 401, 403):
            raise errors.Forbidden(
                f"the token service at {response.url} refused ({response.status}): {_of(credential)}"
            )
        if response.status != 200:
            raise errors.Unavailable(
                f"the token service at {response.url} answered {response.status}"
            )
        try:
            found = json.loads(response.body)
            token = found.get("token") or found.get("access_token")
            life = float(found.get("expires_in") or _SHORTEST_LIFE_SECONDS)
        except (ValueError, AttributeError, TypeError, OverflowError, RecursionError) as error:
            raise errors.Unavailable(
                f"the token service at {response.url} gave no token"
            ) from error
        if not isinstance(token, str) or not token:
            raise errors.Unavailable(f"the token service at {response.url} gave no token")
        if not _SHORTEST_LIFE_SECONDS <= life <= _LONGEST_LIFE_SECONDS:  # nor is NaN
            life = _LONGEST_LIFE_SECONDS if life > _LONGEST_LIFE_SECONDS else _SHORTEST_LIFE_SECONDS
        return f"Bearer {token}", life - _MARGIN_SECONDS

    def _refuse_plain(self, url: str, credential: RegistryCredential) -> None:
        """Let a credential go to encrypted places only, and to those the operator has named."""
        whose = f"the credential of {credential.source or 'the registry'}"
        try:
            place = urls.split(url)
        except urls.Unacceptable as error:
            raise errors.Forbidden(f"{whose} is not sent to the token service: {error}") from error
        if place.scheme == "https":
            return
        if self._egress.guard.allows(*place.where):
            return
        raise errors.Forbidden(
            f"{whose} is not sent to {place.scheme}://{place.authority}: "
            "it is not encrypted; an operator allows it with egress.allow"
        )


def _absolute(base: str, realm: str) -> str:
    """Return where a token service is; a registry may give the path alone. Raises Forbidden."""
    try:
        place = urls.joined(urls.split(f"{base}/"), realm)
    except urls.Unacceptable as error:
        raise errors.Forbidden(
            f"the registry at {base} names a token service that is not asked: {error}"
        ) from error
    if place.has_user:
        raise errors.Forbidden(
            f"the registry at {base} names a token service with a user in its URL, which is not asked"
        )
    return place.url


def _basic(credential: RegistryCredential) -> str:
    pair = f"{credential.username}:{credential.password}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def _of(credential: RegistryCredential) -> str:
    if credential.source:
        return f"check the credential in {credential.source}"
    return "no Secret matches this repository, so none was sent"
