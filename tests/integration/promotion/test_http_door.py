"""The door to HTTP against a real server: what is sent, what comes back, and what a crash leaves known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.listener import Listener
from towpath import errors
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback
from towpath.promotion.doors.http import EgressDoor, with_query
from towpath.promotion.effects import EffectClass
from towpath.promotion.effects.http import HttpRequest
from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request


class Server:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda _: (200, {}, b"ok")
        self.http = Loopback(self._respond)
        self.url = self.http.url

    def _respond(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer(request)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server."""
    server = Server()
    try:
        yield server
    finally:
        server.http.close()


class Notes:
    """A journal in memory, which a new process finds as it was; `log` has what was noted, in order."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.log: list[tuple[Any, EffectClass]] = []
        self.before: Callable[[], None] = lambda: None

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key."""
        return self.known.get(key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Keep a note."""
        self.before()
        self.known[key] = value
        self.log.append((value, effect))


class Place:
    """A step's surroundings: a server, a work directory, a journal."""

    def __init__(self, folder: Path, server: Server, egress: Egress) -> None:
        root = folder / "p" / "files"
        root.mkdir(parents=True)
        self.server = server
        self.directory = WorkDirectory(root)
        self.notes = Notes()
        self.egress = egress

    @property
    def door(self) -> EgressDoor:
        """Return the door, as a process has it that has just begun."""
        return EgressDoor(
            self.egress,
            project="shop",
            promotion="prod.1",
            step="notify",
            directory=self.directory,
            journal=self.notes,
        )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Return a step's surroundings."""
    with serving() as server:
        where = server.url.removeprefix("http://")
        async with Egress(allow=[where], clock=SystemClock()) as egress:
            yield Place(tmp_path, server, egress)


async def test_reading(place: Place) -> None:
    """Headers of one name become one line, parameters are added, the answer has all its headers by canonical name."""
    place.server.answer = lambda _: (404, {"x-a": "1", "content-type": "text/plain"}, b"no")
    request = HttpRequest(
        url=f"{place.server.url}/a?x=1",
        headers=[("X-B", "1"), ("x-b", "2")],
        query=[("y", "a b&"), ("y", "ü")],
    )
    answer = await place.door.read(request)
    assert (answer.status, answer.body, answer.is_repeated) == (404, b"no", False)
    assert answer.headers["X-A"] == ["1"]
    assert answer.headers["Content-Type"] == ["text/plain"]
    [asked] = place.server.asked
    assert asked.headers.get("X-B") == "1, 2"
    assert (asked.path, asked.query) == ("/a", "x=1&y=a+b%26&y=%C3%BC")
    assert place.notes.log == []
    with pytest.raises(errors.BadRequest, match="POST changes something"):
        await place.door.read(HttpRequest(url=place.server.url, method="POST"))


async def test_sending_is_in_the_journal_before_it_is_done(place: Place) -> None:
    """With its number, and that it was answered; the key stays the same where that is not known."""
    noted_when_asked: list[Any] = []

    def answer(request: Request) -> Answer:
        noted_when_asked.append(place.notes.known["http-send"])
        del request
        return 201, {}, b""

    place.server.answer = answer
    request = HttpRequest(url=f"{place.server.url}/x?token=t", method="POST", body=b"{}")
    for _ in range(2):
        sent = await place.door.send(request)
        assert (sent.status, sent.is_repeated) == (201, False)
    assert [each["answered"] for each in noted_when_asked] == [False, False]
    assert [each["number"] for each in noted_when_asked] == [1, 2]
    assert "token" not in str(place.notes.log)
    assert {effect for _, effect in place.notes.log} == {EffectClass.AT_LEAST_ONCE}
    keys = [each.headers.get("Idempotency-Key") for each in place.server.asked]
    assert keys == ["shop/prod.1/notify/1", "shop/prod.1/notify/2"]


async def test_what_was_sent_before_a_crash_is_sent_again_and_said(place: Place) -> None:
    """Under the same key."""
    request = HttpRequest(url=place.server.url, method="POST")

    def crash() -> None:
        if place.server.asked:
            raise RuntimeError("killed")

    place.notes.before = crash
    with pytest.raises(RuntimeError):
        await place.door.send(request)
    place.notes.before = lambda: None
    again = await place.door.send(request)
    assert again.is_repeated
    keys = [each.headers.get("Idempotency-Key") for each in place.server.asked]
    assert keys == ["shop/prod.1/notify/1"] * 2
    assert not (await place.door.send(request)).is_repeated


async def test_a_key_of_the_manifest_wins(place: Place) -> None:
    """Who says how the server knows a repeat, knows it."""
    headers = [("idempotency-key", "mine")]
    await place.door.send(HttpRequest(url=place.server.url, method="PUT", headers=headers))
    [asked] = place.server.asked
    assert [v for k, v in asked.headers.items() if k.lower() == "idempotency-key"] == ["mine"]


async def test_nothing_is_sent_once_the_journal_is_closed(place: Place) -> None:
    """The Promotion was ended meanwhile."""

    def closed() -> None:
        raise errors.Unavailable("nothing more is begun")

    place.notes.before = closed
    with pytest.raises(errors.Unavailable):
        await place.door.send(HttpRequest(url=place.server.url, method="DELETE"))
    assert place.server.asked == []


@pytest.mark.parametrize(
    "header", [("X-A", "1\r\nX-B: 2"), ("X A", "1"), ("", "1"), ("X:", "1"), ("X-\u00e9", "1")]
)
async def test_headers_are_plain(place: Place, header: tuple[str, str]) -> None:
    """No line is smuggled into a request."""
    with pytest.raises(errors.BadRequest, match="a header holds no line ends"):
        await place.door.read(HttpRequest(url=place.server.url, headers=[header]))
    assert place.server.asked == []


async def test_a_download_is_whole_or_not_there(place: Place) -> None:
    """Other answers than success write nothing, nor do those that are too large or end early."""
    request = HttpRequest(url=place.server.url, most_bytes=1000)
    place.server.answer = lambda _: (200, {}, b"x" * 1000)
    done = await place.door.download(request, "in/file")
    assert (done.status, done.size, done.body) == (200, 1000, b"")
    assert await place.directory.read("in/file") == b"x" * 1000
    place.server.answer = lambda _: (500, {}, b"broken")
    refused = await place.door.download(request, "in/other")
    assert (refused.status, refused.size, refused.body) == (500, 0, b"broken")
    place.server.answer = lambda _: (200, {}, b"x" * 1001)
    with pytest.raises(errors.TooLarge, match="1,000 bytes"):
        await place.door.download(request, "in/other")
    with pytest.raises(errors.AlreadyExists, match="in/file is there already"):
        await place.door.download(request, "in/file", is_new=True)
    assert len(place.server.asked) == 3
    assert [each.path for each in await place.directory.walk("in")] == ["file"]
    place.server.answer = lambda _: (200, {}, b"new")
    await place.door.download(request, "in/file")
    assert await place.directory.read("in/file") == b"new"


async def test_a_download_that_breaks_off(place: Place) -> None:
    """Nothing of it is there, and it is not begun anew behind the step's back."""
    cut_off = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    with Listener(cut_off, "127.0.0.1") as listener:
        async with Egress(allow=[f"127.0.0.1:{listener.port}"], clock=SystemClock()) as egress:
            place.egress = egress
            request = HttpRequest(url=f"http://127.0.0.1:{listener.port}/")
            with pytest.raises(errors.Unavailable):
                await place.door.download(request, "file")
        assert len(listener.heard) == 1
    assert await place.directory.stat("file") is None


async def test_a_proxy_of_the_manifest(place: Place) -> None:
    """It is asked in the target's place, and has to be at an address that may be reached."""
    request = HttpRequest(url="http://198.51.100.7/a", proxy=place.server.url)
    assert (await place.door.read(request)).body == b"ok"
    assert place.server.asked[0].path == "http://198.51.100.7/a"
    with serving() as other:
        for proxy in (other.url, "http://169.254.169.254"):
            with pytest.raises(errors.Forbidden):
                await place.door.read(HttpRequest(url="http://198.51.100.7/a", proxy=proxy))
        assert other.asked == []
    for target in ("http://169.254.169.254/latest", "http://[fe80::1]/"):
        with pytest.raises(errors.Forbidden):
            await place.door.read(HttpRequest(url=target, proxy=place.server.url))
    with pytest.raises(errors.BadRequest, match="proxy"):
        await place.door.read(HttpRequest(url="http://198.51.100.7/a", proxy="ftp://x"))


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://h/a", "http://h/a?n=1"),
        ("http://h/a?", "http://h/a?n=1"),
        ("http://h/a?b=2&", "http://h/a?b=2&n=1"),
        ("http://h/a#f", "http://h/a?n=1#f"),
    ],
)
def test_parameters_are_added(url: str, whole: str) -> None:
    """To those that the URL has."""
    assert with_query(HttpRequest(url=url, query=[("n", "1")])) == whole
    assert with_query(HttpRequest(url=url)) == url
