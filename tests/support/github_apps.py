"""Stands for the part of GitHub that gives tokens to Apps; what it is asked and what it answers fit GitHub's description.

It looks at the proof as GitHub does: who made it, by the public key; when; for how long.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from towpath.demo.loopback import Loopback
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.contracts import Contract
    from towpath.clock import Clock
    from towpath.demo.loopback import Answer, Request

_DOCUMENTATION: Final = "https://docs.github.com/rest"


def key() -> rsa.RSAPrivateKey:
    """Return a new key, as GitHub makes them."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(made: rsa.RSAPrivateKey) -> str:
    """Return a key as GitHub hands it out."""
    return made.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@dataclass
class GitHubApps:
    """One App, installed once, below `/api/v3` of a server of somebody's own."""

    clock: Clock
    contract: Contract | None
    """What requests and answers are held against."""
    app: rsa.RSAPrivateKey
    issuers: tuple[str, ...] = ("Iv23liEXAMPLE", "1234")
    """The App's client id and its number."""
    installation: str = "77"
    repositories: set[str] = field(default_factory=lambda: {"app", "other"})
    """What the installation reaches."""
    life: timedelta = timedelta(hours=1)
    suspended: bool = False
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    """By whom a token was asked for, and for what."""
    answers: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """What the next requests are answered with, one each."""
    on_token: Callable[[str], None] = lambda _: None
    wrong: list[BaseException] = field(default_factory=list)
    """What did not fit the contract."""

    def __post_init__(self) -> None:
        self.http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where the server is, as repositories are named."""
        return self.http.url

    @property
    def where(self) -> str:
        """HOST:PORT."""
        return self.url.removeprefix("http://")

    def _respond(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/v3")
        template = path
        try:
            if self.contract is not None:
                template = self.contract.request(request.method, path, json.loads(request.body))
            status, headers, body = self._answer(path, request)
            if self.contract is not None and status != 500:
                self.contract.answer(request.method, template, status, body)
        except Exception as error:  # noqa: BLE001 - the test raises it, on its own thread
            self.wrong.append(error)
            return 500, {}, b""
        head = {"Content-Type": "application/json; charset=utf-8", **headers}
        return status, head, json.dumps(body).encode()

    def _answer(self, path: str, request: Request) -> tuple[int, dict[str, str], dict[str, Any]]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert headers["accept"] == "application/vnd.github+json"
        assert headers["x-github-api-version"]
        if self.answers:
            return self.answers.pop(0)
        issuer = self._issuer(headers.get("authorization", ""))
        if issuer is None:
            return _refused(401, "A JSON web token could not be decoded")
        wanted = json.loads(request.body)["repositories"]
        self.asked.append((issuer, wanted))
        if path != f"/app/installations/{self.installation}/access_tokens":
            return _refused(404, "Not Found")
        if self.suspended:
            return _refused(403, "This installation has been suspended")
        if not set(wanted) <= self.repositories:
            return _refused(
                422, "There is at least one repository that does not exist or is not accessible"
            )
        token = f"ghs_{len(self.asked):04d}{'t' * 32}"
        self.on_token(token)
        expires = moments.whole_seconds(self.clock.now() + self.life)
        return (
            201,
            {},
            {"token": token, "expires_at": expires, "permissions": {"contents": "write"}},
        )

    def _issuer(self, authorization: str) -> str | None:
        """Return who a proof is of; None if it proves nothing."""
        head, claims, signature = authorization.removeprefix("Bearer ").split(".")
        try:
            self.app.public_key().verify(
                _decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            return None
        said = json.loads(_decoded(claims))
        now = self.clock.now().timestamp()
        is_right = (
            json.loads(_decoded(head))["alg"] == "RS256"
            and said["iat"] <= now < said["exp"] <= said["iat"] + 600
        )
        return said["iss"] if is_right and said["iss"] in self.issuers else None


def _refused(status: int, message: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    body = {"message": message, "documentation_url": _DOCUMENTATION}
    return status, {}, body | ({"status": str(status)} if status in (401, 404) else {})
