"""`NewestBuild` where tags may move: what a look asks about, and when a tag is found that was moved."""

from __future__ import annotations

import hashlib
import itertools
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.odd_registry import HOST, Direct, world
from towpath import errors
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.artifacts.tag_caching import TagCaching
from towpath.artifacts.tag_turns import BOUND_SECONDS, is_due
from towpath.clients.oci.authentication import RegistryCredential
from towpath.clients.oci.kept_contents import KeptContents
from towpath.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.odd_registry import OddRegistry
    from towpath.clients.oci import Registries
    from towpath.demo.loopback import Answer, Request
    from towpath.resources.warehouse import ImageDiscoveryResult

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TAGS = 300
LIMIT = 5
INTERVAL = 300.0


class Builds:
    """A repository with an image for each tag, which was built at some minute."""

    def __init__(
        self,
        served: OddRegistry,
        registries: Registries,
        clock: VirtualClock,
        folder: Path | None = None,
    ) -> None:
        self.built = {f"b{number:03}": number for number in range(TAGS)}
        self.odd: set[str] = set()
        """Tags whose manifest is none of an image."""
        self.clock = clock
        self.registries = registries
        self.whose: RegistryCredential | None = None
        self.tag_caching = TagCaching.ALLOW
        self._folder = folder
        self._served = served
        self._contents: dict[str, bytes] = {}
        served.special["/v2/"] = self._answer

    def _answer(self, request: Request) -> Answer:
        last = request.path.rpartition("/")[2]
        if request.path.endswith("/tags/list"):
            return 200, {}, json.dumps({"tags": [*self.built, *self.odd]}).encode()
        if "/blobs/" in request.path:
            return 200, {}, self._contents[last]
        kind = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
        if last in self.odd:
            body = json.dumps({"schemaVersion": 2, "mediaType": "text/x", "odd": last}).encode()
        elif last in self.built:
            body = self._image(self.built[last])
        elif last in self._contents:
            body = self._contents[last]
        else:
            return 404, {}, b"{}"
        self._contents[_digest(body)] = body
        return 200, {**kind, "Docker-Content-Digest": _digest(body)}, body

    def _image(self, minute: int) -> bytes:
        created = (BEGIN + timedelta(minutes=minute)).isoformat()
        config = json.dumps({"created": created, "os": "linux", "architecture": "amd64"}).encode()
        self._contents[_digest(config)] = config
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"digest": _digest(config)},
                "layers": [],
            }
        ).encode()

    async def look(
        self, *, manual: bool = False, heard: datetime | None = None, **config: Any
    ) -> tuple[list[str], int]:
        """Return the tags that are found, the first one first, and how many requests that took."""
        self._served.asked.clear()
        secrets: Any = _Secrets(self.whose)
        found = await ImageType().discover(
            _subscription(manual=manual, heard=heard, **config),
            LookClients(
                registries=self.registries, credentials=secrets, tag_caching=self.tag_caching
            ),
        )
        return _names(found), len(self._served.asked)

    async def restart(self, *, after: float = 0.0) -> None:
        """Have looks know no more than what is on the disk, some seconds later by the wall, and by a monotonic clock from 0."""
        now = self.clock.now() + timedelta(seconds=after)
        self.clock = VirtualClock(now)
        egress, place = self.registries._egress, self._served.http.url
        assert self._folder is not None
        kept = KeptContents(self._folder, self.clock)
        registries = Direct(egress, clock=self.clock, kept=kept)
        registries.place = place
        self.registries = registries


class _Secrets:
    """One for every repository, or none."""

    def __init__(self, whose: RegistryCredential | None) -> None:
        self._whose = whose

    async def find(self, *_args: Any, **_kwargs: Any) -> _Secrets | None:
        """Return what matches."""
        return self if self._whose is not None else None

    def for_registry(self) -> RegistryCredential | None:
        """Return the credential."""
        return self._whose


def _digest(contents: bytes) -> str:
    return f"sha256:{hashlib.sha256(contents).hexdigest()}"


def _names(found: ImageDiscoveryResult) -> list[str]:
    return [str(each.tag) for each in found.references]


def _subscription(
    *, manual: bool = False, heard: datetime | None = None, **config: Any
) -> Subscription:
    return Subscription(
        project="shop",
        warehouse="images",
        name="",
        config={
            "repoURL": f"{HOST}/acme/app",
            "imageSelectionStrategy": "NewestBuild",
            "discoveryLimit": LIMIT,
            **config,
        },
        now=BEGIN,
        is_manual=manual,
        heard=heard,
    )


@asynccontextmanager
async def _builds(folder: Path | None = None) -> AsyncIterator[Builds]:
    clock = VirtualClock()
    kept = KeptContents(folder, clock) if folder is not None else None
    async with world(kept, clock=clock) as (served, registries):
        yield Builds(served, registries, clock, folder)


NEWEST = ["b299", "b298", "b297", "b296", "b295"]


async def test_a_second_look_asks_about_those_that_come_first() -> None:
    """And nothing else, but for the list: 1 % of what the first look cost."""
    async with _builds() as builds:
        found, first = await builds.look()
        assert found == NEWEST
        again, second = await builds.look()
        assert again == NEWEST
        assert second == 1 + LIMIT
        assert second * 100 <= first, (first, second)


async def test_a_new_tag_and_one_moved_among_the_first_are_found_at_once() -> None:
    """Tags that move again and again, such as `latest`, are among the newest builds."""
    async with _builds() as builds:
        await builds.look()
        builds.built["new"] = 500
        assert (await builds.look())[0] == ["new", *NEWEST[:4]]
        builds.built["b297"] = 600
        assert (await builds.look())[0] == ["b297", "new", "b299", "b298", "b296"]


async def test_a_first_tag_that_is_moved_back_makes_way_at_once() -> None:
    """For one that is asked about then: what is returned is as it is now, all of it."""
    async with _builds() as builds:
        await builds.look()
        builds.built["b299"] = 3
        found, asked = await builds.look()
        assert found == ["b298", "b297", "b296", "b295", "b294"]
        assert asked < 20
        for tag in found:
            builds.built[tag] = 2
        del builds.built["b293"]
        found, _ = await builds.look()
        assert found == ["b292", "b291", "b290", "b289", "b288"]


async def test_any_tag_that_was_moved_is_found_within_an_hour() -> None:
    """At looks every five minutes, none of which costs much; a tag moved back to an old build, too."""
    async with _builds() as builds:
        _, first = await builds.look()
        builds.built["b007"] = 700
        builds.built["b150"] = 1
        seconds, costs = 0.0, []
        while "b007" not in (found := (await builds.look()))[0]:
            assert seconds <= BOUND_SECONDS
            costs.append(found[1])
            await builds.clock.advance(INTERVAL)
            seconds += INTERVAL
        assert 0 < seconds <= BOUND_SECONDS
        for _ in range(36):
            await builds.clock.advance(INTERVAL)
            costs.append((await builds.look())[1])
        assert max(costs) < first // 4, costs
        assert sum(costs[-12:]) < first, "an hour of looks costs less than the first one"


@pytest.mark.parametrize("tags", [("b007",), ()])
async def test_what_a_webhook_tells_of_is_found_at_once(tags: tuple[str, ...]) -> None:
    """The tag that it names; where it names none, whichever it was."""
    async with _builds() as builds:
        await builds.look()
        await builds.clock.advance(1)
        builds.built["b007"] = 700
        builds.registries.doubt(f"{HOST}/acme/app", tags)
        builds.registries.doubt("not an address", tags)
        found, asked = await builds.look()
        assert found[0] == "b007"
        assert asked <= (2 + LIMIT + 2 if tags else 2 * TAGS)
        await builds.clock.advance(1)
        assert (await builds.look())[1] == 1 + LIMIT, "that was asked about since"


async def test_a_look_by_hand_asks_about_all_of_them() -> None:
    """Who asks may know that a tag was moved."""
    async with _builds() as builds:
        await builds.look()
        builds.built["b007"] = 700
        assert (await builds.look(manual=True))[0][0] == "b007"


async def test_tags_that_are_no_images_are_not_asked_about_at_each_look() -> None:
    """Signatures lie beside images as tags: one for each, maybe. One that becomes an image is found within the hour."""
    async with _builds() as builds:
        builds.odd = {f"sha256-{number}.sig" for number in range(100)}
        await builds.look()
        found, asked = await builds.look()
        assert (found, asked) == (NEWEST, 1 + LIMIT)
        builds.odd.remove("sha256-7.sig")
        builds.built["sha256-7.sig"] = 900
        await builds.clock.advance(BOUND_SECONDS)
        assert (await builds.look())[0][0] == "sha256-7.sig"


async def test_platforms_hold_for_what_is_remembered() -> None:
    """An image for another platform is not found because nobody asked about it."""
    async with _builds() as builds:
        for _ in range(2):
            assert (await builds.look(platform="linux/amd64"))[0] == NEWEST
        builds.registries.doubt(f"{HOST}/acme/app")
        for _ in range(2):
            assert (await builds.look(platform="linux/arm64"))[0] == []


async def test_a_restart_costs_what_any_look_does(tmp_path: Path) -> None:
    """In the midst of the hour, too, when tags were asked about at times of their own; and those keep their turns."""
    async with _builds(tmp_path / "kept") as builds:
        _, first = await builds.look()
        await builds.restart()
        found, asked = await builds.look()
        assert (found, asked) == (NEWEST, 1 + LIMIT)
        assert asked * 100 <= first
        for _ in range(18):
            await builds.clock.advance(INTERVAL)
            await builds.look()
        await builds.restart()
        assert await builds.look() == (NEWEST, 1 + LIMIT)
        builds.built["b007"] = 700
        costs = []
        for _ in range(13):
            await builds.restart(after=INTERVAL)
            found, asked = await builds.look()
            costs.append(asked)
        assert found[0] == "b007", "within the hour, however often the server starts"
        assert sum(costs) < 2 * first, costs


async def test_what_a_webhook_told_before_the_restart_is_asked_about_after_it(
    tmp_path: Path,
) -> None:
    """Which tags were pushed died with the process: what was answered before it told is not relied on."""
    async with _builds(tmp_path / "kept") as builds:
        await builds.look()
        await builds.clock.advance(1)
        builds.built["b007"] = 700
        heard = builds.clock.now()
        await builds.restart(after=1)
        found, _ = await builds.look(cacheByTag=True)
        assert found == NEWEST, "no tag moves"
        assert (await builds.look())[0] == NEWEST, "nobody told that Warehouse"
        found, asked = await builds.look(heard=heard)
        assert found[0] == "b007"
        assert asked > TAGS
        assert (await builds.look(heard=heard))[1] == 1 + LIMIT, "that was asked about since"


async def test_tags_that_never_move_cost_their_list_after_a_restart(tmp_path: Path) -> None:
    """`SemVer` and `Lexical` ask about the first beside it."""
    async with _builds(tmp_path / "kept") as builds:
        await builds.look(cacheByTag=True)
        await builds.restart()
        assert await builds.look(cacheByTag=True) == (NEWEST, 1)
        lexical: dict[str, Any] = {"imageSelectionStrategy": "Lexical"}
        await builds.restart()
        assert await builds.look(**lexical) == (NEWEST, 2)


async def test_the_operator_says_whether_tags_may_be_said_to_stay(tmp_path: Path) -> None:
    """Before what the subscription says; one that lacks what is required says so. A look by hand asks about all."""
    async with _builds(tmp_path / "kept") as builds:
        await builds.look()
        builds.tag_caching = TagCaching.FORBID
        assert (await builds.look(cacheByTag=True))[1] == 1 + LIMIT
        builds.tag_caching = TagCaching.FORCE
        assert (await builds.look())[1] == 1
        builds.built["b007"] = 700
        assert (await builds.look(manual=True))[0][0] == "b007"
        builds.tag_caching = TagCaching.REQUIRE
        assert (await builds.look(cacheByTag=True))[1] == 1
        with pytest.raises(errors.Invalid, match=r"registryCache\.byTag"):
            await builds.look()


@pytest.mark.parametrize(
    "contents", [b"", b"[", b'[["b299"]]', b'{"a":1}', b'[["b299","sha256:zz",1]]', b"\xff"]
)
async def test_what_is_torn_is_asked_about_anew(tmp_path: Path, contents: bytes) -> None:
    """As is what another credential was told, and what was asked about in the future."""
    async with _builds(tmp_path / "kept") as builds:
        _, first = await builds.look()
        (kept,) = (tmp_path / "kept").glob("*/tags")
        assert kept.stat().st_mode & 0o777 == 0o600
        kept.write_bytes(contents)
        await builds.restart()
        found, asked = await builds.look()
        assert found == NEWEST
        assert asked > TAGS
        assert asked <= first
        await builds.restart(after=-60)
        assert (await builds.look())[1] > TAGS
        builds.whose = RegistryCredential(username="u", password="p")
        assert (await builds.look())[1] > TAGS, "another is shown what it may see"
        await builds.restart()
        assert (await builds.look())[1] == 1 + LIMIT
        builds.whose = RegistryCredential(username="u", password="q")
        assert (await builds.look())[1] > TAGS
        assert not [path for path in (tmp_path / "kept").glob("*/*") if b'"p"' in path.read_bytes()]


def test_turns_are_spread_over_the_hour() -> None:
    """None comes before half of it, none after it, and no tenth of the rest has more than a fifth of them."""
    tags = [f"t{number}" for number in range(1000)]
    due = [
        sum(is_due(tag, 12_500, BOUND_SECONDS * share / 20) for tag in tags) for share in range(21)
    ]
    assert due[10] == 0
    assert due[20] == 1000
    assert max(after - before for before, after in itertools.pairwise(due)) < 200
