"""People for whom an identity provider vouches: a real one, on loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from tests.support import oidc_server, serving
from tests.support.browsers import SESSION, browser, serve
from tests.support.pipeline import Pipeline, running
from towpath.clients.http import Egress
from towpath.clock import SystemClock, VirtualClock, settle
from towpath.errors import BadRequest, Unauthenticated, Unavailable
from towpath.server.auth.access import Access, AccessTerms
from towpath.server.auth.authenticator import Means, Presented
from towpath.server.auth.oidc import code_flow
from towpath.server.auth.oidc.provider import PAUSE_SECONDS, IdentityProvider
from towpath.server.auth.oidc.terms import OidcTerms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from tests.support.oidc_server import OidcServer


@dataclass(frozen=True)
class Around:
    """A server of ours beside a provider."""

    world: Pipeline
    provider: OidcServer
    access: Access
    app: ASGIApp

    async def takes(self, token: str) -> bool:
        """Whether a token is taken."""
        assert self.access.oidc is not None
        try:
            return await self.access.oidc.tokens.identify(Presented(token)) is not None
        except Unauthenticated:
            return False


@asynccontextmanager
async def around(folder: Path, **terms: Any) -> AsyncIterator[Around]:
    """Run both."""
    async with running(folder) as world, oidc_server.serving(world.clock) as provider:
        address = provider.url.removeprefix("http://")
        async with Egress(allow=[address], clock=SystemClock()) as egress:
            said = OidcTerms(
                **{"issuer": provider.url, "client_id": "web", "cli_client_id": "cli", **terms}
            )
            access = serving.access(world, AccessTerms(oidc=said), egress=egress)
            app, _ = serve(world, access)
            yield Around(world, provider, access, app)


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


async def test_an_id_token_is_a_bearer(tmp_path: Path) -> None:
    """Of either client; claims that are texts are known, and who it is by the claim for names."""
    async with around(tmp_path) as here, browser(here.app) as client:
        for audience in ("web", "cli"):
            mixed = {"mixed": ["x", 1, "\ud800"], "half": "\udfff", "\ud800": "x"}
            token = here.provider.token(audience, level=3, nested={"a": "b"}, **mixed)
            told = (await client.get(SESSION, headers=bearer(token))).json()
            assert (told["actor"], told["means"]) == ("email:jo@example.com", "OIDC")
            assert told["claims"]["groups"] == ["a", "b"]
            assert told["claims"]["mixed"] == ["x"]
            assert not {"level", "nested", "half"} & set(told["claims"])
        public = (await client.get("/v1beta1/system/public-server-config")).json()
        assert public["oidcConfig"] == {
            "issuerUrl": here.provider.url,
            "clientId": "web",
            "cliClientId": "cli",
            "scopes": ["openid", "profile", "email", "groups"],
        }


async def test_forged_and_foreign_tokens_are_refused(tmp_path: Path) -> None:
    """Other audiences, issuers and times; other algorithms, and keys that everybody knows."""
    async with around(tmp_path) as here:
        provider, now = here.provider, int(here.world.clock.now().timestamp())
        assert await here.takes(provider.token())
        claims = provider.claims()
        pem = provider.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        part = provider.token().split(".")
        known = jwt.api_jws.PyJWS(algorithms=["HS256"])
        known._algorithms["HS256"].prepare_key = lambda key: key  # type: ignore[method-assign]
        confused = known.encode(
            __import__("json").dumps(claims).encode(),
            pem,
            algorithm="HS256",
            headers={"kid": provider.kid},
        )
        for token in (
            confused,
            jwt.encode(claims, "xxx" * 20, algorithm="HS256", headers={"kid": "shared"}),
            jwt.encode(claims, "", algorithm="none", headers={"kid": provider.kid}),
            provider.token("somebody-else"),
            provider.signed({**claims, "iss": "https://evil.example"}),
            provider.signed({**claims, "aud": ["web", "other"]}),
            provider.signed({**claims, "aud": ["web", "other"], "azp": "other"}),
            provider.signed({**claims, "azp": "other"}),
            provider.signed({**claims, "exp": now - 31}),
            provider.signed({**claims, "exp": True}),
            provider.signed({**claims, "exp": "soon"}),
            provider.signed({**claims, "nbf": now + 31}),
            provider.signed({**claims, "iat": now + 3600}),
            provider.signed({name: value for name, value in claims.items() if name != "exp"}),
            provider.signed({name: value for name, value in claims.items() if name != "sub"}),
            provider.signed(claims, kid="unknown"),
            provider.signed({**claims, "exp": 10**400}),
            provider.signed({**claims, "exp": float("inf")}),
            provider.signed({**claims, "exp": float("nan")}),
            provider.signed({**claims, "nbf": -(10**400)}),
            provider.signed({**claims, "email_verified": False}),
            provider.signed({**claims, "email_verified": "false"}),
            provider.signed({**claims, "email_verified": None}),
            provider.signed({**claims, "email": ""}),
            provider.signed({**claims, "email": ["jo@example.com"]}),
            provider.signed({**claims, "email": "a\nb@example.com"}),
            f"{part[0]}.{part[1]}.",
            f"{part[0]}.{part[1]}.{part[2][:-4]}AAAA",
        ):
            assert not await here.takes(token), jwt.decode(
                token, options={"verify_signature": False}
            )
        assert await here.takes(provider.signed({**claims, "aud": ["web", "other"], "azp": "web"}))
        assert await here.takes(provider.signed({**claims, "exp": now - 29}))


async def test_no_right_comes_of_an_address_that_is_not_verified(tmp_path: Path) -> None:
    """Whoever is named by another claim could write there whose address they like."""
    async with around(tmp_path, username_claim="sub") as here, browser(here.app) as client:
        for said, is_known in ((True, True), ("true", True), (False, False), ("false", False)):
            token = here.provider.token(email_verified=said)
            told = (await client.get(SESSION, headers=bearer(token))).json()
            assert ("email" in told["claims"]) == is_known
            assert told["claims"]["groups"] == ["a", "b"]


async def test_a_token_ends_while_it_is_known(tmp_path: Path) -> None:
    """That its signature was checked before does not keep it."""
    async with around(tmp_path) as here:
        token = here.provider.token()
        assert await here.takes(token)
        await here.world.clock.advance(3600 + 31)
        assert not await here.takes(token)


async def test_keys_that_turn_are_looked_for_but_not_again_and_again(tmp_path: Path) -> None:
    """Tokens of keys that nobody has do not have the provider asked each time."""
    async with around(tmp_path) as here:
        provider = here.provider
        old = provider.token()
        assert await here.takes(old)
        provider.turn_keys()
        await here.world.clock.advance(31)
        assert await here.takes(provider.token())
        assert not await here.takes(old)
        before = provider.asked.count("/keys")
        for _ in range(20):
            assert not await here.takes(provider.signed(provider.claims(), kid="made-up"))
        assert provider.asked.count("/keys") == before
        await here.world.clock.advance(31)
        assert not await here.takes(provider.signed(provider.claims(), kid="made-up"))
        assert provider.asked.count("/keys") == before + 1


async def test_while_the_provider_is_ill_nobody_is_taken_for_a_stranger(tmp_path: Path) -> None:
    """503 and why for its people, and everybody else goes on; once it is well it is asked anew."""
    async with around(tmp_path) as here, browser(here.app) as client:
        here.provider.is_ill = True
        answer = await client.get(SESSION, headers=bearer(here.provider.token()))
        assert (answer.status_code, "cannot be asked" in answer.text) == (503, True)
        assert (await client.get(SESSION, headers=bearer(serving.TOKEN))).status_code == 200
        here.provider.is_ill = False
        await here.world.clock.advance(31)
        assert (await client.get(SESSION, headers=bearer(here.provider.token()))).status_code == 200


async def test_a_provider_of_another_name_is_none(tmp_path: Path) -> None:
    """What is served at its address has to be it."""
    async with around(tmp_path) as here, browser(here.app) as client:
        here.provider.issuer = "https://other.example"
        token = jwt.encode({**here.provider.claims(), "iss": here.provider.url}, here.provider.private,
                           algorithm="RS256", headers={"kid": here.provider.kid})  # fmt: skip
        answer = await client.get(SESSION, headers=bearer(token))
        assert (answer.status_code, "calls itself" in answer.text) == (503, True)


async def begun(client: Any, redirect_to: str = "/projects/shop?x=1") -> str:
    """Begin a sign-in; return the page to go to."""
    answer = await client.post(f"{SESSION}/oidc", json={"redirectTo": redirect_to})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["authorizationURL"]
    return url


async def finish(client: Any, code: str, state: str) -> Any:
    """Come back from the provider."""
    return await client.post(SESSION, json={"code": code, "state": state})


async def test_somebody_signs_in_through_the_page_of_the_provider(tmp_path: Path) -> None:
    """With PKCE and a nonce; a code is good once, and its session has the claims."""
    async with around(tmp_path) as here, browser(here.app) as client:
        code, state = here.provider.authorized(await begun(client))
        answer = await finish(client, code, state)
        assert answer.status_code == 201, answer.text
        assert answer.json()["actor"] == "email:jo@example.com"
        assert answer.json()["redirectTo"] == "/projects/shop?x=1"
        told = (await client.get(SESSION)).json()
        assert (told["means"], told["claims"]["groups"]) == ("Session", ["a", "b"])
        assert (await finish(client, code, state)).status_code == 400
        [kept] = await here.world.store.bearers.all()
        assert kept.owner == "email:jo@example.com"


async def test_a_code_is_taken_from_the_browser_that_asked_for_it_alone(tmp_path: Path) -> None:
    """Else somebody could have others act in a session of theirs. So with another nonce, and too late."""
    async with around(tmp_path) as here, browser(here.app) as one, browser(here.app) as other:
        code, state = here.provider.authorized(await begun(one))
        assert (await finish(other, code, state)).status_code == 400
        await begun(other)
        assert (await finish(other, code, state)).status_code == 400
        assert (await finish(one, code, "")).status_code == 400
        assert (await finish(one, "made-up", state)).status_code == 403
        here.provider.nonce = "another"
        assert (await finish(one, code, state)).status_code == 401
        here.provider.nonce = None
        code, state = here.provider.authorized(await begun(one))
        await here.world.clock.advance(601)
        assert (await finish(one, code, state)).status_code == 400
        tampered = one.cookies["towpath-sign-in"][:-1]
        one.cookies.clear()
        headers = {"Cookie": f"towpath-sign-in={tampered}"}
        body = {"code": code, "state": state}
        assert (await one.post(SESSION, json=body, headers=headers)).status_code == 400
        assert await here.world.store.bearers.all() == []


async def test_wrong_codes_are_counted_and_a_provider_that_is_ill_is_nobodys_fault(
    tmp_path: Path,
) -> None:
    """Each has the provider asked, so there may be so many; the administrator's tries are others."""
    async with around(tmp_path) as here, browser(here.app) as client:
        code, state = here.provider.authorized(await begun(client))
        here.provider.is_ill = True
        for _ in range(40):
            assert (await finish(client, "made-up", state)).status_code == 503
        here.provider.is_ill = False
        for _ in range(30):
            assert (await finish(client, "made-up", state)).status_code == 403
        asked = len(here.provider.asked)
        refused = await finish(client, code, state)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 600
        assert len(here.provider.asked) == asked
        wrong = await client.post(SESSION, json={"password": "wrong"})
        assert wrong.status_code == 403
        await here.world.clock.advance(901)
        code, state = here.provider.authorized(await begun(client))
        assert (await finish(client, code, state)).status_code == 201


@pytest.mark.parametrize(
    "way",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\evil", "javascript:alert(1)", "x",
     "/a\nb", "/ x", "/%0d" * 300],
)  # fmt: skip
async def test_nobody_is_sent_on_to_another_place(way: str) -> None:
    """Whatever a link to the page of signing in says."""
    with pytest.raises(BadRequest):
        code_flow.local_page(way)


async def test_without_a_provider_there_is_nothing_to_sign_in_through(tmp_path: Path) -> None:
    """404 that says so; and the configuration for clients has no provider."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client:
            answer = await client.post(f"{SESSION}/oidc", json={})
            assert (answer.status_code, "no identity provider" in answer.text) == (404, True)
            answer = await client.post(SESSION, json={"code": "x", "state": "y"})
            assert answer.status_code == 404


async def test_a_session_of_a_person_makes_tokens_with_their_claims(tmp_path: Path) -> None:
    """Which the provider need not be asked for."""
    async with around(tmp_path) as here, browser(here.app) as client:
        code, state = here.provider.authorized(await begun(client))
        client.headers["X-CSRF-Token"] = (await finish(client, code, state)).json()["csrfToken"]
        token = (await client.post("/towpath/v1/me/tokens", json={"name": "ci"})).json()["token"]
        here.provider.is_ill = True
        found = await here.access.personal.identify(Presented(token))
        assert found is not None
        assert (found.means, found.name) == (Means.PERSONAL_TOKEN, "ci")
        assert found.user.claims["groups"] == ("a", "b")
        assert found.user.name == "email:jo@example.com"
        assert not found.user.is_master


class _Away:
    """The way to a provider that does not answer for a while."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()

    async def request(self, *_: Any, **__: Any) -> Any:
        self.asked += 1
        await self.answers.wait()
        raise Unavailable("it does not answer")


async def test_a_provider_that_is_away_is_asked_once_for_all(tmp_path: Path) -> None:
    """Whoever begins a sign-in has us ask, known or not; and who is known by a key that we have does not wait for others."""
    clock, away = VirtualClock(), _Away()
    provider = IdentityProvider("https://id.example", cast("Egress", away), clock)
    asking = [asyncio.create_task(provider.endpoints()) for _ in range(50)]
    await settle()
    away.answers.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(each) for each in found} == {Unavailable}
    assert away.asked == 1
    await clock.advance(PAUSE_SECONDS)
    with pytest.raises(Unavailable):
        await provider.endpoints()
    assert away.asked == 2
    async with around(tmp_path) as here:
        assert await here.takes(here.provider.token())
        assert here.access.oidc is not None
        knowing = here.access.oidc.tokens._provider
        knowing._egress = cast("Egress", away)
        away.answers.clear()
        knowing._looked -= 60.0
        knowing._endpoints = None
        made_up = asyncio.create_task(knowing.key("made up"))
        await settle()
        assert not made_up.done()
        assert await knowing.key(here.provider.kid) is not None
        away.answers.set()
        with pytest.raises(Unavailable):
            await made_up
