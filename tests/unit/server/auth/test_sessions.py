"""Sessions of browsers: the cookie, what it may do, and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from tests.support import serving
from tests.support.browsers import SESSION, browser, serve, sign_in
from tests.support.pipeline import project_document, running
from towpath.disk import writing
from towpath.errors import Unauthenticated
from towpath.server.auth.admin_token import AdminToken
from towpath.server.auth.caller import Callers, standing
from towpath.server.auth.login_key import LoginKey

if TYPE_CHECKING:
    from pathlib import Path


CREDENTIALS = "/v1beta1/projects/shop/configmaps"
NEW = {"name": "x", "data": {"a": "b"}}


@pytest.mark.parametrize("url", ["http://test", "https://test"])
async def test_a_session_lies_where_no_script_reads_it(tmp_path: Path, url: str) -> None:
    """And over TLS is sent over TLS alone, under a name that nobody else can set."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app, url) as client:
            set_ = (await sign_in(client)).headers.get_list("set-cookie")[0].lower()
            assert "httponly" in set_
            assert "samesite=strict" in set_
            assert "path=/;" in set_
            assert ("secure" in set_) == url.startswith("https")
            assert set_.startswith("__host-") == url.startswith("https")
            told = (await client.get(SESSION)).json()
            assert (told["actor"], told["means"]) == ("admin", "Session")
            assert told["csrfToken"] == client.headers["X-CSRF-Token"]


async def test_only_our_page_changes_something_by_a_session(tmp_path: Path) -> None:
    """Without the token, with another, from another site or origin: 403, and nothing is written."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, _ = serve(world)
        async with browser(app) as client:
            await sign_in(client)
            token = client.headers.pop("X-CSRF-Token")
            revision = world.store.revision()
            for headers in (
                {},
                {"X-CSRF-Token": ""},
                {"X-CSRF-Token": "0" * 64},
                {"X-CSRF-Token": token, "Origin": "https://evil.example"},
                {"X-CSRF-Token": token, "Origin": "null"},
                {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"},
                {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-site"},
            ):
                for method, path in (
                    ("POST", CREDENTIALS),
                    ("DELETE", "/api/v1/namespaces/shop/configmaps/x"),
                    ("DELETE", SESSION),
                ):
                    answer = await client.request(method, path, json=NEW, headers=headers)
                    assert answer.status_code == 403, (headers, path)
            assert world.store.revision() == revision
            good = {"X-CSRF-Token": token, "Origin": "http://test", "Sec-Fetch-Site": "same-origin"}
            assert (await client.post(CREDENTIALS, json=NEW, headers=good)).status_code == 201
            assert (await client.get(CREDENTIALS)).status_code == 200


async def test_a_token_in_the_header_goes_before_the_cookie(tmp_path: Path) -> None:
    """A wrong one is refused, whatever session lies in the browser; a right one needs nothing besides."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, _ = serve(world)
        async with browser(app) as client:
            await sign_in(client)
            del client.headers["X-CSRF-Token"]
            wrong = {"Authorization": "Bearer wrong"}
            assert (await client.get("/v1beta1/projects", headers=wrong)).status_code == 401
            right = {"Authorization": f"Bearer {serving.TOKEN}"}
            assert (await client.post(CREDENTIALS, json=NEW, headers=right)).status_code == 201


async def test_other_pages_cannot_sign_somebody_in(tmp_path: Path) -> None:
    """Into a session of their choice: from another origin, or by a form, which cannot send JSON."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client:
            answer = await sign_in(client, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 403
            form = await client.post(
                SESSION,
                content=f'{{"password": "{serving.PASSWORD}"}}',
                headers={"Content-Type": "text/plain"},
            )
            assert form.status_code == 400
            assert not client.cookies


async def test_signing_in_never_takes_a_session_over(tmp_path: Path) -> None:
    """What lay in the browser before ends, whether somebody else put it there or not."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as one, browser(app) as other:
            await sign_in(one)
            planted = one.cookies["towpath-session"]
            other.cookies.set("towpath-session", planted, domain="test.local")
            await sign_in(other)
            assert other.cookies["towpath-session"] != planted
            assert (await one.get(SESSION)).status_code == 401
            made_up = {"Cookie": "towpath-session=chosen-by-somebody"}
            assert (await one.get(SESSION, headers=made_up)).status_code == 401


async def test_a_session_ends_when_it_is_not_used_and_in_any_case(tmp_path: Path) -> None:
    """Eight hours, and a day; use is remembered over a restart."""
    async with running(tmp_path) as world:
        app, found = serve(world)
        async with browser(app) as idle, browser(app) as busy:
            await sign_in(idle)
            await sign_in(busy)
            for _ in range(3):
                await world.clock.advance(7 * 3600)
                assert (await busy.get(SESSION)).status_code == 200
            assert (await idle.get(SESSION)).status_code == 401
            await found.access.bearers.settled()
            again, _ = serve(world)
            async with browser(again) as restarted:
                restarted.cookies = busy.cookies
                assert (await restarted.get(SESSION)).status_code == 200
            await world.clock.advance(3 * 3600)
            assert (await busy.get(SESSION)).status_code == 401


async def test_signing_out_ends_the_session_for_whoever_has_its_cookie(tmp_path: Path) -> None:
    """Not only in this browser."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client, browser(app) as thief:
            await sign_in(client)
            thief.cookies.set("towpath-session", client.cookies["towpath-session"])
            assert (await client.delete(SESSION)).status_code == 204
            assert "towpath-session" not in client.cookies
            assert (await thief.get(SESSION)).status_code == 401


async def test_ones_own_sessions_are_listed_and_ended_and_no_others(tmp_path: Path) -> None:
    """The list says which is this one, and shows nothing by which somebody could come in."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, _ = serve(world)
        async with browser(app) as one, browser(app) as two:
            await sign_in(one)
            await world.clock.advance(1)
            await sign_in(two, headers={"User-Agent": "Firefox"})
            listed = await one.get("/towpath/v1/me/sessions")
            items = listed.json()["items"]
            assert [each["isThis"] for each in items] == [True, False]
            assert items[1]["agent"] == "Firefox"
            assert items[1]["address"] == "127.0.0.1"
            assert one.cookies["towpath-session"] not in listed.text
            token = await serving.account_token(world, "shop", "kargo-admin")
            bearer = {"Authorization": f"Bearer {token}"}
            path = f"/towpath/v1/me/sessions/{items[1]['id']}"
            assert (await one.delete(path, headers=bearer)).status_code == 404
            others = (await one.get("/towpath/v1/me/sessions", headers=bearer)).json()
            assert others == {"items": [], "cursor": None}
            page = (await one.get("/towpath/v1/me/sessions?limit=1")).json()
            assert page["items"] == items[:1]
            rest = await one.get("/towpath/v1/me/sessions", params={"cursor": page["cursor"]})
            assert rest.json() == {"items": items[1:], "cursor": None}
            assert (await one.delete(path)).status_code == 204
            assert (await two.get(SESSION)).status_code == 401
            assert (await one.delete("/towpath/v1/me/sessions")).json() == {"ended": 1}
            assert (await one.get(SESSION)).status_code == 401


async def test_another_key_signs_everybody_out(tmp_path: Path) -> None:
    """At once: `towpath admin sign-out-everyone` writes it."""
    path = tmp_path / "login-key"
    key = LoginKey.load_or_create(path)
    async with running(tmp_path / "world") as world:
        app, _ = serve(world, serving.access(world, key=key))
        async with browser(app) as client:
            await sign_in(client)
            assert (await client.get(SESSION)).status_code == 200
            writing.write(path, b"another")
            assert (await client.get(SESSION)).status_code == 401


async def test_a_stream_ends_soon_after_its_session(tmp_path: Path) -> None:
    """Whoever signs out elsewhere hears no more; the others go on."""
    async with running(tmp_path) as world:
        app, found = serve(world)
        access = found.access
        async with browser(app) as client:
            await sign_in(client)
            callers = Callers((AdminToken(serving.TOKEN), *access.authenticators), found.authorizer)
            cookie = f"towpath-session={client.cookies['towpath-session']}".encode()
            headers = [(b"cookie", cookie), (b"host", b"test")]
            scope = {
                "type": "http",
                "method": "GET",
                "headers": headers,
                "client": ("127.0.0.1", 1),
            }
            await callers.identify(scope)
            stands = standing(Request(scope), found.authorizer)
            await stands.check()
            assert (await client.delete(SESSION)).status_code == 204
            with pytest.raises(Unauthenticated, match="session has ended"):
                await stands.check()


async def test_who_writes_by_a_session_is_recorded_with_the_means_and_the_address(
    tmp_path: Path,
) -> None:
    """The actor is Kargo's text."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, _ = serve(world)
        async with browser(app) as client:
            await sign_in(client)
            assert (await client.post(CREDENTIALS, json=NEW)).status_code == 201
        entry = (await world.store.log(after=world.store.revision() - 1))[0]
        assert entry.actor == "admin"
        assert entry.via == '{"means": "Session", "address": "127.0.0.1"}'
