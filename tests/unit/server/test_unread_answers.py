"""Answers that nobody reads: what they hold of the memory, and who waits for whom."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from tests.support.serving import TOKEN
from towpath.clock import VirtualClock, settle
from towpath.errors import TooManyRequests
from towpath.resources import scheme
from towpath.runtime.ending import ended
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken
from towpath.server.open_watches import OpenWatches, StreamLimits
from towpath.server.outlets import EXPECTED_BYTES, Outlets
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    from starlette.types import ASGIApp

MAPS = f"/api/v1/namespaces/{PROJECT}/configmaps"
LARGE = 300_000
BUDGET = 2 << 20


class _Unread:
    """A connection whose other side reads nothing, until it is told to."""

    def __init__(self) -> None:
        self.unsent_bytes = 0
        self.status = 0
        self.body = b""
        self.reads = False
        self.gone = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    async def drained(self) -> None:
        """See `streaming.Outlet`."""
        await self._free.wait()

    def abort(self) -> None:
        """See `streaming.Outlet`."""
        self.unsent_bytes = 0
        self.gone.set()
        self._free.set()

    async def receive(self) -> MutableMapping[str, Any]:
        """Hang up when the connection is cut."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.body += message.get("body", b"")
        if not self.reads and not self.gone.is_set():
            self.unsent_bytes += len(message.get("body", b""))
            if self.unsent_bytes > 16 << 10:
                self._free.clear()

    def read(self) -> None:
        """Have all of it read from now on."""
        self.reads = True
        self.unsent_bytes = 0
        self._free.set()


def _ask(app: ASGIApp, path: str, query: str = "", token: str = TOKEN) -> tuple[_Unread, Any]:
    """Ask for something and read nothing of it."""
    connection = _Unread()
    headers = [(b"host", b"test"), (b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "state": {"outlet": connection},
    }

    async def answer() -> None:
        await app(scope, connection.receive, connection.send)

    return connection, asyncio.create_task(answer())


async def _world(world: Pipeline) -> tuple[ASGIApp, Outlets]:
    await world.apply(project_document())
    await world.settled()
    for number in range(6):
        metadata = {"name": f"c{number}", "namespace": PROJECT}
        await world.writer.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"a": "x" * (LARGE if number else 10)},
            },
            USER,
        )
    watches = OpenWatches(world.store, world.clock, StreamLimits(bytes=BUDGET))
    readiness = Readiness()
    readiness.reason = None
    app = application(serving.services(world, watches), AdminToken(TOKEN), readiness)
    return app, watches.outlets


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (MAPS, ""),
        (MAPS, "limit=500"),
        (MAPS, "limit=6"),
        (f"{MAPS}/c3", ""),
    ],
)
async def test_a_caller_who_reads_nothing_has_little_made(
    tmp_path: Path, path: str, query: str
) -> None:
    """Whatever is asked for and however often; and all of it comes once it is read."""
    async with running(tmp_path) as world:
        app, outlets = await _world(world)
        asked = [_ask(app, path, query) for _ in range(24)]
        await settle(800)
        waiting = sum(each.unsent_bytes for each, _ in asked)
        assert outlets.held_bytes <= BUDGET // 2 + 2 * LARGE
        assert waiting <= outlets.held_bytes
        assert outlets.asking > 0
        assert sum(bool(each.status) for each, _ in asked) < 12
        for each, _ in asked:
            each.read()
        async with asyncio.timeout(20):  # so that a fault is told
            await asyncio.gather(*(task for _, task in asked))
        answers = {each.body for each, _ in asked}
        assert {each.status for each, _ in asked} == {200}
        assert len(answers) == 1
        told = json.loads(answers.pop())
        assert len(json.dumps(told)) > LARGE
        if "items" in told:
            named = [item["metadata"]["name"] for item in told["items"]]
            assert [name for name in named if len(name) == 2] == [f"c{n}" for n in range(6)]
        assert outlets.held_bytes == 0
        assert outlets.asking == 0


async def test_others_are_answered_while_a_caller_reads_nothing(tmp_path: Path) -> None:
    """They have a share of their own."""
    async with running(tmp_path) as world:
        app, outlets = await _world(world)
        asked = [_ask(app, MAPS) for _ in range(24)]
        await settle(800)
        assert outlets.asking > 0
        token = await _other(world)
        theirs, task = _ask(app, MAPS, token=token)
        theirs.read()
        await task
        assert theirs.status == 200
        assert len(json.loads(theirs.body)["items"]) >= 6
        for each, _ in asked:
            each.abort()
        await asyncio.gather(*(task for _, task in asked))
        assert outlets.held_bytes == 0


async def _other(world: Pipeline) -> str:
    """Return a token of an account that may read ConfigMaps."""
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "reader", "namespace": PROJECT},
    }
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    named = {"name": "reader", "namespace": PROJECT}
    role = rbac | {
        "kind": "Role",
        "metadata": named,
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
    }
    binding = rbac | {
        "kind": "RoleBinding",
        "metadata": named,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": PROJECT}],
    }
    for document in (account, role, binding):
        await world.writer.create(document, USER)
    return await serving.account_token(world, PROJECT, "reader", seconds=3600)


async def test_who_asks_behind_what_nobody_reads_is_answered_in_the_end(tmp_path: Path) -> None:
    """What of one's own nobody reads is cut off for it; what is read, however slowly, stays."""
    async with running(tmp_path) as world:
        app, outlets = await _world(world)
        asked = [_ask(app, f"{MAPS}/c3") for _ in range(20)]
        await settle(800)
        behind, task = _ask(app, f"{MAPS}/c0")
        behind.read()
        for _ in range(40):
            await world.clock.advance(0.5)
            await settle(200)
            if task.done():
                break
        await task
        assert behind.status == 200
        assert json.loads(behind.body)["metadata"]["name"] == "c0"
        assert outlets.cut_off > 0
        for each, _ in asked:
            each.abort()
        await asyncio.gather(*(task for _, task in asked))


class _Slow:
    """An answer of which a little is read all the time."""

    owner = "somebody"
    held_bytes = 900_000

    def __init__(self) -> None:
        self.taken = 0

    @property
    def taken_bytes(self) -> int:
        """More, each time."""
        self.taken += 1
        return self.taken

    def abort(self) -> None:
        """It reads."""
        raise AssertionError("an answer that is read was cut off")


async def test_who_waits_for_long_is_told_what_to_do() -> None:
    """With 429; nobody is cut off who reads, and what was waited for is counted no more."""
    clock = VirtualClock()
    outlets = Outlets(clock, 1_000_000)
    outlets.note(_Slow())
    asked = asyncio.create_task(outlets.room("somebody"))
    await settle()
    for _ in range(25):
        await clock.advance(0.5)
    with pytest.raises(TooManyRequests, match=r'"somebody" has not read .* read those answers'):
        await asked
    assert outlets.held_bytes == 900_000
    assert outlets.asking == 0


async def test_not_too_many_wait() -> None:
    """Of one caller's; the others' do not count, and who leaves makes room for the next."""
    outlets = Outlets(VirtualClock(), 1_000_000)
    outlets.note(_Slow())
    waiting = [asyncio.create_task(outlets.room("somebody")) for _ in range(128)]
    await settle()
    assert outlets.asking == 128
    with pytest.raises(TooManyRequests):
        await outlets.room("somebody")
    with await outlets.room("another"):
        pass
    waiting[3].cancel()
    await settle()
    assert outlets.asking == 127
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert outlets.asking == 0
    assert outlets.held_bytes == 900_000


async def test_room_is_given_in_order_and_taken_back_from_who_has_gone() -> None:
    """Not to all at once: what each of them makes is not known yet."""
    outlets = Outlets(VirtualClock(), 4 * EXPECTED_BYTES)
    first = [await outlets.expecting("somebody") for _ in range(2)]
    order: list[int] = []

    async def wait(number: int) -> None:
        with await outlets.expecting("somebody"):
            order.append(number)
            await asyncio.Event().wait()

    waiting = [asyncio.create_task(wait(number)) for number in range(4)]
    await settle()
    assert order == []
    first[0].give_back()
    first[0].give_back()  # once
    await settle()
    assert order == [0]
    first[1].give_back()
    waiting[1].cancel()  # it has just been given room
    await settle()
    assert order == [0, 2]
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert outlets.held_bytes == 0


async def test_a_page_ends_where_it_is_large(tmp_path: Path) -> None:
    """With the object that makes it so; the next page goes on behind it."""
    async with running(tmp_path) as world:
        await _world(world)
        query = Query(kind=scheme.CONFIG_MAP, namespace=PROJECT)
        page = await world.store.list(query, limit=500, size=LARGE)
        assert [item.ref.name for item in page.items] == ["c0", "c1"]
        rest = await world.store.list(query, cursor=page.cursor)
        assert [item.ref.name for item in rest.items][:4] == ["c2", "c3", "c4", "c5"]
        assert rest.cursor is None


async def test_who_ends_a_task_hears_of_being_cancelled_meanwhile() -> None:
    """It is not taken for the end of that task, which takes its time."""
    release = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()
            raise

    task = asyncio.create_task(stubborn())
    await settle()
    ending = asyncio.create_task(ended(task))
    await settle()
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert not task.done()
    release.set()
    await ended(task)


async def test_who_ends_a_task_is_told_what_became_of_it() -> None:
    """An error of it is raised."""

    async def failing() -> None:
        raise ValueError("it fails")

    task = asyncio.create_task(failing())
    await settle()
    with pytest.raises(ValueError, match="it fails"):
        await ended(task)
