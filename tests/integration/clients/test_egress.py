"""The egress client against a real server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.support.noting_server import serving
from tests.support.spellings import LEADING_HERE, UNUSUAL
from towpath import errors
from towpath.clients.http import Egress
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential, RegistryLogin
from towpath.clients.oci.links import following
from towpath.clock import SystemClock, VirtualClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request


def _leading_to(target: str) -> Callable[[Request], Answer]:
    return lambda _: (302, {"Location": target}, b"")


async def test_loopback_is_refused_unless_it_is_allowed() -> None:
    """Also by a name, and in forms that stand for it; nothing is sent."""
    with serving() as server:
        port = server.where.rpartition(":")[2]
        async with Egress(clock=SystemClock()) as egress:
            for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
                with pytest.raises((errors.Forbidden, errors.Unavailable)):
                    await egress.request("GET", f"http://{host}:{port}/")
        assert server.asked == []
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            answer = await egress.request("GET", f"{server.http.url}/a?secret=1")
        assert (answer.status, answer.body, answer.url) == (200, b"ok", f"{server.http.url}/a")


async def test_a_redirect_to_a_forbidden_place_is_not_followed() -> None:
    """The guard is asked at each hop, and the error says where it led."""
    with serving() as server, serving() as inner:
        server.answer = lambda _: (302, {"Location": f"{inner.http.url}/metadata"}, b"")
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            with pytest.raises(errors.Forbidden, match="this machine"):
                await egress.request("GET", server.http.url)
        assert inner.asked == []


async def test_a_credential_goes_no_further_than_the_place_it_is_for() -> None:
    """Authorization, and whatever else may hold a key, is dropped when a redirect leads to another host or port."""
    with serving() as server, serving() as other:
        server.answer = lambda request: (
            (307, {"Location": f"{other.http.url}/b"}, b"")
            if request.path == "/a"
            else (307, {"Location": "/a"}, b"")
        )
        allow = [server.where, other.where]
        async with Egress(allow=allow, clock=SystemClock()) as egress:
            answer = await egress.request(
                "GET",
                f"{server.http.url}/",
                headers={"Authorization": "Bearer x", "DD-API-KEY": "y", "Accept": "text/plain"},
            )
        assert answer.url == f"{other.http.url}/b"
        assert [request.headers.get("Authorization") for request in server.asked] == [
            "Bearer x"
        ] * 2
        assert [request.headers.get("DD-API-KEY") for request in server.asked] == ["y"] * 2
        assert other.asked[0].headers.get("Authorization") is None
        assert other.asked[0].headers.get("DD-API-KEY") is None
        assert other.asked[0].headers["Accept"] == "text/plain"


async def test_redirects_in_a_circle_end() -> None:
    """With an error."""
    with serving() as server:
        server.answer = lambda _: (302, {"Location": "/again"}, b"")
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            with pytest.raises(errors.Unavailable, match="again and again"):
                await egress.request("POST", server.http.url)


async def test_what_may_pass_is_tried_again() -> None:
    """Three times in all for what changes nothing; once for what does."""
    with serving() as server:
        server.answer = lambda _: (503, {}, b"")
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            assert (await egress.request("GET", server.http.url)).status == 503
            assert len(server.asked) == 3
            assert (await egress.request("POST", server.http.url)).status == 503
            assert len(server.asked) == 4


async def test_a_server_that_wants_to_be_left_alone_is() -> None:
    """Retry-After counts for host and account: nothing is sent before, the caller is told, others go on."""
    clock = VirtualClock()
    with serving() as server:
        server.answer = lambda _: (429, {"Retry-After": "60"}, b"")
        async with Egress(allow=[server.where], clock=clock) as egress:
            assert (await egress.request("POST", server.http.url)).status == 429
            with pytest.raises(errors.TooManyRequests, match="left alone for 60 s more"):
                await egress.request("POST", server.http.url)
            assert len(server.asked) == 1
            await egress.request("POST", server.http.url, account="another")
            assert len(server.asked) == 2
            await clock.advance(61)
            server.answer = lambda _: (200, {}, b"")
            assert (await egress.request("GET", server.http.url)).status == 200


async def test_deadline_size_and_nonsense() -> None:
    """A clear error each; the query, which may hold a secret, is in none of them."""
    release = asyncio.Event()
    loop = asyncio.get_running_loop()
    with serving() as server:

        def slow(_: Request) -> Answer:
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(20)
            return 200, {}, b""

        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            server.answer = slow
            with pytest.raises(errors.Timeout, match=r"no answer within 0\.2 s") as late:
                await egress.request("GET", f"{server.http.url}/?token=hunter2", seconds=0.2)
            release.set()
            assert "hunter2" not in str(late.value)
            server.answer = lambda _: (200, {}, b"x" * 2000)
            with pytest.raises(errors.TooLarge, match="larger than 1,000 bytes"):
                await egress.request("GET", server.http.url, most_bytes=1000)
            for url in ("ftp://example.com/", "http://", "nonsense"):
                with pytest.raises(errors.BadRequest, match="no http or https URL"):
                    await egress.request("GET", url)
        where = server.http.url
    async with Egress(allow=[where.removeprefix("http://")], clock=SystemClock()) as egress:
        with pytest.raises(errors.Unavailable, match="Connection refused"):
            await egress.request("GET", where)


async def test_no_spelling_leads_to_a_forbidden_place() -> None:
    """Asked directly, pointed to by a redirect, or named by a registry as its token service."""
    with serving() as server, serving() as forbidden:
        port = forbidden.where.rpartition(":")[2]
        async with Egress(allow=[server.where], clock=SystemClock(), per_second=1e6) as egress:
            authentication = RegistryLogin(egress, SystemClock())
            for host in (*LEADING_HERE, *UNUSUAL):
                has_port = host.rpartition(":")[2].isdecimal() and "]" not in host
                target = f"http://{host}/" if has_port else f"http://{host}:{port}/"
                with pytest.raises((errors.Forbidden, errors.BadRequest)) as caught:
                    await egress.request("POST", target)
                assert ";" in str(caught.value), target
                for credential in (ANONYMOUS, RegistryCredential(username="u", password="hunter2")):
                    with pytest.raises((errors.Forbidden, errors.BadRequest)):
                        await authentication.answer(
                            f'Bearer realm="{target}"',
                            server.http.url,
                            "app",
                            credential,
                            insecure=False,
                        )
                if "\n" in target or "\0" in target or not target.isascii():
                    continue  # no header can hold it
                server.answer = _leading_to(target)
                with pytest.raises(errors.Forbidden):
                    await egress.request("POST", server.http.url)
        assert forbidden.asked == []


async def test_a_redirect_elsewhere_is_not_followed() -> None:
    """By a backslash, a tab, another transport, or with a user in it."""
    with serving() as server:
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            for target in (
                "http:\\\\127.0.0.1/",
                "/\\127.0.0.1/",
                "//127.0.0.1\t/",
                "ftp://example.com/",
                "file:///etc/passwd",
                f"http://u:p@{server.where}/",
            ):
                server.answer = _leading_to(target)
                with pytest.raises(
                    errors.Forbidden, match="redirects to a URL that is not followed"
                ):
                    await egress.request("GET", server.http.url)


async def test_a_netrc_of_the_user_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials come from Secrets alone."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving() as server:
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            await egress.request("GET", server.http.url)
        assert [request.headers.get("Authorization") for request in server.asked] == [None]


async def test_a_proxy_is_used_and_asked_for_nothing_forbidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator's proxy may lie on this machine; what it would dial is judged first."""
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://operator:secret@{proxy.where}")
        monkeypatch.delenv("no_proxy", raising=False)
        async with Egress(clock=SystemClock()) as egress:
            for host in ("127.0.0.1:1", "localhost:1", "169.254.169.254", "[::ffff:127.0.0.1]:1"):
                with pytest.raises(errors.Forbidden, match="must not be reached"):
                    await egress.request("GET", f"http://{host}/")
            assert proxy.asked == []
            assert (await egress.request("GET", "http://nowhere.invalid/a")).status == 200
            assert [request.headers["Proxy-Authorization"] for request in proxy.asked] == [
                "Basic b3BlcmF0b3I6c2VjcmV0"
            ]
            # No other request may reach the proxy's address directly.
            monkeypatch.delenv("http_proxy")
            with pytest.raises(errors.Forbidden, match="must not be reached"):
                await egress.request("GET", f"http://{proxy.where}/")


@pytest.mark.parametrize("host", [*LEADING_HERE, *UNUSUAL])
def test_the_next_page_is_at_the_same_place(host: str) -> None:
    """Whatever host a link names."""
    page = "https://r.example/v2/a"
    try:
        found = following(f'<https://{host}/v2/a?last=1>; rel="next"', page)
    except errors.Unavailable:
        return
    assert found is not None
    assert found.startswith("https://r.example/")


async def test_what_a_server_says_in_an_error_is_cut() -> None:
    """Bytes that are no HTTP, and a redirect to a long path; nothing of it acts on a terminal."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        if path == b"/binary":
            writer.write(b"\x1b[31m" + b"\xff\xfe" * 50_000)
        elif path == b"/long":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /" + b"a" * 7_000 + b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Egress(allow=[where], clock=SystemClock()) as egress:
            for path in ("binary", "long"):
                with pytest.raises(errors.Unavailable) as caught:
                    await egress.request("GET", f"http://{where}/{path}")
                assert len(caught.value.message.encode()) < 2_500
                assert "\x1b" not in caught.value.message


@contextlib.asynccontextmanager
async def _speaking(*parts: bytes) -> AsyncIterator[str]:
    """Run a server that answers with bytes, each part once the other side has what came before; yield HOST:PORT.

    It does not end the connection: who waits for more waits for ever.
    """
    gone, done = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await settle()
            await gone.wait()
        writer.close()
        done.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"{host}:{port}"
        finally:
            gone.set()
            await done.wait()


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [b"f" * 17, b"1" + b"0" * 40, b"-5", b"zz"])
@pytest.mark.parametrize("before", [b"", b"3\r\nabc\r\n"], ids=["first", "second"])
@pytest.mark.parametrize("together", [True, False])
async def test_a_chunk_of_a_size_that_none_can_have_ends_the_answer(
    size: bytes, before: bytes, together: bool
) -> None:
    """At once, wherever it stands and however the bytes come."""
    begun, rest = _CHUNKED + before, size + b"\r\nabc"
    parts = (begun + rest,) if together else (begun, rest)
    async with (
        _speaking(*parts) as where,
        Egress(allow=[where], clock=VirtualClock()) as egress,
        asyncio.timeout(20),
    ):
        with pytest.raises(errors.Unavailable, match=r"(?i)chunk size"):
            await egress.request("POST", f"http://{where}/", most_bytes=1000)


@pytest.mark.parametrize(
    "size", [b"3e9", b"7fffffff", b"7FFFFFFFFFFFFFFF", b"ffffffffffffffff", b"000fffff;a=b"]
)
@pytest.mark.parametrize("before", [b"", b"3\r\nabc\r\n"], ids=["first", "second"])
@pytest.mark.parametrize("pieces", ["together", "apart", "bytes"])
async def test_a_chunk_that_says_it_is_larger_than_is_read_ends_the_answer(
    size: bytes, before: bytes, pieces: str
) -> None:
    """At once: it is not waited for until the time limit, wherever the chunk stands and however the bytes come."""
    begun, rest = _CHUNKED + before, size + b"\r\nabc"
    parts = {
        "together": (begun + rest,),
        "apart": (begun, rest),
        "bytes": tuple(bytes([each]) for each in begun + rest),
    }
    async with (
        _speaking(*parts[pieces]) as where,
        Egress(allow=[where], clock=VirtualClock()) as egress,
        asyncio.timeout(20),
    ):
        with pytest.raises(errors.TooLarge, match="larger than 1,000 bytes"):
            await egress.request("POST", f"http://{where}/", most_bytes=1000)


async def test_chunks_up_to_what_is_read_come_whole() -> None:
    """A hundred bytes in all, after an answer that only says that one is to come."""
    answer = b"HTTP/1.1 103 Early Hints\r\n\r\n" + _CHUNKED
    chunks = b"32\r\n%b\r\n" % (b"a" * 50) + b"32;x=ffff\r\n%b\r\n" % (b"\n" * 50)
    async with (
        _speaking(answer, chunks[:60], chunks[60:] + b"0\r\n\r\n") as where,
        Egress(allow=[where], clock=VirtualClock()) as egress,
        asyncio.timeout(20),
    ):
        found = await egress.request("POST", f"http://{where}/", most_bytes=100)
    assert found.body == b"a" * 50 + b"\n" * 50


async def test_an_answer_that_says_how_large_it_is_is_refused_at_once() -> None:
    """Before its body has come."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n"
    async with (
        _speaking(head) as where,
        Egress(allow=[where], clock=VirtualClock()) as egress,
        asyncio.timeout(20),
    ):
        with pytest.raises(errors.TooLarge, match="larger than 1,000 bytes"):
            await egress.request("GET", f"http://{where}/", most_bytes=1000)


async def test_a_port_that_does_not_speak_tls() -> None:
    """Is named as that: what OpenSSL says of it tells few people."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        async with Egress(allow=[f"{host}:{port}"], clock=VirtualClock()) as egress:
            with pytest.raises(errors.Unavailable, match="does not speak TLS: check the port"):
                await egress.request("POST", f"https://{host}:{port}/")
