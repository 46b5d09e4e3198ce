"""An identity provider (OpenID Connect) on loopback: discovery, keys, authorization code with PKCE.

It is strict: what it is asked for otherwise than RFC 6749, 7636 and OpenID Connect have it is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clock import Clock

JO: dict[str, Any] = {
    "sub": "1",
    "email": "jo@example.com",
    "email_verified": True,
    "groups": ["a", "b"],
}


class OidcServer:
    """The provider, with one person who has signed in there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.url = ""
        self.issuer = ""
        """What it calls itself; as its URL, unless a test says otherwise."""
        self.person = dict(JO)
        self.redirects = {"http://test/login", "https://towpath.example/login"}
        self.algorithm = "RS256"
        self.asked: list[str] = []
        """Paths, in their order."""
        self.is_ill = False
        self.nonce: str | None = None
        """Put into tokens instead of the one that was asked for."""
        self._codes: dict[str, dict[str, str]] = {}
        self.turn_keys()

    def turn_keys(self) -> None:
        """Sign by a new key from now on, and forget the old one."""
        self.kid = secrets.token_hex(4)
        self.private: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if self.algorithm.startswith("ES"):
            self.private = ec.generate_private_key(ec.SECP256R1())

    def claims(self, audience: str = "web", **more: Any) -> dict[str, Any]:
        """Return what a token says."""
        now = int(self._clock.now().timestamp())
        return {
            "iss": self.issuer,
            "aud": audience,
            "iat": now,
            "exp": now + 3600,
            **self.person,
            **more,
        }

    def token(self, audience: str = "web", **more: Any) -> str:
        """Return a token."""
        return self.signed(self.claims(audience, **more))

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """Return claims signed by its key."""
        headers = {"kid": self.kid, **header}
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers=headers)

    @property
    def key(self) -> dict[str, Any]:
        """The public key, as its set has it."""
        algorithm: Any = ECAlgorithm if self.algorithm.startswith("ES") else RSAAlgorithm
        made: dict[str, Any] = json.loads(algorithm.to_jwk(self.private.public_key()))
        return {**made, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def authorized(self, url: str) -> tuple[str, str]:
        """Do what a browser and its user do at the page of authorization; return code and state."""
        from urllib.parse import parse_qs, urlsplit

        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] in ("web", "cli")
        assert asked["redirect_uri"] in self.redirects or asked["client_id"] == "cli"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return code, asked["state"]

    async def _discovery(self, _: web.Request) -> web.Response:
        told = {"issuer": self.issuer, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": [self.algorithm]}  # fmt: skip
        return web.json_response(told)

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [{"kty": "oct", "k": "eHh4", "kid": "shared"}, self.key]})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        begun = self._codes.pop(form.get("code", ""), None)
        if begun is None or form.get("grant_type") != "authorization_code":
            return web.json_response({"error": "invalid_grant"}, status=400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = all(form.get(name) == begun[name] for name in ("client_id", "redirect_uri"))
        if challenge != begun["code_challenge"] or not same:
            return web.json_response({"error": "invalid_grant"}, status=400)
        more = {"nonce": self.nonce or begun["nonce"]} if "nonce" in begun else {}
        return self._granted(begun["client_id"], **more)

    def _granted(self, audience: str, **more: Any) -> web.Response:
        token = self.token(audience, **more)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.is_ill:
            return web.Response(status=500)
        answer: web.StreamResponse = await handler(request)
        return answer


def redirected(base: str, code: str, state: str) -> str:
    """Return where a provider sends a browser back to."""
    return f"{base}?{urlencode({'code': code, 'state': state})}"


@asynccontextmanager
async def serving(clock: Clock) -> AsyncIterator[OidcServer]:
    """Run a provider while the context lasts."""
    server = OidcServer(clock)
    app = web.Application(middlewares=[server._noted])
    app.router.add_get("/.well-known/openid-configuration", server._discovery)
    app.router.add_get("/keys", server._keys)
    app.router.add_post("/token", server._token)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.url = server.issuer = f"http://{host}:{port}"
        yield server
    finally:
        await runner.cleanup()
