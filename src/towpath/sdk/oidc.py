"""Signs in with an OpenID provider: in the browser of this machine, or of another one by a code that is typed in there.

The authorization code flow with PKCE and an address of this machine to come back to (RFC 8252, RFC 7636), the device flow
(RFC 8628), and the renewal of tokens. What proves who somebody is, is the ID token: the server checks its signature, and
here it comes from the provider itself, over TLS (OpenID Connect Core 3.1.3.7, 6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.callback import Callback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.sdk.signing_in import TrustedProvider

_LARGEST: Final = 1 << 20
_SECONDS: Final = 30.0
_OFFLINE: Final = "offline_access"
_DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_SLOWER: Final = 5.0
"""Seconds that a provider which says so is asked more slowly."""
_LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a provider gave."""

    id_token: str
    refresh_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types in, and where."""

    address: str
    whole_address: str
    """The same with the code in it; empty if the provider has none."""
    code: str


class OpenIdProvider:
    """One provider, as one client of it."""

    def __init__(self, oidc: TrustedProvider, *, insecure: bool = False) -> None:
        """Ask the provider where its doors are. Raises Unavailable, BadRequest for one that is not asked over TLS."""
        self._oidc = oidc
        self._insecure = insecure
        issuer = oidc.issuer.rstrip("/")
        self._doors = self._ask("GET", f"{issuer}/.well-known/openid-configuration")
        if str(self._doors.get("issuer") or "").rstrip("/") != issuer:
            raise errors.Unavailable(
                f"the OpenID provider {oidc.issuer} calls itself {self._doors.get('issuer')!r}; the server's setting must name it so"
            )

    def in_browser(self, port: int, show: Callable[[str], None], seconds: float) -> Tokens:
        """Return what the provider gives after somebody signed in; `show` is given the address for the browser.

        `port`: of the address to come back to, 0 for any. Raises Forbidden if the person or the provider refuses, Timeout.
        """
        verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
        challenge = _base64(hashlib.sha256(verifier.encode()).digest())
        with Callback(port) as callback:
            asked = {
                "response_type": "code",
                "client_id": self._oidc.client_id,
                "redirect_uri": callback.address,
                "scope": self._scope(),
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
            door = self._door("authorization_endpoint")
            show(f"{door}{'&' if '?' in door else '?'}{urllib.parse.urlencode(asked)}")
            answer = callback.wait(state, seconds)
            form = {
                "grant_type": "authorization_code",
                "code": answer,
                "redirect_uri": callback.address,
                "code_verifier": verifier,
            }
        tokens = self._tokens(self._token(form), "")
        if not hmac.compare_digest(str(_claims(tokens.id_token).get("nonce") or ""), nonce):
            raise errors.Forbidden(
                "the OpenID provider's answer belongs to another sign-in; begin again"
            )
        return tokens

    def by_code(
        self,
        show: Callable[[DeviceCode], None],
        pause: Callable[[float], None],
        now: Callable[[], float],
    ) -> Tokens:
        """Return what the provider gives after somebody typed a code in on another machine.

        Raises BadRequest if the provider has no device flow, Forbidden for a no, Timeout if the code ran out.
        """
        if "device_authorization_endpoint" not in self._doors:
            raise errors.BadRequest(
                f"the OpenID provider {self._oidc.issuer} has no device flow; sign in with --sso"
            )
        door = self._door("device_authorization_endpoint")
        form = {"client_id": self._oidc.client_id, "scope": self._scope()}
        begun = self._ask("POST", door, form)
        if not begun.get("device_code") or not begun.get("user_code"):
            raise errors.Unavailable(f"the OpenID provider {self._oidc.issuer} gave no code")
        address = str(begun.get("verification_uri") or begun.get("verification_url") or "")
        whole = str(begun.get("verification_uri_complete") or "")
        show(DeviceCode(address=address, whole_address=whole, code=str(begun["user_code"])))
        interval = _seconds(begun.get("interval"), 5.0)
        end = now() + _seconds(begun.get("expires_in"), 600.0)
        while now() < end:
            pause(min(interval, _LONGEST_PAUSE))
            asked = {"grant_type": _DEVICE_GRANT, "device_code": str(begun["device_code"])}
            found = self._token(asked, patient=True)
            match found.get("error"):
                case None:
                    return self._tokens(found, "")
                case "authorization_pending":
                    continue
                case "slow_down":
                    interval += _SLOWER
                case "expired_token":
                    break
                case "access_denied":
                    raise errors.Forbidden("the sign-in was refused at the OpenID provider")
                case error:
                    raise errors.Forbidden(f"the OpenID provider refuses: {_said(found, error)}")
        raise errors.Timeout("nobody typed the code in while it was good; begin again")

    def renewed(self, refresh_token: str) -> Tokens:
        """Return a new ID token. Raises Unauthenticated if the provider does not give one any more."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        found = self._token(form, patient=True)
        if found.get("error"):
            raise errors.Unauthenticated(
                f"the OpenID provider does not renew the sign-in: {_said(found, found['error'])}"
            )
        return self._tokens(found, refresh_token)

    def _scope(self) -> str:
        offered = self._doors.get("scopes_supported")
        more = (_OFFLINE,) if isinstance(offered, list) and _OFFLINE in offered else ()
        return " ".join(dict.fromkeys(("openid", *self._oidc.scopes, *more)))

    def _token(self, form: Mapping[str, str], *, patient: bool = False) -> dict[str, Any]:
        sent = {"client_id": self._oidc.client_id, **form}
        return self._ask("POST", self._door("token_endpoint"), sent, patient=patient)

    def _tokens(self, found: Mapping[str, Any], refresh_token: str) -> Tokens:
        token = found.get("id_token")
        if not isinstance(token, str) or not token:
            raise errors.Unavailable(f"the OpenID provider {self._oidc.issuer} gave no ID token")
        return Tokens(
            id_token=token, refresh_token=str(found.get("refresh_token") or refresh_token)
        )

    def _door(self, name: str) -> str:
        found = self._doors.get(name)
        if not isinstance(found, str) or not found:
            raise errors.Unavailable(f"the OpenID provider {self._oidc.issuer} names no {name}")
        return found

    def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        *,
        patient: bool = False,
    ) -> dict[str, Any]:
        """Return a provider's answer; `patient`: an error that it tells as JSON is one."""
        parts = urllib.parse.urlsplit(address)
        host = parts.hostname or ""
        if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
            raise errors.BadRequest(f"the OpenID provider {address}: it is asked over https only")
        connection = self._connection(parts.scheme, host, parts.port)
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = f"the OpenID provider {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read(_LARGEST)
        except TimeoutError as error:
            raise errors.Timeout(f"{named}: no answer within {_SECONDS:g} seconds") from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(f"{named}: no answer: {error}") from error
        finally:
            connection.close()
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise errors.Unavailable(
                f"{named}: {method} {parts.path}: {answer.status}, and what is no JSON object"
            )
        if answer.status >= 300 and not (patient and found.get("error")):
            raise errors.Forbidden(f"{named}: {_said(found, answer.status)}")
        return found

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=_SECONDS)
        context = ssl.create_default_context()
        if self._insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=context)


def _said(found: Mapping[str, Any], error: object) -> str:
    told = found.get("error_description") or found.get("error") or error
    return str(told)[:500]


def _claims(token: str) -> dict[str, Any]:
    try:
        middle = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _seconds(found: Any, otherwise: float) -> float:
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and found > 0 else otherwise
