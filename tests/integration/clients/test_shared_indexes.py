"""One index of a chart repository for Warehouses and Promotions: what is asked for, what a restart finds, what of torn files."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import chart_server
from tests.support.registry import PASSWORD, USER
from towpath import errors
from towpath.artifacts import known_index
from towpath.artifacts.chart_indexes import ChartIndexes
from towpath.clients.helm.repository import ChartCredential, ChartRepository
from towpath.clients.http import Egress
from towpath.clients.oci.kept_contents import KeptLimits
from towpath.clock import SystemClock
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.support.chart_server import ChartServer

RIGHT = ChartCredential(username=USER, password=PASSWORD, source="Secret shop/charts")
WRONG = ChartCredential(username=USER, password="other", source="Secret shop/charts")


@pytest.fixture
def server() -> Iterator[ChartServer]:
    """A repository that tells versions of its index apart."""
    with chart_server.serving() as running:
        running.marks = "ETag"
        running.offer(("web", "1.0.0"), ("web", "1.1.0"), ("db", "3.0.0"))
        yield running


class World:
    """Indexes over one folder, and where they are read."""

    def __init__(self, indexes: ChartIndexes, aside: Aside) -> None:
        self.indexes = indexes
        self.aside = aside

    async def versions(
        self, url: str, name: str, credential: ChartCredential | None = None
    ) -> list[str]:
        """Return the versions of a chart, as a Promotion asks for them."""
        found = await self.indexes.versions(url, name, credential, caller="shop", aside=self.aside)
        return [each.version for each in found]


@asynccontextmanager
async def _started(
    folder: Path, *servers: ChartServer, limits: KeptLimits | None = None
) -> AsyncIterator[World]:
    clock = SystemClock()
    allowed = [f"127.0.0.1:{each.port}" for each in servers]
    async with Egress(allow=allowed, clock=clock) as egress, Aside() as aside:
        yield World(ChartIndexes(egress, aside, clock, folder / "charts", limits), aside)


def _kept(folder: Path) -> list[Path]:
    return sorted((folder / "charts").glob("*.kept"))


async def test_a_hundred_promotions_have_one_index_sent(
    tmp_path: Path, server: ChartServer
) -> None:
    """Those at the same time share a question; of the others each has the repository say that it is the same."""
    async with _started(tmp_path, server) as world:
        await asyncio.gather(*(world.versions(server.url, "web") for _ in range(50)))
        assert server.answered.count(200) == 1
        assert len(server.answered) <= 2
        for _ in range(50):
            assert await world.versions(f"{server.url}/", "web") == ["1.0.0", "1.1.0"]
        assert server.answered.count(200) == 1
        server.offer(("web", "1.2.0"))
        assert await world.versions(server.url, "web") == ["1.2.0"]
        assert await world.versions(server.url, "db") == []


async def test_what_a_warehouse_had_sent_promotions_do_not_have_sent_again(
    tmp_path: Path, server: ChartServer
) -> None:
    """Where a chart is, and its digest, is read from the index on the disk."""
    async with _started(tmp_path, server) as world:
        await world.indexes.ask(server.url, caller="shop")
        [found] = await world.indexes.versions(server.url, "db", caller="shop", aside=world.aside)
        assert (found.version, found.urls, len(found.digest)) == ("3.0.0", ("db-3.0.0.tgz",), 64)
    assert server.answered == [200, 304]


@pytest.mark.parametrize("mark", ["ETag", "Last-Modified"])
async def test_a_server_that_starts_again_has_nothing_sent_again(
    tmp_path: Path, server: ChartServer, mark: str
) -> None:
    """Neither for Warehouses nor for Promotions; what is new it has sent."""
    server.marks = mark
    async with _started(tmp_path, server) as world:
        before = await world.indexes.ask(server.url)
    server.answered.clear()
    async with _started(tmp_path, server) as world:
        assert await world.indexes.ask(server.url) == before
        assert await world.versions(server.url, "web") == ["1.0.0", "1.1.0"]
    assert server.answered == [304, 304]
    server.offer(("web", "2.0.0"))
    async with _started(tmp_path, server) as world:
        assert (await world.indexes.ask(server.url)).charts == {"web": ["2.0.0"]}
    assert server.answered == [304, 304, 200]
    assert len(_kept(tmp_path)) == 1


@pytest.mark.parametrize("torn", ["cut", "empty", "changed", "foot"])
async def test_a_torn_file_is_none(tmp_path: Path, server: ChartServer, torn: str) -> None:
    """Whatever is missing of it: the index is fetched anew, and what it lists is what the repository says."""
    async with _started(tmp_path, server) as world:
        await world.indexes.ask(server.url)
    [file] = _kept(tmp_path)
    data = file.read_bytes()
    file.write_bytes(
        {
            "cut": data[: len(data) // 2],
            "empty": b"",
            "changed": data.replace(b"1.1.0", b"6.6.6"),
            "foot": data[:-30] + data[-8:],
        }[torn]
    )
    server.answered.clear()
    async with _started(tmp_path, server) as world:
        assert await world.versions(server.url, "web") == ["1.0.0", "1.1.0"]
    assert server.answered[-1] == 200
    async with _started(tmp_path, server) as world:
        await world.indexes.ask(server.url)
    assert server.answered[-1] == 304


async def test_a_file_that_goes_while_it_is_known_is_fetched_again(
    tmp_path: Path, server: ChartServer
) -> None:
    """All below the folder can be removed at any time."""
    async with _started(tmp_path, server) as world:
        await world.indexes.ask(server.url)
        for file in _kept(tmp_path):
            file.unlink()
        assert await world.versions(server.url, "web") == ["1.0.0", "1.1.0"]
        assert await world.versions(server.url, "db") == ["3.0.0"]
    assert server.answered == [200, 304, 200, 304]


async def test_what_one_credential_is_shown_nobody_is_given_without_it(tmp_path: Path) -> None:
    """Not from the disk either; and names of files say nothing of who asked."""
    with chart_server.serving(asks=True) as server:
        server.marks = "Last-Modified"
        server.offer(("web", "1.0.0"))
        async with _started(tmp_path, server) as world:
            assert await world.versions(server.url, "web", RIGHT) == ["1.0.0"]
        async with _started(tmp_path, server) as world:
            for other in (None, WRONG):
                with pytest.raises(errors.Forbidden):
                    await world.versions(server.url, "web", other)
            server.answered.clear()
            assert await world.versions(server.url, "web", RIGHT) == ["1.0.0"]
            assert server.answered == [304]
    [file] = _kept(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in file.read_bytes()


async def test_the_disk_is_bounded(tmp_path: Path, server: ChartServer) -> None:
    """The longest unused go first; where nothing fits, what is needed is fetched each time."""
    root = server.url.removesuffix("/charts")
    for number in range(5):
        server.files[f"/r{number}/index.yaml"] = server.files["/charts/index.yaml"]
    size = len(server.files["/charts/index.yaml"])
    limits = KeptLimits(bytes=3 * size)
    async with _started(tmp_path, server, limits=limits) as world:
        for number in range(5):
            await world.indexes.ask(f"{root}/r{number}")
        assert len(_kept(tmp_path)) == 2
        assert await world.versions(f"{root}/r0", "web") == ["1.0.0", "1.1.0"]
    async with _started(tmp_path, server, limits=KeptLimits(bytes=1)) as world:
        assert await world.versions(f"{root}/r1", "web") == ["1.0.0", "1.1.0"]
        assert len(_kept(tmp_path)) == 1


async def test_memory_is_bounded(
    tmp_path: Path, server: ChartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many charts that are fetched the last ones stay known; the others are read from the disk again."""
    monkeypatch.setattr(known_index, "_MOST_ENTRIES_BYTES", 2000)
    server.offer(*((f"c{number}", "1.0.0") for number in range(20)))
    async with _started(tmp_path, server) as world:
        for number in range(20):
            assert await world.versions(server.url, f"c{number}") == ["1.0.0"]
        [known] = world.indexes._known.values()
        assert len(known.entries) < 5
        assert known.entries_weight <= 2000
        assert await world.versions(server.url, "c0") == ["1.0.0"]
    assert server.answered.count(200) == 1


async def test_a_promotion_tries_again_what_may_pass(tmp_path: Path, server: ChartServer) -> None:
    """It does not come again by itself, unlike a look."""
    left = [503, 502]

    def ailing(handler: BaseHTTPRequestHandler) -> None:
        if len(left) == 1:
            del server.odd["/charts/index.yaml"]
        handler.send_response(left.pop())
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.odd["/charts/index.yaml"] = ailing
    async with _started(tmp_path, server) as world:
        assert await world.versions(server.url, "web") == ["1.0.0", "1.1.0"]
    assert server.answered == [200]


async def test_an_index_that_is_none_is_the_promotions_error(
    tmp_path: Path, server: ChartServer
) -> None:
    """It is not tried again: what the repository has is no index."""
    server.files["/charts/index.yaml"] = b"entries: ["
    async with _started(tmp_path, server) as world:
        with pytest.raises(errors.BadRequest, match="is no YAML"):
            await world.versions(server.url, "web")
        with pytest.raises(errors.Unavailable, match="is no YAML"):
            await world.indexes.ask(server.url)
    assert server.answered == [200, 304]


async def test_nobody_reads_what_an_index_repeats_of_the_credential(
    tmp_path: Path, server: ChartServer
) -> None:
    """Neither of one that is none, nor of the addresses in one."""
    told = f"{RIGHT.password} {RIGHT.header}"
    server.files["/charts/index.yaml"] = f"denied: {told}".encode()
    async with _started(tmp_path, server) as world:
        with pytest.raises(errors.Unavailable, match="it begins") as found:
            await world.indexes.ask(server.url, RIGHT)
        assert RIGHT.password not in str(found.value)
        assert RIGHT.header not in str(found.value)
        repository = ChartRepository(world.indexes._egress, server.url, RIGHT)
        for url in (f"https://{RIGHT.password}:bad/x", f"missing/{RIGHT.password}.tgz"):
            with pytest.raises(errors.TowpathError) as refused:
                await repository.archive(url)
            assert RIGHT.password not in str(refused.value)


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("is_kept", [False, True])
async def test_an_index_that_took_too_long_once_is_read_the_next_time(
    tmp_path: Path,
    server: ChartServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_kept: bool,
    anew: bool,
) -> None:
    """Whether it has come just now or lies on the disk: that the machine was busy says nothing of the index."""
    if is_kept:
        async with _started(tmp_path, server) as world:
            await world.indexes.ask(server.url)
    run, slow = Aside.run, [True]

    async def hasty(self: Aside, *of: Any, **how: Any) -> Any:
        if slow and slow.pop():
            raise errors.Timeout("it took more than 20 s of processor time")
        return await run(self, *of, **how)

    monkeypatch.setattr(Aside, "run", hasty)
    async with _started(tmp_path, server) as world:
        with pytest.raises(errors.Timeout):
            await world.indexes.ask(server.url)
        found = await world.indexes.ask(server.url, anew=anew)
    assert found.charts == {"web": ["1.0.0", "1.1.0"], "db": ["3.0.0"]}
