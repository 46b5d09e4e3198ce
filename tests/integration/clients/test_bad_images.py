"""Registries that do harm: each is a condition that names the subscription, costs little, and harms nobody else."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.odd_registry import DIGEST, HOST, MANIFEST, Direct, OddRegistry, world
from towpath import errors
from towpath.artifacts.discoverer import Discoverer, DiscoveryFailed
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients
from towpath.clients.oci import requests
from towpath.clients.oci.authentication import RegistryCredential
from towpath.clients.oci.kept_contents import KeptContents
from towpath.clock import SystemClock
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WELL = "well.example"


class _Nobody:
    async def find(self, *_: Any, **__: Any) -> None:
        """No Secret matches."""


def _warehouse(*images: dict[str, Any]) -> Warehouse:
    return view(
        Warehouse,
        {
            "metadata": {"name": "main", "namespace": "shop", "uid": "u-1"},
            "spec": {"subscriptions": [{"image": each} for each in images]},
        },
    )


def _millions(request: Request) -> Answer:
    """A list of tags that never ends, in pages of a thousand."""
    page = int(request.query.rpartition("page=")[2] or 0) if "page=" in request.query else 0
    tags = [f"1.{page}.{number}" for number in range(1000)]
    link = {"Link": f'</v2/a/tags/list?page={page + 1}>; rel="next"'}
    return 200, link, json.dumps({"tags": tags}).encode()


def _html(_: Request) -> Answer:
    return 200, {"Content-Type": "text/html"}, b"<!doctype html><p>Please sign in"


def _lying(_: Request) -> Answer:
    return 200, {"Docker-Content-Digest": f"sha256:{'0' * 64}"}, MANIFEST


def _to(target: str) -> Callable[[Request], Answer]:
    return lambda _: (302, {"Location": target}, b"")


def _asking(realm: str) -> Callable[[Request], Answer]:
    return lambda _: (401, {"WWW-Authenticate": f'Bearer realm="{realm}"'}, b"")


@pytest.mark.parametrize(
    ("path", "odd", "said"),
    [
        ("/v2/a/tags", _millions, "it has more than 500,000 tags"),
        ("/v2/a/tags", _html, "list of tags cannot be read"),
        ("/v2/a/manifests", _html, "not JSON"),
        ("/v2/a/manifests", _lying, "has another digest"),
        ("/v2/a/blobs", _html, "has another digest"),
        ("/v2/a/tags", _to("http://169.254.169.254/latest"), "169.254.169.254:80 must not be"),
        ("/v2/a/blobs", _to("http://[fe80::1]/latest"), "must not be reached"),
        ("/v2/a/tags", _to("file:///etc/passwd"), "not followed"),
        ("/v2/", _asking("http://169.254.169.254/token"), "169.254.169.254:80 must not be"),
        ("/v2/", _asking("file:///etc/passwd"), "token service that is not asked"),
        ("/v2/a/tags", None, "no answer within 1 s"),
    ],
)
async def test_a_registry_that_does_harm_harms_its_subscription_only(
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    odd: Callable[[Request], Answer] | None,
    said: str,
) -> None:
    """It is named; another Warehouse finds what is there, and once it is well again so does this one."""
    gone = threading.Event()
    if odd is None:
        monkeypatch.setattr(requests, "_SECONDS", 1.0)

    def wait(_: Request) -> Answer:
        gone.wait(30)
        return 200, {}, b""

    well = OddRegistry()
    monkeypatch.setitem(Direct.places, WELL, well.http.url)
    async with world() as (served, registries):
        registries._egress.guard.allow(
            [each.http.url.removeprefix("http://") for each in (served, well)]
        )
        nobody: Any = _Nobody()
        clients = LookClients(registries=registries, credentials=nobody)
        discoverer = Discoverer([ImageType()], clients)
        good = {"repoURL": f"{WELL}/b"}
        bad = {"repoURL": f"{HOST}/a"}
        served.special[path] = odd or wait
        with pytest.raises(DiscoveryFailed) as failed:
            await discoverer.discover(_warehouse(good, bad), now=NOW, manual=False)
        message = failed.value.message
        assert message.startswith(f"spec.subscriptions[1] (image {HOST}/a): "), message
        assert said in message
        assert len(message) < 8192
        assert len(served.asked) <= 510
        found = await discoverer.discover(_warehouse(good), now=NOW, manual=False)
        assert [each.tag for each in found.artifacts.images[0].references] == well.tags[::-1]
        gone.set()
        served.special.clear()
        found = await discoverer.discover(_warehouse(bad), now=NOW, manual=False)
        assert found.artifacts.images[0].references[0].digest == DIGEST
    well.http.close()


async def test_a_credential_is_shown_to_nobody_whom_the_registry_only_names() -> None:
    """Not where its blobs lie, not where it redirects to, and to its token service only over TLS."""
    thief = OddRegistry()
    seen: list[str | None] = []

    def note(request: Request) -> Answer:
        seen.append(request.headers.get("Authorization"))
        return 200, {}, b"{}"

    thief.special["/"] = note
    mine = RegistryCredential(username="bot", password="hunter2", source="Secret shop/bot")
    async with world() as (served, registries):
        registries._egress.guard.allow([served.http.url.removeprefix("http://")])
        elsewhere = thief.http.url.replace("127.0.0.1", "127.0.0.2")
        served.special["/v2/"] = _asking(f"{elsewhere}/token")
        with pytest.raises(errors.Forbidden, match="is not sent to http://127"):
            await registries.open(f"{HOST}/a", mine).tags()
        registries._egress.guard.allow(
            [each.http.url.removeprefix("http://") for each in (served, thief)]
        )

        def basic(request: Request) -> Answer:
            if not request.headers.get("Authorization"):
                return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
            return 307, {"Location": f"{thief.http.url}{request.path}"}, b""

        served.special["/v2/"] = basic
        assert await registries.open(f"{HOST}/a", mine).tags() == []
    thief.http.close()
    assert seen == [None]


async def test_a_tag_that_is_moved_back_is_seen(tmp_path: Path) -> None:
    """Though what it points to now was read before, and lies on the disk."""
    async with world(KeptContents(tmp_path, SystemClock())) as (served, registries):
        image = registries.open(f"{HOST}/a")
        assert (await image.image("1.2.0")).digest == DIGEST
        other = MANIFEST.replace(b'"layers": []', b'"layers": [], "annotations": {"a": "b"}')
        served.special["/v2/a/manifests/"] = lambda _: (200, {}, other)
        assert (await image.image("1.2.0")).annotations == {"a": "b"}
        served.special.clear()
        assert (await image.image("1.2.0")).digest == DIGEST


async def test_looks_are_counted_for_their_warehouse() -> None:
    """Requests and bytes, of each look and of all since the start; what is asked for others does not count."""
    async with world() as (served, registries):
        nobody: Any = _Nobody()
        discoverer = Discoverer(
            [ImageType()], LookClients(registries=registries, credentials=nobody)
        )
        warehouse = _warehouse({"repoURL": f"{HOST}/a"})
        await discoverer.discover(warehouse, now=NOW, manual=True)
        first = discoverer.ledger.of("u-1")
        assert first is not None
        asked = len(served.asked)
        assert (first.looks, first.requests, first.last_requests) == (1, asked, asked)
        assert first.bytes > len(MANIFEST)
        await registries.open(f"{HOST}/a").tags()
        await discoverer.discover(warehouse, now=NOW, manual=True)
        again = discoverer.ledger.of("u-1")
        assert again is not None
        assert again.looks == 2
        assert again.requests == len(served.asked) - 1
        tally = registries._egress.tally.hosts
        assert tally.requests == {"others": len(served.asked)}
        assert tally.bytes["others"] > again.bytes
        assert tally.kept["others", "memory"] >= 3
        assert discoverer.ledger.of("another") is None


async def test_an_image_from_the_future_is_found_and_told() -> None:
    """It is the newest, as upstream has it; the condition says why nothing newer comes."""
    config = b'{"created": "2999-01-01T00:00:00Z", "os": "linux", "architecture": "amd64"}'
    named = f"sha256:{hashlib.sha256(config).hexdigest()}"
    ahead = MANIFEST.replace(json.loads(MANIFEST)["config"]["digest"].encode(), named.encode())
    async with world() as (served, registries):
        served.special["/v2/a/manifests/1.1.0"] = lambda _: (200, {}, ahead)
        served.special[f"/v2/a/blobs/{named}"] = lambda _: (200, {}, config)
        nobody: Any = _Nobody()
        discoverer = Discoverer(
            [ImageType()], LookClients(registries=registries, credentials=nobody)
        )
        image = {"repoURL": f"{HOST}/a", "imageSelectionStrategy": "NewestBuild"}
        found = await discoverer.discover(_warehouse(image), now=NOW, manual=False)
        assert found.artifacts.images[0].references[0].tag == "1.1.0"
        (note,) = found.notes
        assert note.startswith(f"spec.subscriptions[0] (image {HOST}/a): tag 1.1.0 is dated 2999-")


async def test_tags_that_decide_nothing_are_asked_about_once_an_hour() -> None:
    """The first decides what Freight is made. Who asks by hand has all of them asked about."""
    async with world() as (served, registries):
        nobody: Any = _Nobody()
        discoverer = Discoverer(
            [ImageType()], LookClients(registries=registries, credentials=nobody)
        )
        warehouse = _warehouse({"repoURL": f"{HOST}/a"})

        async def look(*, manual: bool = False) -> list[str]:
            served.asked.clear()
            await discoverer.discover(warehouse, now=NOW, manual=manual)
            return [each.rpartition("/")[2] for each in served.asked if each.startswith("HEAD")]

        await look()
        assert await look() == ["1.2.0"]
        assert sorted(await look(manual=True)) == ["1.0.0", "1.1.0", "1.2.0"]
        served.tags.append("1.3.0")
        await look()
        assert "GET /v2/a/manifests/1.3.0" in served.asked
        assert await look() == ["1.3.0"]
