"""What is told of each candidate of a real registry and a real Git server: the rule that keeps it out, and why the first wins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from tests.support import registry
from tests.support.git_scanning import GitLogin, tag
from towpath.artifacts.commits import GitType
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clock import SystemClock
from towpath.demo.image_registry import DemoRegistry
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support import git_client
    from tests.support.git_server import GitServer
    from towpath.artifacts.discoverer import Explained

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = "registry.example/acme/app"


def _warehouse(*subscriptions: dict[str, Any]) -> Warehouse:
    return view(
        Warehouse,
        {
            "metadata": {"name": "main", "namespace": "shop", "uid": "u"},
            "spec": {"interval": "5m0s", "subscriptions": list(subscriptions)},
        },
    )


class _Nothing:
    """No Secret matches."""

    async def find(self, *args: Any, **kwargs: Any) -> None:
        """Access is anonymous."""


@pytest.fixture
async def images(tmp_path: Path) -> AsyncIterator[Discoverer]:
    """Looks at a registry that has some images."""
    served = DemoRegistry(tmp_path)
    try:
        with httpx.Client(base_url=served.url) as client:
            for tag, hour, platform in (
                ("1.0.0", 1, "linux/amd64"),
                ("1.1.0", 9, "linux/amd64"),
                ("v1.2.0", 3, "linux/amd64"),
                ("1.2.0", 3, "linux/amd64"),
                ("1.3.0", 4, "windows/amd64"),
                ("2.0.0", 5, "linux/amd64"),
                ("1.4.0-rc.1", 6, "linux/amd64"),
                ("nightly", 7, "linux/amd64"),
            ):
                created = f"2026-01-02T{hour:02}:00:00Z"
                registry.push(client, "acme/app", tag, created=created, platform=platform)
            clock = SystemClock()
            where = served.url.removeprefix("http://")
            async with Egress(allow=[where], clock=clock, per_second=10_000) as egress:
                mirrors = {"registry.example": [served.url]}
                registries = Registries(egress, clock=clock, mirrors=mirrors)
                clients = LookClients(registries=registries, credentials=cast("Any", _Nothing()))
                yield Discoverer([ImageType()], clients)
    finally:
        served.close()


def _told(explained: Explained) -> dict[str, tuple[str, str]]:
    verdicts = explained.verdicts
    told = {each.name: (each.outcome, each.reason) for each in verdicts.offered}
    return told | {each.name: (each.rule, each.reason) for each in verdicts.excluded}


async def test_images_by_version(images: Discoverer) -> None:
    """Two tags of one version are a tie, which their text decides; an image of another platform is named."""
    wanted = {
        "repoURL": IMAGE,
        "constraint": "^1.0.0",
        "platform": "linux/amd64",
        "ignoreTags": ["nightly"],
        "discoveryLimit": 3,
    }
    [explained] = await images.explain(_warehouse({"image": wanted}), now=NOW)
    told = _told(explained)
    assert told == {
        "v1.2.0": ("wins", "the highest version that no rule keeps out"),
        "1.2.0": ("offered", "the same version as v1.2.0, whose name comes later"),
        "1.1.0": ("offered", ""),
        "2.0.0": ("constraint", "2.0.0 is not in '^1.0.0'"),
        "1.4.0-rc.1": ("constraint", "pre-releases are in '^1.0.0' only where it names one"),
        "nightly": ("ignoreTags", "it is listed there"),
        "1.3.0": ("platform", "it is for windows/amd64"),
        "1.0.0": ("discoveryLimit", "3 come before it"),
    }
    assert explained.verdicts.offered[0].detail.endswith("built 2026-01-02T03:00:00Z")
    found = await images.discover(_warehouse({"image": wanted}), now=NOW, manual=False)
    assert [each.tag for each in found.artifacts.images[0].references] == [
        "v1.2.0",
        "1.2.0",
        "1.1.0",
    ]


async def test_images_by_the_time_of_their_build(images: Discoverer) -> None:
    """Of the same moment the name decides."""
    wanted = {
        "repoURL": IMAGE,
        "imageSelectionStrategy": "NewestBuild",
        "allowTagsRegexes": ["1\\.[0-2]\\.0$"],
        "discoveryLimit": 3,
    }
    [explained] = await images.explain(_warehouse({"image": wanted}), now=NOW)
    told = _told(explained)
    assert told["1.1.0"] == ("wins", "the latest build that no rule keeps out")
    assert told["v1.2.0"] == ("offered", "")
    assert told["1.2.0"] == ("offered", "built at the same time as v1.2.0, whose name comes later")
    assert told["1.0.0"] == ("discoveryLimit", "3 come before it")
    assert told["2.0.0"][0] == "allowTagsRegexes"
    spent = images.ledger.of("u")
    assert spent is not None
    assert (spent.looks, spent.requests > 0, spent.bytes > 0) == (1, True, True)


async def test_what_cannot_be_looked_at_hinders_no_other(images: Discoverer) -> None:
    """Each subscription is told of, in the order of the manifest."""
    nowhere = {"repoURL": "registry.example/acme/none"}
    found = await images.explain(
        _warehouse({"image": nowhere}, {"image": {"repoURL": IMAGE}}, {"svn": {}}), now=NOW
    )
    assert [each.place for each in found] == [0, 1, 2]
    assert "acme/none" in found[0].failure
    assert found[1].verdicts.offered[0].name == "2.0.0"
    assert "svn" in found[2].failure


@pytest.fixture
def commits(server: GitServer, client: git_client.Client) -> Discoverer:
    """Looks at the test's Git server."""
    return Discoverer(
        [GitType()],
        LookClients(
            registries=cast("Any", None),
            credentials=cast("Any", GitLogin(server)),
            repositories=client.repositories,
        ),
    )


async def test_commits_of_a_branch(server: GitServer, commits: Discoverer) -> None:
    """A look that found it all before is explained as the first is."""
    url = server.create("app.git", {"apps/a": "1"})
    for number, path in enumerate(("docs/x", "apps/b", "apps/skip/c", "apps/d")):
        server.commit("app.git", {path: "1"}, message=f"{number}: {path}")
    wanted = {
        "repoURL": url,
        "includePaths": ["apps"],
        "excludePaths": ["apps/skip"],
        "expressionFilter": 'not (subject contains "3")',
        "discoveryLimit": 2,
    }
    for _ in range(2):
        [explained] = await commits.explain(_warehouse({"git": wanted}), now=NOW)
        assert explained.failure == ""
        by_subject = {
            each.detail.partition(",")[0]: (each.rule or each.outcome, each.reason)
            for each in (*explained.verdicts.offered, *explained.verdicts.excluded)
        }
        assert by_subject == {
            "1: apps/b": ("wins", "the newest commit of the branch that no rule keeps out"),
            "Initial commit": ("offered", ""),
            "3: apps/d": ("expressionFilter", "it comes to false"),
            "2: apps/skip/c": (
                "excludePaths",
                "it changes apps/skip/c, and what of that is included is excluded",
            ),
            "0: docs/x": (
                "includePaths",
                "it changes docs/x, and includePaths selects none of that",
            ),
        }


async def test_tags_of_a_repository(server: GitServer, commits: Discoverer) -> None:
    """By name, by where they lead, and how many come behind the limit."""
    from tests.support.git_server import git

    url = server.create("app.git", {"a": "1"})
    head = server.head("app.git")
    for number in range(4):
        tag(server, f"v1.{number}.0", head)
    tag(server, "v9.9.9", git(server.path("app.git"), "rev-parse", f"{head}:a"))
    tag(server, "nightly", head)
    wanted = {"repoURL": url, "commitSelectionStrategy": "SemVer", "discoveryLimit": 2}
    [explained] = await commits.explain(_warehouse({"git": wanted}), now=NOW)
    told = _told(explained)
    assert told["v1.3.0"] == ("wins", "the highest version that no rule keeps out")
    assert told["v9.9.9"] == ("commit", "it leads to no commit")
    assert told["nightly"] == ("version", "it is no semantic version")
    assert told["v1.0.0"][0] == "discoveryLimit"
    assert dict(explained.verdicts.counts) == {"version": 1, "commit": 1, "discoveryLimit": 2}
