"""The subscription type `chart` on real repositories and a real registry: what it finds, what it asks for, and what of faults."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import chart_server, registry, waiting
from tests.support.chart_server import ChartServer, archive
from tests.support.chart_sources import Secrets
from towpath import errors
from towpath.artifacts.chart_indexes import ChartIndexes
from towpath.artifacts.charts import ChartType
from towpath.artifacts.discoverer import Discoverer, DiscoveryFailed
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.artifacts.verdicts import Verdicts
from towpath.clients.helm import repository
from towpath.clients.http import Egress
from towpath.clients.http.on_behalf import on_behalf
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.support.registry import Registry
    from towpath.documents.chart_catalogue import Catalogue

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOST = "charts.example"
INDEX = "/charts/index.yaml"


@pytest.fixture
def server() -> Iterator[ChartServer]:
    """A repository that runs."""
    with chart_server.serving() as running:
        yield running


@pytest.fixture
def secrets() -> Secrets:
    """The Secrets of the Project."""
    return Secrets()


@asynccontextmanager
async def _clients(
    folder: Path, secrets: Secrets, *ports: int, mirror: str = ""
) -> AsyncIterator[LookClients]:
    """Give what a look reaches: some ports of this machine."""
    clock = SystemClock()
    allowed = [f"127.0.0.1:{port}" for port in ports]
    async with Egress(allow=allowed, clock=clock) as egress, Aside() as aside:
        yield LookClients(
            registries=Registries(
                egress, clock=clock, mirrors={HOST: [mirror]} if mirror else None
            ),
            credentials=cast("Any", secrets),
            charts=ChartIndexes(egress, aside, clock, folder / "charts"),
            egress=egress,
            aside=aside,
        )


def _wanted(
    url: str,
    name: str = "",
    *,
    manual: bool = False,
    seconds: float = 0.0,
    notes: list[str] | None = None,
    **more: Any,
) -> Subscription:
    return Subscription(
        project="shop",
        warehouse="main",
        name="",
        config={"repoURL": url, "name": name, "discoveryLimit": 20, **more},
        now=NOW,
        is_manual=manual,
        most_seconds=seconds,
        note=notes.append if notes is not None else lambda _: None,
    )


def _files(folder: Path) -> list[Path]:
    """Files that indexes come into; those that are kept stay."""
    return list(folder.glob("charts/*.index"))


async def test_a_repository_lists_versions(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """The newest first, within the range, as many as are wanted, as the index writes them."""
    server.offer(
        *(("web", each) for each in ("1.2.0", "v1.10.0", "2.0.0-rc.1", "1.9.0")), ("db", "9.9.9")
    )
    async with _clients(tmp_path, secrets, server.port) as clients:
        found = await ChartType().discover(_wanted(server.url, "web"), clients)
        assert found.versions == ["2.0.0-rc.1", "v1.10.0", "1.9.0", "1.2.0"]
        fewer = _wanted(server.url + "/", "web", semverConstraint="^1.0.0", discoveryLimit=2)
        found = await ChartType().discover(fewer, clients)
    assert found.versions == ["v1.10.0", "1.9.0"]
    assert (found.repo_url, found.name, found.semver_constraint) == (
        server.url + "/",
        "web",
        "^1.0.0",
    )
    assert secrets.asked[0] == ("helm", server.url)
    assert _files(tmp_path) == []


async def test_each_version_is_told_of(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """Which wins, which rule keeps the others out, and how many come behind the limit."""
    versions = ("1.2.0", "v1.10.0", "1.10.0", "2.0.0", "1.9.0")
    server.offer(*(("web", each) for each in versions))
    verdicts = Verdicts()
    wanted = _wanted(server.url, "web", semverConstraint="^1.0.0", discoveryLimit=2)
    async with _clients(tmp_path, secrets, server.port) as clients:
        await ChartType().discover(dataclasses.replace(wanted, verdicts=verdicts), clients)
    assert [(each.name, each.reason) for each in verdicts.offered] == [
        ("v1.10.0", "the highest version that no rule keeps out"),
        ("1.10.0", "the same version as v1.10.0, whose text comes later"),
    ]
    assert [(each.name, each.rule) for each in verdicts.excluded] == [
        ("2.0.0", "semverConstraint"),
        ("1.9.0", "discoveryLimit"),
        ("1.2.0", "discoveryLimit"),
    ]


@pytest.mark.parametrize("mark", ["ETag", "Last-Modified"])
async def test_an_index_that_is_the_same_is_not_sent_again(
    tmp_path: Path, server: ChartServer, secrets: Secrets, mark: str
) -> None:
    """Unless somebody asks by hand: who does so may not believe the repository."""
    server.marks = mark
    server.offer(("web", "1.0.0"))
    async with _clients(tmp_path, secrets, server.port) as clients:
        for manual in (False, False, True):
            found = await ChartType().discover(_wanted(server.url, "web", manual=manual), clients)
            assert found.versions == ["1.0.0"]
        assert server.answered == [200, 304, 200]
        server.offer(("web", "1.0.0"), ("web", "1.1.0"), ("web", "1.2.0"))
        found = await ChartType().discover(_wanted(server.url, "web"), clients)
    assert found.versions == ["1.2.0", "1.1.0", "1.0.0"]


async def test_an_index_without_a_mark_is_read_when_it_has_changed(
    tmp_path: Path,
    server: ChartServer,
    secrets: Secrets,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It comes each time; what it lists is known."""
    read: list[str] = []
    reading = ChartIndexes._read

    async def counted(self: ChartIndexes, file: Any, *more: Any) -> Any:
        read.append(str(file.path))
        return await reading(self, file, *more)

    monkeypatch.setattr(ChartIndexes, "_read", counted)
    server.offer(("web", "1.0.0"))
    async with _clients(tmp_path, secrets, server.port) as clients:
        for _ in range(3):
            found = await ChartType().discover(_wanted(server.url, "web"), clients)
            assert found.versions == ["1.0.0"]
        assert (server.answered, len(read)) == ([200, 200, 200], 1)
        server.offer(("web", "1.1.0"))
        found = await ChartType().discover(_wanted(server.url, "web"), clients)
    assert (found.versions, len(read)) == (["1.1.0"], 2)


async def test_many_warehouses_ask_once(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """Those that look at the same time, and those that may be given an answer of a moment ago; each its own chart."""
    server.offer(*((f"c{number}", f"1.0.{number}") for number in range(100)))
    async with _clients(tmp_path, secrets, server.port) as clients:
        found = await asyncio.gather(
            *(
                ChartType().discover(_wanted(server.url, f"c{number}"), clients)
                for number in range(100)
            )
        )
        assert [each.versions for each in found] == [[f"1.0.{number}"] for number in range(100)]
        # Whoever came while the first question was under way has another one for all of them: it may be too old an answer.
        assert len(server.asked) == 2
        await ChartType().discover(_wanted(server.url, "c7", seconds=3600), clients)
        assert len(server.asked) == 2
        await ChartType().discover(_wanted(server.url, "c7"), clients)
    assert len(server.asked) == 3


async def test_a_repository_that_asks_who_we_are(tmp_path: Path, secrets: Secrets) -> None:
    """What one credential is shown nobody without it is; a Secret that comes helps at once."""
    with chart_server.serving(asks=True) as server:
        server.offer(("web", "1.0.0"))
        async with _clients(tmp_path, secrets, server.port) as clients:
            with pytest.raises(errors.Forbidden, match="no Secret of type helm"):
                await ChartType().discover(_wanted(server.url, "web"), clients)
            secrets.known.add(server.url)
            found = await ChartType().discover(_wanted(server.url, "web"), clients)
            assert found.versions == ["1.0.0"]
            secrets.known.clear()
            with pytest.raises(errors.Forbidden):
                await ChartType().discover(_wanted(server.url, "web", seconds=3600), clients)


async def test_a_chart_in_a_real_registry(tmp_path: Path, secrets: Secrets) -> None:
    """Its tags are versions, `_` for `+`; what is none, or begins with `v`, is not taken, as Helm has it."""
    with registry.serving(tmp_path / "registry") as running:
        for version in ("1.2.0", "1.10.0", "2.0.0+build.7", "1.0"):
            chart_server.push(running, "team/web", version)
        chart_server.push(running, "team/web", "v9.9.9")
        running.push("team/web", "latest")
        url = f"oci://{HOST}/team/web"
        async with _clients(tmp_path, secrets, _port(running), mirror=running.url) as clients:
            found = await ChartType().discover(_wanted(url), clients)
            assert found.versions == ["2.0.0+build.7", "1.10.0", "1.2.0"]
            within = await ChartType().discover(_wanted(url, semverConstraint="~1.2"), clients)
            assert within.versions == ["1.2.0"]
            with pytest.raises(errors.Unavailable, match="404"):
                await ChartType().discover(_wanted(f"oci://{HOST}/team/nothing"), clients)
            with pytest.raises(errors.Invalid, match="in lower case"):
                await ChartType().discover(_wanted(f"oci://{HOST}/Team/Web"), clients)
    assert secrets.asked[0] == ("helm", url)


def _port(running: Registry) -> int:
    return int(running.url.rpartition(":")[2])


async def test_what_was_not_found_is_said(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """A chart that is spelt otherwise, versions of which none fits, and entries that were passed over."""
    server.offer(("web", "1.0.0"))
    async with _clients(tmp_path, secrets, server.port) as clients:
        notes: list[str] = []
        found = await ChartType().discover(_wanted(server.url, "wbe", notes=notes), clients)
        assert (found.versions, len(notes)) == ([], 1)
        assert "lists no chart 'wbe': did you mean \"web\"?" in notes.pop()
        far = _wanted(server.url, "web", notes=notes, semverConstraint=">=2")
        assert (await ChartType().discover(far, clients)).versions == []
        assert "none fits: 1.0.0" in notes.pop()
        server.index({"web": [{"version": "1.0.0", "name": "db"}, {"version": "1.1.0"}]})
        found = await ChartType().discover(_wanted(server.url, "web", notes=notes), clients)
        assert found.versions == ["1.1.0"]
        assert "passed over: 1 entries" in notes.pop()


async def test_a_range_that_cannot_be_read_is_final(tmp_path: Path, secrets: Secrets) -> None:
    """And names its field."""
    async with _clients(tmp_path, secrets) as clients:
        with pytest.raises(errors.Invalid, match="semverConstraint: 'newest'"):
            await ChartType().discover(
                _wanted("https://charts.example", "web", semverConstraint="newest"), clients
            )


def _html(handler: BaseHTTPRequestHandler) -> None:
    body = b"<!doctype html><html><head><title>x</title></head><body>Please sign in</body></html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _huge(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(2 << 30))
    handler.end_headers()


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:  # until who asked goes away
        handler.wfile.write(b"# more\n" * 10_000)


def _zipped(handler: BaseHTTPRequestHandler) -> None:
    body = gzip.compress(b"\n" * (80 << 20))
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"entries:\n  web:\n  - version: 9.9.9\n")


def _tarpit(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.flush()
    handler.connection.recv(1)  # until who asked goes away


@pytest.mark.parametrize(
    ("odd", "said", "waits"),
    [
        (_html, "no entries, so it is no index of charts; it begins: Please sign in", False),
        (_huge, "larger than 67,108,864 bytes", True),
        (_endless, "larger than 67,108,864 bytes", True),
        (_zipped, "larger than 67,108,864 bytes", True),
        (_cut_off, "", False),
        (_tarpit, "no answer within 1 s", False),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254", True),
        ("file:///etc/passwd", "not followed", True),
        (404, "answered 404", True),
    ],
)
async def test_a_repository_that_does_harm_harms_its_warehouse_only(
    tmp_path: Path,
    server: ChartServer,
    secrets: Secrets,
    monkeypatch: pytest.MonkeyPatch,
    odd: Any,
    said: str,
    waits: bool,
) -> None:
    """It is named with its subscription; others find what is there, and once it is well again so does this one."""
    if odd is _tarpit:
        monkeypatch.setattr(repository, "_SECONDS", 1.0)
    server.marks = "ETag"
    server.offer(("web", "1.0.0"))
    with chart_server.serving() as other:
        other.offer(("db", "2.0.0"))
        async with _clients(tmp_path, secrets, server.port, other.port) as clients:
            await ChartType().discover(_wanted(server.url, "web"), clients)
            if callable(odd):
                server.odd[INDEX] = odd
            elif odd == 404:
                server.files[f"{INDEX}.kept"] = server.files.pop(INDEX)
            else:
                server.redirects[INDEX] = odd
            discoverer = Discoverer([ChartType()], clients)
            failed = discoverer.discover(
                _warehouse((server.url, "web"), (other.url, "db")), now=NOW, manual=True
            )
            well = discoverer.discover(_warehouse((other.url, "db")), now=NOW, manual=False)
            with pytest.raises(DiscoveryFailed) as refused:
                await failed
            assert refused.value.message.startswith(f"spec.subscriptions[0] (chart {server.url}): ")
            assert said in refused.value.message
            assert "subscriptions[1]" not in refused.value.message
            assert (refused.value.is_refused, refused.value.is_final) == (waits, False)
            assert (await well).artifacts.charts[0].versions == ["2.0.0"]
            server.odd.clear()
            server.redirects.clear()
            if odd == 404:
                server.files[INDEX] = server.files.pop(f"{INDEX}.kept")
            found = await ChartType().discover(_wanted(server.url, "web"), clients)
            assert found.versions == ["1.0.0"]
    assert _files(tmp_path) == []


def _warehouse(*charts: tuple[str, str]) -> Warehouse:
    return view(
        Warehouse,
        {
            "metadata": {"name": "main", "namespace": "shop"},
            "spec": {
                "subscriptions": [{"chart": {"repoURL": url, "name": name}} for url, name in charts]
            },
        },
    )


async def test_what_comes_slowly_holds_up_its_own_project_only(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """Forty indexes of one Project that never end, and another Project's that does."""
    begun: list[str] = []

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"entries:\n")
        begun.append(handler.path)
        handler.connection.recv(1)  # until who asked goes away

    for number in range(40):
        server.odd[f"/slow/{number}/index.yaml"] = dripping
    root = server.url.removesuffix("/charts")
    with chart_server.serving() as other:
        other.offer(("web", "1.0.0"))
        async with _clients(tmp_path, secrets, server.port, other.port) as clients:
            assert clients.charts is not None
            slow = [
                asyncio.create_task(clients.charts.ask(f"{root}/slow/{number}", caller="slow"))
                for number in range(40)
            ]
            await waiting.until_async(_async(lambda: len(begun) >= 4))
            slow.append(asyncio.create_task(clients.charts.ask(other.url, caller="slow")))
            await _turns()  # it has asked before, and has no room for what it asks for
            found = asyncio.create_task(clients.charts.ask(other.url, caller="shop"))
            await waiting.until_async(_async(found.done))
            assert found.result().charts == {"web": ["1.0.0"]}
            assert not any(task.done() for task in slow), "nobody had to give up before"
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
    assert _files(tmp_path) == []


async def test_what_comes_slowly_to_many_projects_holds_up_no_other(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """Twelve Projects with as many indexes that never end as they may have, and one whose index does."""
    begun: list[str] = []

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"entries:\n")
        begun.append(handler.path)
        handler.connection.recv(1)  # until who asked goes away

    names = [f"{project}-{number}" for project in range(12) for number in range(4)]
    for name in names:
        server.odd[f"/slow/{name}/index.yaml"] = dripping
    root = server.url.removesuffix("/charts")
    with chart_server.serving() as other:
        other.offer(("web", "1.0.0"))
        async with _clients(tmp_path, secrets, server.port, other.port) as clients:
            assert clients.charts is not None
            slow: list[asyncio.Task[Catalogue]] = []
            for name in names:
                project = name.partition("-")[0]
                with on_behalf(project):
                    asked = clients.charts.ask(f"{root}/slow/{name}", caller=project)
                    slow.append(asyncio.create_task(asked))
            await waiting.until_async(_async(lambda: len(begun) >= len(names)))
            await _turns()
            found = asyncio.create_task(clients.charts.ask(other.url, caller="shop"))
            await waiting.until_async(_async(found.done))
            assert found.result().charts == {"web": ["1.0.0"]}
            assert not any(task.done() for task in slow), "nobody had to give up before"
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
    assert _files(tmp_path) == []


async def test_an_index_for_which_there_is_no_room_comes_once_there_is(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """Five of one Project that come at the same time, of which the fifth is asked for once more."""
    come = threading.Event()
    begun: list[str] = []

    def held(handler: BaseHTTPRequestHandler) -> None:
        begun.append(handler.path)
        come.wait(30)
        body = b"entries: {web: [{version: 1.0.0}]}"
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    for number in range(5):
        server.odd[f"/slow/{number}/index.yaml"] = held
    root = server.url.removesuffix("/charts")
    async with _clients(tmp_path, secrets, server.port) as clients:
        assert clients.charts is not None
        asked = [
            asyncio.create_task(clients.charts.ask(f"{root}/slow/{number}", caller="shop"))
            for number in range(5)
        ]
        await waiting.until_async(_async(lambda: len(begun) >= 5))
        come.set()
        found = await asyncio.gather(*asked)
    assert [each.charts for each in found] == [{"web": ["1.0.0"]}] * 5
    assert _files(tmp_path) == []


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def _async(found: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return found()

    return asked


async def test_an_index_that_cannot_be_read_is_not_read_again(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """As long as the repository says that it is the same."""
    server.marks = "ETag"
    server.files[INDEX] = b"entries: ["
    async with _clients(tmp_path, secrets, server.port) as clients:
        for _ in range(2):
            with pytest.raises(errors.Unavailable, match="is no YAML"):
                await ChartType().discover(_wanted(server.url, "web"), clients)
        assert server.answered == [200, 304]
        server.offer(("web", "1.0.0"))
        found = await ChartType().discover(_wanted(server.url, "web"), clients)
    assert found.versions == ["1.0.0"]


async def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    """Files of indexes that were coming."""
    folder = tmp_path / "charts"
    folder.mkdir()
    (folder / "0123.index").write_bytes(archive("web", "1.0.0"))
    ChartIndexes(cast("Any", None), cast("Any", None), SystemClock(), folder)
    assert _files(tmp_path) == []


def _throttling(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(429)
    handler.send_header("Retry-After", "60")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


async def test_a_repository_that_wants_to_be_left_alone_says_for_how_long(
    tmp_path: Path, server: ChartServer, secrets: Secrets
) -> None:
    """The Warehouse is looked at again when that is over, not after a back-off."""
    server.odd[INDEX] = _throttling
    async with _clients(tmp_path, secrets, server.port) as clients:
        with pytest.raises(DiscoveryFailed, match="rate limit is used up") as failed:
            await Discoverer([ChartType()], clients).discover(
                _warehouse((server.url, "web")), now=NOW, manual=False
            )
    assert failed.value.seconds == 60
