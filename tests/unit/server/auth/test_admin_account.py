"""The administrator's password, and tokens that it is exchanged for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bcrypt
import jwt
import pytest

from tests.support import serving
from tests.support.pipeline import Pipeline, running
from tests.support.raw_requests import ask
from towpath.clock import VirtualClock
from towpath.disk import writing
from towpath.errors import Unauthenticated
from towpath.server.application import Readiness, application
from towpath.server.auth import passwords
from towpath.server.auth.admin_account import AdminAccount, AdminTerms
from towpath.server.auth.admin_token import AdminToken
from towpath.server.auth.authenticator import Means, Presented
from towpath.server.auth.login_key import LoginKey
from towpath.server.auth.watched_file import WatchedFile

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

KEY = LoginKey(b"key")
TERMS = AdminTerms(hash=serving.HASH)
LOGIN = "/v1beta1/login"


def account(
    terms: AdminTerms = TERMS, key: LoginKey = KEY, clock: VirtualClock | None = None
) -> AdminAccount:
    """Return an account."""
    return AdminAccount(terms, key, clock or VirtualClock())


async def knows(one: AdminAccount, token: str) -> bool:
    """Whether an account takes a token."""
    try:
        found = await one.identify(Presented(token))
    except Unauthenticated:
        return False
    return found is not None and found.means is Means.ADMIN_LOGIN


async def test_hashes_of_both_kinds_are_read() -> None:
    """Ours, and Kargo's; what is no hash matches nothing, also not itself."""
    theirs = bcrypt.hashpw(b"hunter2hunter2", bcrypt.gensalt(4)).decode()
    for text in (theirs, theirs.replace("$2b$", "$2a$"), passwords.hashed("hunter2hunter2")):
        assert passwords.is_hash(text)
        assert passwords.matches(text, "hunter2hunter2")
        assert not passwords.matches(text, "hunter2hunter3")
        assert not passwords.matches(text, "")
    assert not passwords.is_hash("hunter2hunter2")
    assert not passwords.matches("hunter2hunter2", "hunter2hunter2")
    assert not passwords.matches(theirs, "hunter2hunter2" + "x" * 100)
    assert passwords.is_hash(passwords.NOBODYS)
    assert not passwords.matches(passwords.NOBODYS, "hunter2hunter2")


async def test_who_has_no_account_waits_as_long() -> None:
    """Where the account is disabled a hash is computed as well, and nothing matches."""
    assert not await account(AdminTerms(hash=serving.HASH, is_enabled=False)).matches(
        serving.PASSWORD
    )
    assert not await account(AdminTerms()).matches(serving.PASSWORD)
    assert await account().matches(serving.PASSWORD)


async def test_a_token_has_what_kargos_clients_look_for_and_ends() -> None:
    """Times in whole seconds; the token of a moment ago holds, one of yesterday does not."""
    clock = VirtualClock()
    one = account(
        AdminTerms(hash=serving.HASH, issuer="https://t.example", audience="t.example"), clock=clock
    )
    token = one.issue()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    assert set(claims) == {"iss", "sub", "aud", "iat", "nbf", "exp", "jti"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == (
        "https://t.example",
        "admin",
        "t.example",
    )
    assert claims["exp"] - claims["iat"] == 86_400
    assert jwt.decode(one.issue(), options={"verify_signature": False})["jti"] != claims["jti"]
    await clock.advance(86_399)
    assert await knows(one, token)
    await clock.advance(1)
    assert not await knows(one, token)


async def test_forged_tokens_are_refused() -> None:
    """Other keys and algorithms, none, other people, and tokens that never end."""
    one = account()
    token = one.issue()
    claims = jwt.decode(token, options={"verify_signature": False})
    key = KEY.derive("admin login", serving.HASH)
    assert await knows(one, jwt.encode(claims, key, algorithm="HS256"))
    for forged in (
        jwt.encode(claims, "x" * 40, algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, key * 2, algorithm="HS512"),
        jwt.encode({**claims, "sub": "jo"}, key, algorithm="HS256"),
        jwt.encode({**claims, "aud": "elsewhere"}, key, algorithm="HS256"),
        jwt.encode({**claims, "iss": "elsewhere"}, key, algorithm="HS256"),
        jwt.encode(
            {name: value for name, value in claims.items() if name != "exp"}, key, algorithm="HS256"
        ),
        jwt.encode({**claims, "exp": "9" * 30}, key, algorithm="HS256"),
        token[:-3],
        token.rpartition(".")[0] + ".",
    ):
        assert not await knows(one, forged)


async def test_another_password_or_key_ends_what_was_given_for_the_old(tmp_path: Path) -> None:
    """At once, by the file; a file that is no hash leaves nobody in."""
    path = tmp_path / "admin-password"
    writing.write(path, serving.HASH.encode())
    keys = tmp_path / "login-key"
    key = LoginKey.load_or_create(keys)
    one = AdminAccount(AdminTerms(), key, VirtualClock(), WatchedFile(path, "the password"))
    token = one.issue()
    assert await knows(one, token)
    again = AdminAccount(
        AdminTerms(), LoginKey.load_or_create(keys), VirtualClock(), WatchedFile(path, "it")
    )
    assert await knows(again, token)
    writing.write(path, passwords.hashed("another password").encode())
    assert not await knows(one, token)
    assert await one.matches("another password")
    assert not await one.matches(serving.PASSWORD)
    token = one.issue()
    writing.write(keys, b"another key")
    assert not await knows(one, token)
    writing.write(path, b"plain text")
    assert not one.is_enabled
    assert not await one.matches("plain text")


async def login(world: Pipeline, header: str | None, **more: Any) -> httpx.Response:
    """Ask for a token."""
    headers = {} if header is None else {"Authorization": header}
    async with serving.client(world, "") as client:
        return await client.post(LOGIN, headers={**headers, **more})


async def test_the_password_is_exchanged_for_a_token_of_the_administrators(tmp_path: Path) -> None:
    """As Kargo does it: 400 without one, 403 for a wrong one; what is given opens every route."""
    async with running(tmp_path) as world:
        for header in (None, "", "Basic eA==", "Bearer", "Bearer   "):
            assert (await login(world, header)).status_code == 400
        refused = await login(world, "Bearer wrong")
        assert (refused.status_code, refused.json()) == (403, {"error": "wrong password"})
        given = await login(world, f"Bearer {serving.PASSWORD}")
        assert given.status_code == 200
        assert given.headers["content-type"] == "application/json"
        assert set(given.json()) == {"idToken"}
        async with serving.client(world, given.json()["idToken"]) as client:
            assert (await client.get("/v1beta1/projects")).status_code == 200
            told = (await client.get("/v1beta1/system/public-server-config")).json()
            assert told == {"adminAccountEnabled": True, "skipAuth": False}


async def test_a_disabled_account_says_so_and_takes_no_token(tmp_path: Path) -> None:
    """Neither the password nor what it was exchanged for before."""
    async with running(tmp_path) as world:
        token = (await login(world, f"Bearer {serving.PASSWORD}")).json()["idToken"]
        found = serving.services(world)
        object.__setattr__(
            found,
            "access",
            serving.access(world, admin=AdminTerms(hash=serving.HASH, is_enabled=False)),
        )
        app = application(found, AdminToken(serving.TOKEN), Readiness(reason=None))
        answer = await ask(app, "POST", LOGIN, token=serving.PASSWORD)
        assert (answer.status, "not enabled" in answer.text) == (403, True)
        assert (await ask(app, "GET", "/v1beta1/projects", token=token)).status == 401
        told = await ask(app, "GET", "/v1beta1/system/public-server-config")
        assert '"adminAccountEnabled":false' in told.text


async def test_a_flood_of_wrong_passwords_is_refused_and_told_when_to_come_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No password stands in the log, right or wrong."""
    async with running(tmp_path) as world:
        app = serving.served(world)
        for _ in range(10):
            assert (await ask(app, "POST", LOGIN, token="guess-0815")).status == 403
        refused = await ask(app, "POST", LOGIN, token=serving.PASSWORD)
        assert refused.status == 429
        assert "try again in" in refused.text
        assert "guess-0815" not in caplog.text
        assert serving.PASSWORD not in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/v1beta1/login/", "//v1beta1/login", "/v1beta1/%6cogin/x", "/v1beta1/../v1beta1/projects"],
)
async def test_what_is_open_is_a_route_and_not_a_spelling(tmp_path: Path, path: str) -> None:
    """Whatever does not lead to an open route asks who calls."""
    async with running(tmp_path) as world:
        assert (await ask(serving.served(world), "POST", path)).status == 401
