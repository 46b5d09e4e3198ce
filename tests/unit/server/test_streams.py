"""Streams: what they may cost, who may have how many, and that they end when their caller's standing does."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import serving
from tests.support.asgi_watch import Watched
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from tests.support.serving import TOKEN
from tests.support.stores import opened
from towpath.admission import default_roles
from towpath.clock import VirtualClock, settle
from towpath.errors import BadRequest, Forbidden, TooManyRequests
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server import revisions
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken
from towpath.server.auth.caller import Standing
from towpath.server.encodings import Encodings
from towpath.server.open_watches import CHECK_SECONDS, OpenWatches, StreamLimits
from towpath.server.outlets import Outlets
from towpath.server.streaming import SLICE_BYTES, Stream, gathered, sliced

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, MutableMapping
    from pathlib import Path

    from starlette.types import ASGIApp

    from towpath.errors import TowpathError

MAPS = f"/api/v1/namespaces/{PROJECT}/configmaps"
STAGES = f"/v1beta1/projects/{PROJECT}/stages"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def _map(name: str, value: str = "1") -> dict[str, Any]:
    metadata = {"name": name, "namespace": PROJECT}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}}


def _application(world: Pipeline, **limits: int) -> tuple[ASGIApp, OpenWatches]:
    watches = OpenWatches(world.store, world.clock, StreamLimits(**limits))
    services = serving.services(world, watches)
    readiness = Readiness()
    readiness.reason = None
    return application(services, AdminToken(TOKEN), readiness), watches


async def _project(world: Pipeline) -> None:
    await world.apply(project_document())
    await world.settled()
    await default_roles.ensure(world.store, actor="test")


# --- standing ----------------------------------------------------------------------------------------


async def _speaks(world: Pipeline, *verbs: str) -> str:
    """Return a token of an account that may do that to ConfigMaps and Stages, by a binding of its own."""
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "bot", "namespace": PROJECT},
    }
    rule = {"apiGroups": ["*"], "resources": ["configmaps", "stages"], "verbs": list(verbs)}
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    named = {"name": "bot", "namespace": PROJECT}
    role = rbac | {"kind": "Role", "metadata": named, "rules": [rule]}
    binding = rbac | {
        "kind": "RoleBinding",
        "metadata": named,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "bot"},
        "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": PROJECT}],
    }
    for document in (account, role, binding):
        await world.writer.create(document, USER)
    return await serving.account_token(world, PROJECT, "bot", seconds=_TOKEN_SECONDS)


async def _lose(world: Pipeline, what: str) -> None:
    """Take something from the account `bot`."""
    kinds = {
        "account": scheme.SERVICE_ACCOUNT,
        "binding": scheme.ROLE_BINDING,
        "role": scheme.ROLE,
    }
    if what == "verb":
        role = await world.get(scheme.ROLE, "bot")
        role["rules"][0]["verbs"] = ["get", "list"]
        await world.writer.update(role, USER)
    elif what in kinds:
        await world.writer.delete(Ref(kinds[what], PROJECT, "bot"), USER)
    else:
        await world.clock.advance(_TOKEN_SECONDS)


_TOKEN_SECONDS = 120
LOSSES = [("account", 401), ("binding", 403), ("role", 403), ("verb", 403), ("time", 401)]


@pytest.mark.parametrize(("what", "code"), LOSSES)
async def test_a_watch_ends_when_its_caller_may_not_have_it_any_more(
    tmp_path: Path, what: str, code: int
) -> None:
    """Within 30 seconds, told why; the watch of somebody else goes on."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world)
        token = await _speaks(world, "get", "list", "watch")
        watched = Watched(app, MAPS, "watch=1", token, "application/json")
        other = Watched(app, MAPS, "watch=1", TOKEN, "application/json")
        assert await watched.status == await other.status == 200
        await world.writer.create(_map("before"), USER)
        assert (await watched.next())["object"]["metadata"]["name"] == "before"
        await world.clock.advance(60)
        assert watches.count == 2, "a caller who still may goes on"
        await _lose(world, what)
        await world.clock.advance(30)
        told = await watched.next()
        assert (told["type"], told["object"]["code"]) == ("ERROR", code)
        assert watches.count == 1
        await world.writer.create(_map("after"), USER)
        names = [(await other.next())["object"]["metadata"]["name"] for _ in range(2)]
        assert names == ["before", "after"]
        with pytest.raises(AssertionError, match="has ended"):
            await watched.next()
        await other.leave()
        assert watches.count == 0


@pytest.mark.parametrize(("what", "code"), LOSSES)
async def test_a_stream_of_events_ends_so_too(tmp_path: Path, what: str, code: int) -> None:
    """The error names itself, as other errors of such streams do."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world)
        token = await _speaks(world, "get", "list", "watch")
        read = _Reader()
        asked = _ask(app, _scope(STAGES, "watch=true", token), read)
        await settle()
        assert read.status == 200
        await _lose(world, what)
        await world.clock.advance(30)
        await asked
        assert b"event: error\ndata: " in read.body
        reason = "Unauthorized" if code == 401 else "Forbidden"
        assert json.loads(read.body.rpartition(b"data: ")[2])["code"] == reason
        assert watches.count == 0


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (MAPS, "watch=1"),
        (STAGES, "watch=true"),
        ("/towpath/v1/stream", "topics=overview"),
        ("/towpath/v1/changes", "topics=overview&after={rev}&wait=25"),
    ],
    ids=["kubernetes", "events", "screens", "long poll"],
)
@pytest.mark.parametrize("by", ["session", "personal token"])
async def test_what_is_open_ends_with_the_session_or_token_it_came_by(
    tmp_path: Path, by: str, path: str, query: str
) -> None:
    """Within 30 seconds, whatever kind of stream it is; that of somebody else goes on."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            signed = await client.post("/towpath/v1/session", json={"password": serving.PASSWORD})
            client.headers["X-CSRF-Token"] = signed.json()["csrfToken"]
            made = await client.post("/towpath/v1/me/tokens", json={"name": "ci"})
            cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
            scope = _scope(path, query.format(rev=world.store.revision()), made.json()["token"])
            if by == "session":
                scope["headers"] = [(b"host", b"test"), (b"cookie", cookie.encode())]
            read = _Reader()
            asked = _ask(app, scope, read)
            other = Watched(app, MAPS, "watch=1", TOKEN, "application/json")
            assert await other.status == 200
            await settle()
            assert not asked.done()
            gone = "/towpath/v1/session" if by == "session" else "/towpath/v1/me/tokens/ci"
            assert (await client.delete(gone)).status_code == 204
            await world.clock.advance(30)
            await asked
            assert watches.count == 1, "the other goes on"
            await other.leave()


async def test_whoever_speaks_for_another_is_heard_as_long_as_both_may(tmp_path: Path) -> None:
    """A right to impersonate that was taken away ends what was begun with it."""
    async with running(tmp_path) as world:
        await _project(world)
        app, _ = _application(world)
        token = await _speaks(world, "get", "list", "watch")
        rbac = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "speaker"}}
        rule = {"apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"]}
        await world.writer.create(rbac | {"kind": "ClusterRole", "rules": [rule]}, USER)
        binding = rbac | {
            "kind": "ClusterRoleBinding",
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "speaker",
            },
            "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": PROJECT}],
        }
        await world.writer.create(binding, USER)
        headers = [(b"impersonate-user", b"root"), (b"impersonate-group", b"system:masters")]
        read = _Reader()
        scope = _scope(MAPS, "watch=1", token)
        scope["headers"] += headers
        asked = _ask(app, scope, read)
        await world.clock.advance(60)
        assert (read.status, asked.done()) == (200, False)
        await world.writer.delete(Ref(scheme.CLUSTER_ROLE_BINDING, "", "speaker"), USER)
        await world.clock.advance(30)
        await asked
        assert json.loads(read.body)["object"]["code"] == 403


async def test_a_watch_of_the_administrator_ends_when_the_token_is_another(tmp_path: Path) -> None:
    """The file of the token is written anew: who has the old one is refused and hears no more."""
    async with running(tmp_path) as world:
        await _project(world)
        watches = OpenWatches(world.store, world.clock)
        readiness = Readiness()
        readiness.reason = None
        path = tmp_path / "token"
        token = AdminToken.load_or_create(path)
        old = path.read_text().strip()
        app = application(serving.services(world, watches), token, readiness)
        watched = Watched(app, MAPS, "watch=1", old, "application/json")
        assert await watched.status == 200
        path.write_text("")
        await world.clock.advance(30)
        assert watches.count == 1, "a file that says nothing changes nothing"
        path.write_text("another")
        await world.clock.advance(30)
        assert (await watched.next())["object"]["code"] == 401
        assert (token.matches(old), token.matches("another")) == (False, True)
        path.unlink()
        assert token.matches("another")


# --- how many ----------------------------------------------------------------------------------------


class _Odd:
    """A watch whose end fails, the first time at least."""

    def __init__(self) -> None:
        self.asked = 0

    async def stop(self, error: TowpathError | None = None) -> None:
        """Fail."""
        del error
        self.asked += 1
        raise OSError("it cannot be cut off")


async def test_a_watch_that_cannot_be_ended_keeps_no_other_open(tmp_path: Path) -> None:
    """It is tried again, those of others are looked at as before; when the server stops, too."""

    async def refused() -> None:
        raise Forbidden("no more")

    async with opened(tmp_path) as store:
        clock = VirtualClock()
        watches = OpenWatches(store, clock)
        streams = [_Odd(), _Odd()]
        for number, stream in enumerate(streams):
            watches.keep(stream, Standing(f"caller-{number}", number, refused))
        await settle()
        for round_ in (1, 2):
            await clock.advance(CHECK_SECONDS)
            assert [stream.asked for stream in streams] == [round_, round_]
        await watches.close()
        assert [stream.asked for stream in streams] == [3, 3]
        for stream in streams:
            watches.forget(stream)


@pytest.mark.parametrize("path", [MAPS, STAGES])
async def test_no_caller_has_more_watches_than_one_may(tmp_path: Path, path: str) -> None:
    """The next is answered with 429 and when to come again; another caller is not held to it; one that ends counts no more."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world, per_caller=3)
        token = await _speaks(world, "get", "list", "watch")
        readers = [_Reader() for _ in range(5)]
        asked = [_ask(app, _scope(path, "watch=true", token), each) for each in readers[:4]]
        await settle()
        assert [each.status for each in readers[:4]] == [200, 200, 200, 429]
        assert b"retry-after" in dict(readers[3].headers)
        other = Watched(app, MAPS, "watch=1", TOKEN, "application/json")
        assert await other.status == 200
        readers[0].gone.set()
        await asked[0]
        last = _ask(app, _scope(path, "watch=true", token), readers[4])
        await settle()
        assert readers[4].status == 200
        for each in readers:
            each.gone.set()
        await asyncio.gather(*asked, last)
        await other.leave()
        assert watches.count == 0


async def test_requests_that_wait_are_watches_as_well(tmp_path: Path) -> None:
    """However few connections a caller has, and though they wait for none of the answers; all are answered at the end."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world, per_caller=2)
        token = await _speaks(world, "get", "list", "watch")
        query = f"topics=inbox&after={world.store.revision()}&wait=60"
        readers = [_Reader() for _ in range(3)]
        asked = [_ask(app, _scope("/towpath/v1/changes", query, token), each) for each in readers]
        await settle()
        assert [each.status for each in readers] == [0, 0, 429]
        assert watches.count == 2
        await watches.close()
        await asyncio.gather(*asked)
        assert [each.status for each in readers] == [200, 200, 429]
        assert watches.count == 0


# --- revisions ---------------------------------------------------------------------------------------


AHEAD = "999999999999999"


AHEAD_OF_THE_STORE = [
    (MAPS, f"watch=1&resourceVersion={AHEAD}"),
    (
        MAPS,
        f"watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion={AHEAD}",
    ),
    (MAPS, f"resourceVersion={AHEAD}"),
    (MAPS, f"resourceVersion={AHEAD}&limit=5"),
    (MAPS, f"resourceVersion={AHEAD}&resourceVersionMatch=Exact"),
    (MAPS, f"resourceVersion={AHEAD}&resourceVersionMatch=NotOlderThan"),
    (f"{MAPS}/kube-root-ca.crt", f"resourceVersion={AHEAD}"),
    (STAGES, f"watch=true&resourceVersion={AHEAD}"),
    (f"/v1beta1/projects/{PROJECT}/freight", f"watch=true&resourceVersion={AHEAD}"),
    (f"/v1beta1/projects/{PROJECT}/warehouses", f"watch=true&resourceVersion={AHEAD}"),
    (f"/v1beta1/projects/{PROJECT}/promotions", f"watch=true&resourceVersion={AHEAD}"),
]


async def test_who_is_ahead_of_the_store_is_told_so_at_once(tmp_path: Path) -> None:
    """No time passes, nobody is left waiting, and clients learn that they have to list anew."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world)
        began = world.clock.monotonic()
        for path, query in AHEAD_OF_THE_STORE:
            read = _Reader()
            await app(_scope(path, query, TOKEN), read.receive, read)
            told = json.loads(read.body)
            assert read.status == 504, (path, query)
            assert dict(read.headers)[b"retry-after"] == b"1"
            if path.startswith("/api"):
                assert told["reason"] == "Timeout"
                assert told["message"].startswith(f"Too large resource version: {AHEAD}, current: ")
                assert told["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
                assert told["details"]["retryAfterSeconds"] == 1
            else:
                assert AHEAD in told["error"]
        assert world.clock.monotonic() == began
        assert watches.count == 0
        assert world.store._hub.waiters == 0  # type: ignore[attr-defined]  # of the implementation


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 5000, "9" * 19, "٣", "1 "])
def test_a_revision_that_is_none_is_refused(given: str) -> None:
    """As a bad request, whatever it is."""
    with pytest.raises(BadRequest, match="resourceVersion"):
        revisions.parse(given)


# --- encodings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["application/json", TABLE])
async def test_an_event_is_written_once_for_all_who_are_told_it(
    tmp_path: Path, accept: str
) -> None:
    """In each form; who has not been told the columns of a Table is told them."""
    async with running(tmp_path) as world:
        await _project(world)
        app, watches = _application(world)
        watched = [Watched(app, MAPS, "watch=1", TOKEN, accept) for _ in range(20)]
        for each in watched:
            assert await each.status == 200
        for name in "ab":
            await world.writer.create(_map(name), USER)
            told = [await each.next() for each in watched]
            assert told == [told[0]] * 20
        assert watches.encodings.made == 2
        late = Watched(app, MAPS, "watch=1", TOKEN, accept)
        if accept is TABLE:
            first, second = await late.next(), await late.next()
            assert first["object"]["columnDefinitions"]
            assert second["object"]["columnDefinitions"] is None
        for each in (*watched, late):
            await each.leave()


async def test_ages_in_a_table_are_those_of_the_moment(tmp_path: Path) -> None:
    """Not those of when the watch began."""
    async with running(tmp_path) as world:
        await _project(world)
        app, _ = _application(world)
        watched = Watched(app, MAPS, "watch=1", TOKEN, TABLE)
        await world.writer.create(_map("a"), USER)
        assert (await watched.next())["object"]["rows"][0]["cells"][-1] == "0s"
        await world.clock.advance(20)
        await world.writer.update(_map("a", "2"), USER)
        assert (await watched.next())["object"]["rows"][0]["cells"][-1] == "20s"
        await watched.leave()


def test_encodings_are_bounded() -> None:
    """By bytes; what was used last stays, and what is too large alone is given all the same."""
    encodings = Encodings(most_bytes=1_000)
    for number in range(100):
        assert encodings.of(number, lambda: b"x" * 100) == b"x" * 100
        assert encodings.held_bytes <= 1_000
    encodings.of(90, lambda: b"")
    assert encodings.made == 100, "it was known"
    assert encodings.of("large", lambda: b"y" * 5_000) == b"y" * 5_000
    assert encodings.held_bytes == 0


# --- pieces ------------------------------------------------------------------------------------------


def test_pieces_are_sent_in_slices_and_small_ones_together() -> None:
    """Nothing is lost, nothing is copied that is large already."""
    large = bytes(range(256)) * 1_000
    assert b"".join(sliced(large)) == large
    assert max(map(len, sliced(large))) == SLICE_BYTES
    assert list(sliced(b"x")) == [b"x"]
    parts = list(gathered([b"", b"a", b"b", large, b"c", b""]))
    assert parts == [b"ab", large, b"c"]
    assert parts[1] is large


def _ask(app: ASGIApp, scope: dict[str, Any], reader: _Reader) -> asyncio.Task[None]:
    """Have the application answer a request while the test goes on."""

    async def answer() -> None:
        await app(scope, reader.receive, reader)

    return asyncio.create_task(answer())


class _Reader:
    """A caller of the application, who reads what is sent until it hangs up."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.gone = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        """Hang up, in time."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Take what is sent."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.body += message.get("body", b"")


def _scope(path: str, query: str, token: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"test"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }


# --- back-pressure -----------------------------------------------------------------------------------


class _Pipe:
    """A connection that takes bytes when its reader does."""

    def __init__(self, high: int = 16 << 10) -> None:
        self.high = high
        self.unsent_bytes = 0
        self.aborted = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    async def drained(self) -> None:
        """See `streaming.Outlet`."""
        await self._free.wait()

    def abort(self) -> None:
        """See `streaming.Outlet`."""
        self.unsent_bytes = 0
        self._free.set()
        self.aborted.set()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take a part of the answer."""
        if self.aborted.is_set():
            return
        self.unsent_bytes += len(message.get("body", b""))
        if self.unsent_bytes > self.high:
            self._free.clear()

    async def receive(self) -> MutableMapping[str, Any]:
        """Hang up when the connection is cut."""
        await self.aborted.wait()
        return {"type": "http.disconnect"}

    def read(self, size: int) -> None:
        """Read on the other side."""
        self.unsent_bytes = max(0, self.unsent_bytes - size)
        if self.unsent_bytes <= self.high // 4:
            self._free.set()


class _Source:
    """Parts without end; counts what was asked for."""

    def __init__(self, size: int) -> None:
        self.part = b"x" * size
        self.made = 0

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """Yield them."""
        while True:
            self.made += 1
            yield self.part


@pytest.mark.parametrize("size", [1_000, 10_000, 1 << 20])
async def test_nothing_is_produced_for_a_connection_that_takes_nothing(size: int) -> None:
    """Whatever the size of a part, little waits, and the rest is made as it is read."""
    pipe, source = _Pipe(), _Source(size)
    stream = Stream(Outlets(VirtualClock(), 1 << 20), source.parts(), media_type="text/plain")
    scope = {"type": "http", "state": {"outlet": pipe}}
    asked = asyncio.create_task(stream(scope, pipe.receive, pipe.send))
    await settle(500)
    made = source.made
    assert made <= (16 << 10) // size + 1
    assert pipe.unsent_bytes <= (16 << 10) + SLICE_BYTES
    await settle(500)
    assert source.made == made
    for _ in range(200):
        pipe.read(32 << 10)
        await settle()
    assert source.made > made
    pipe.abort()
    await asked


async def test_those_who_have_stopped_longest_go_when_the_budget_is_used_up() -> None:
    """A neighbour who reads, however slowly, is not cut off; so many bytes wait and no more."""
    clock = VirtualClock()
    outlets = Outlets(clock, 256 << 10)
    pipes = [_Pipe() for _ in range(30)]
    asked = []
    for pipe in pipes:
        stream = Stream(outlets, _Source(20_000).parts(), media_type="text/plain")
        scope = {"type": "http", "state": {"outlet": pipe}}
        asked.append(asyncio.create_task(stream(scope, pipe.receive, pipe.send)))
    for _ in range(20):
        pipes[7].read(1_000)
        await clock.advance(0.3)
    assert outlets.held_bytes <= 256 << 10
    assert sum(pipe.unsent_bytes for pipe in pipes) <= 256 << 10
    assert 0 < outlets.cut_off < 29
    assert not pipes[7].aborted.is_set()
    for pipe in pipes:
        pipe.abort()
    await asyncio.gather(*asked)
    assert outlets.held_bytes == 0


async def test_a_watch_that_is_refused_was_never_begun(tmp_path: Path) -> None:
    """What counts the watches of a caller counts none that are not there."""
    async with running(tmp_path) as world:
        watches = OpenWatches(world.store, world.clock, StreamLimits(per_caller=0))
        standing = _standing()
        from towpath.store.contract import Query

        with pytest.raises(TooManyRequests, match="close some"):
            await watches.begin(Query(kind=scheme.CONFIG_MAP), standing=standing)
        assert watches.count == 0


class _Nothing:
    """A stream that is looked after."""

    async def stop(self, error: TowpathError | None = None) -> None:
        """Do nothing."""


async def test_the_accounts_of_a_project_are_one_crowd(tmp_path: Path) -> None:
    """Whoever may make one makes a thousand, each with as many watches as a caller may have. Others are not held to it."""
    async with running(tmp_path) as world:
        watches = OpenWatches(world.store, world.clock, StreamLimits(per_caller=2))
        accounts = [_standing(f"system:serviceaccount:crowd:{number}") for number in range(7)]
        streams = [_Nothing() for _ in range(6)]
        for stream, standing in zip(streams, accounts, strict=False):
            watches.admit(standing)
            watches.keep(stream, standing)
        with pytest.raises(TooManyRequests, match='the accounts of "crowd" have 6 watches open'):
            watches.admit(accounts[6])
        for name in ("system:serviceaccount:crowded:0", "email:jo@example.com"):
            watches.admit(_standing(name))
        watches.forget(streams.pop())
        watches.admit(accounts[6])
        for stream in streams:
            watches.forget(stream)
        assert watches.count == 0


def _standing(name: str = "somebody") -> Any:
    from towpath.server.auth.caller import Standing

    async def check() -> None:
        pass

    return Standing(name, "key", check)


class _Stuck:
    """A stream that has much waiting and cannot be cut off at first."""

    owner = "somebody"

    def __init__(self) -> None:
        self.held_bytes = 1_000
        self.taken_bytes = 0
        self.asked = 0

    def abort(self) -> None:
        """Fail, once."""
        self.asked += 1
        if self.asked == 1:
            raise OSError("it cannot be cut off")


async def test_a_stream_that_cannot_be_cut_off_does_not_end_the_budget() -> None:
    """The next that is too much is looked at again."""
    clock = VirtualClock()
    outlets = Outlets(clock, 100)
    stuck = _Stuck()
    # What a task raises that nobody awaits is told to the loop, which would log it.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    for asked in (1, 2):
        outlets.note(stuck)
        for _ in range(6):
            await clock.advance(0.5)
        assert stuck.asked == asked
        assert outlets.held_bytes == 0
