"""What was released, by a real Git server and Debian's registry."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import git_client, git_server, registry
from tests.support.git_server import git
from tests.support.registry import INDEX, MANIFEST, Registry, put
from tests.support.stores import opened
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.credentials.finder import Credentials
from towpath.released.reporting import Asker, ReleaseReporter
from towpath.rules.released import notes, report, tickets
from towpath.rules.released.changes import REVISION, SOURCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.rules.released.report import ReleasedArtifact, ReleaseReport

ASKER = Asker(project="shop", actor="tests", whom="a test")


@dataclass
class World:
    """A reporter, and the servers that it looks at."""

    server: GitServer
    registry: Registry
    reporter: ReleaseReporter

    @property
    def images(self) -> str:
        """Where images are, as manifests write it."""
        return self.registry.url.removeprefix("http://")

    async def between(self, before: dict[str, Any], after: dict[str, Any]) -> ReleaseReport:
        """Compare two Freight of one Warehouse."""
        origin = {"origin": {"kind": "Warehouse", "name": "main"}}
        return await self.reporter.report([origin | before], [origin | after], ASKER)

    async def one(self, before: dict[str, Any], after: dict[str, Any]) -> ReleasedArtifact:
        """Compare two Freight of one artifact."""
        return (await self.between(before, after)).artifacts[0]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """One registry for all tests: each has a repository of its own."""
    with registry.serving(tmp_path_factory.mktemp("registry")) as running:
        yield running


@asynccontextmanager
async def looking(folder: Path, images: Registry) -> AsyncIterator[World]:
    """Look at servers on this machine, in nobody's name."""
    with git_server.serving(folder / "server", password="") as server:
        client = git_client.Client(folder / "client", server)
        await client.start()
        where = images.url.removeprefix("http://")
        async with (
            opened(folder / "store") as store,
            Egress(allow=[where], clock=SystemClock()) as egress,
        ):
            registries = Registries(egress, mirrors={where: [images.url]}, clock=SystemClock())
            reporter = ReleaseReporter(client.repositories, registries, Credentials(store))
            yield World(server, images, reporter)
        await client.pool.close()


def _commit(url: str, id_: str, **more: str) -> dict[str, Any]:
    return {"commits": [{"repoURL": url, "id": id_, **more}]}


def _image(url: str, tag: str, digest: str = "", **annotations: str) -> dict[str, Any]:
    image = {"repoURL": url, "tag": tag, "digest": digest, "annotations": annotations}
    return {"images": [image]}


async def test_commits_that_come_and_commits_that_go_away(tmp_path: Path, images: Registry) -> None:
    """The newest first, merges included, with their words made harmless; back again it is a rollback."""
    async with looking(tmp_path, images) as world:
        url = world.server.create("app", {"a": "0"})
        first = world.server.head("app")
        world.server.commit("app", {"a": "1"}, message="SHOP-1 Basket\n\nAlso closes SHOP-7.\n")
        world.server.commit("app", {"b": "1"}, message="SHOP-2 \x1b[31mRed\x1b[0m " + "xxx " * 100)
        last = world.server.commit("app", {"c": "1"}, message="Tidy up (SHOP-1)")
        found = await world.one(_commit(url, first, tag="v1"), _commit(url, last))
        assert (found.before, found.after, found.change) == ("v1", last[:7], "changed")
        subjects = [each.subject for each in found.commits]
        assert subjects[0] == "Tidy up (SHOP-1)"
        assert subjects[1].startswith("SHOP-2 Red xxx")
        assert len(subjects[1].encode()) <= report.SUBJECT_BYTES
        assert subjects[2] == "SHOP-1 Basket"
        assert found.commits[0].id == last
        assert found.commits[0].author == "Seed <seed@example.com>"
        assert found.commits[0].date == "2023-11-14T22:13:20Z"
        assert (found.removed_commits, found.is_cut, found.unknown) == ([], False, "")
        whole = await world.between(_commit(url, first), _commit(url, last))
        assert tickets.issues(whole, r"SHOP-\d+") == ["SHOP-1", "SHOP-2", "SHOP-7"]
        back = await world.one(_commit(url, last), _commit(url, first))
        assert (back.commits, len(back.removed_commits)) == ([], 3)


async def test_branches_that_have_parted(tmp_path: Path, images: Registry) -> None:
    """Both: what comes, and what goes away."""
    async with looking(tmp_path, images) as world:
        url = world.server.create("app", {"a": "0"})
        git(world.server.path("app"), "branch", "other", "main")
        main = world.server.commit("app", {"a": "1"}, message="On main")
        other = world.server.commit("app", {"a": "2"}, branch="other", message="On other")
        found = await world.one(_commit(url, main), _commit(url, other))
        assert [each.subject for each in found.commits] == ["On other"]
        assert [each.subject for each in found.removed_commits] == ["On main"]


async def test_more_commits_than_are_listed(
    tmp_path: Path, images: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest ones, and it is said that there are more."""
    monkeypatch.setattr(report, "MOST_COMMITS", 2)
    async with looking(tmp_path, images) as world:
        url = world.server.create("app", {"a": "0"})
        first = last = world.server.head("app")
        for number in range(3):
            last = world.server.commit("app", {"a": f"x{number}"}, message=f"Number {number}")
        whole = await world.between(_commit(url, first), _commit(url, last))
        found = whole.artifacts[0]
        assert [each.subject for each in found.commits] == ["Number 2", "Number 1"]
        assert found.is_cut
        assert "and more: only the newest 2 are listed" in notes.text(whole)


async def test_images_by_their_labels(tmp_path: Path, images: Registry) -> None:
    """In their configuration, in that of an index' image, or as annotations that the Freight has."""
    async with looking(tmp_path, images) as world:
        source = world.server.create("src", {"a": "0"})
        one = world.server.head("src")
        two = world.server.commit("src", {"a": "1"}, message="Two")
        three = world.server.commit("src", {"a": "2"}, message="Three")
        url = f"{world.images}/labelled"
        old = images.push("labelled", "1.0", labels={SOURCE: source, REVISION: one})
        inner = images.push("labelled", "inner", labels={SOURCE: f"{source}.git", REVISION: two})
        size = {"mediaType": MANIFEST, "digest": inner, "size": 1}
        child = {**size, "platform": {"os": "linux", "architecture": "amd64"}}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}
        with httpx.Client(base_url=images.url, timeout=20) as client:
            new = put(client, "labelled", "2.0", index, INDEX)
        world.server.path("src").rename(world.server.path("src.git"))
        git(
            tmp_path,
            "clone",
            "--quiet",
            "--bare",
            str(world.server.path("src.git")),
            str(world.server.path("src")),
        )
        found = await world.one(_image(url, "1.0", old), _image(url, "2.0", new))
        assert (found.unknown, [each.subject for each in found.commits]) == ("", ["Two"])
        annotated = _image(url, "3.0", "", **{SOURCE: source, REVISION: three})
        found = await world.one(_image(url, "2.0", new), annotated)
        assert (found.unknown, [each.subject for each in found.commits]) == ("", ["Three"])


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, f"lacks the labels {REVISION} and {SOURCE}"),
        ({REVISION: "0" * 40}, f"lacks the label {SOURCE}"),
        ({REVISION: "v2", SOURCE: "https://git.example/x"}, 'is "v2", which is no commit'),
        ({REVISION: "0" * 40, SOURCE: "https://git.example/x"}, "it was built from"),
        ({REVISION: "0" * 40, SOURCE: "SOURCE"}, "no branch or tag leads to it"),
    ],
)
async def test_what_labels_do_not_tell_is_named(
    labels: dict[str, str], said: str, tmp_path: Path, images: Registry
) -> None:
    """With the cause; nothing is guessed."""
    async with looking(tmp_path, images) as world:
        source = world.server.create("src", {"a": "0"})
        labels = {key: source if value == "SOURCE" else value for key, value in labels.items()}
        name = f"odd-{len(said)}"
        first = {SOURCE: source, REVISION: world.server.head("src")}
        old, new = images.push(name, "1.0", labels=first), images.push(name, "2.0", labels=labels)
        url = f"{world.images}/{name}"
        found = await world.one(_image(url, "1.0", old), _image(url, "2.0", new))
        assert said in found.unknown
        assert (found.commits, found.removed_commits) == ([], [])


async def test_what_is_not_there_is_named(tmp_path: Path, images: Registry) -> None:
    """Images, repositories, artifacts that never say it; the others are told all the same."""
    async with looking(tmp_path, images) as world:
        url = world.server.create("app", {"a": "0"})
        first = world.server.head("app")
        last = world.server.commit("app", {"a": "1"}, message="It works")
        image = f"{world.images}/none"
        chart = {"repoURL": "https://charts.example", "name": "web"}
        before = {
            **_commit(url, first),
            **_image(image, "1", f"sha256:{'0' * 64}"),
            "charts": [{**chart, "version": "1.0.0"}],
            "artifacts": [{"artifactType": "npm", "subscriptionName": "ui", "version": "1"}],
        }
        after = {
            "commits": [{"repoURL": url, "id": last}, {"repoURL": f"{url}/gone", "id": first}],
            "images": [{"repoURL": image, "tag": "2", "digest": f"sha256:{'1' * 64}"}],
            "charts": [{**chart, "version": "1.1.0"}],
            "artifacts": [{"artifactType": "npm", "subscriptionName": "ui", "version": "2"}],
        }
        whole = await world.between(before, after)
        told = {each.name: each for each in whole.artifacts}
        assert [each.subject for each in told[url].commits] == ["It works"]
        assert told[f"{url}/gone"].unknown == "nothing of it was there before"
        assert image in told[image].unknown
        assert "charts do not say" in told["https://charts.example/web"].unknown
        assert "artifacts of this type do not say" in told["ui"].unknown
        gone = await world.one(_commit(f"{url}-gone", first), _commit(f"{url}-gone", last))
        assert gone.unknown


async def test_megabytes_of_messages_are_told_by_their_first_lines(
    tmp_path: Path, images: Registry
) -> None:
    """They are bounded, and so is what is kept of them."""
    async with looking(tmp_path, images) as world:
        url = world.server.create("app", {"a": "0"})
        first = last = world.server.head("app")
        body = "\n".join(["y" * 1000] * 2000)
        for number in range(3):
            last = world.server.commit(
                "app", {"a": f"z{number}"}, message=f"Much {number}\n\n{body}"
            )
        found = await world.one(_commit(url, first), _commit(url, last))
        assert [each.subject for each in found.commits] == ["Much 2", "Much 1", "Much 0"]
        assert {each.body for each in found.commits} == {""}


def test_annotations_are_spelt_as_the_specification_has_them() -> None:
    """Images say where they come from by these."""
    assert (REVISION, SOURCE) == (
        "org.opencontainers.image.revision",
        "org.opencontainers.image.source",
    )
