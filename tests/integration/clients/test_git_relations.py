"""How a commit that Argo CD names is related to the one that was promoted, on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.clients.git.relations import related
from towpath.rules.argocd.revision_match import Relation

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repository


@pytest.fixture
def repository(client: Client, server: GitServer) -> Repository:
    """A repository whose branch goes on after what was promoted."""
    url = server.create("app.git", {"env/prod/a": "1", "env/test/a": "1", "common.yaml": "1"})
    return client.open(url)


async def test_a_later_commit_is_as_good_where_the_paths_are_the_same(
    repository: Repository, server: GitServer
) -> None:
    """Another environment on the branch is none of it; a change in one of the paths is."""
    first = server.head("app.git")
    second = server.commit("app.git", {"env/test/a": "2"})
    third = server.commit("app.git", {"common.yaml": "2"})
    paths = ["env/prod", "common.yaml"]
    assert (await related(repository, first, second, paths)).relation is Relation.SAME_TREES
    newer = await related(repository, first, third, paths)
    assert (newer.relation, newer.why) == (Relation.NEWER, "common.yaml changed")
    assert (await related(repository, first, second, [""])).relation is Relation.NEWER
    assert (await related(repository, first, third, ["env/prod"])).relation is Relation.SAME_TREES
    assert (await related(repository, first, third, ["not/there"])).relation is Relation.SAME_TREES


async def test_an_earlier_commit_and_another_line(
    repository: Repository, server: GitServer
) -> None:
    """What was taken back, and what has nothing to do with it."""
    first = server.head("app.git")
    second = server.commit("app.git", {"env/prod/a": "2"})
    other = server.commit("app.git", {"env/prod/a": "9"}, branch="other")
    assert (await related(repository, second, first, ["env/prod"])).relation is Relation.OLDER
    assert (await related(repository, second, other, ["env/prod"])).relation is Relation.OTHER


async def test_names_stand_for_what_they_lead_to(repository: Repository, server: GitServer) -> None:
    """A branch, a short commit, and one in capitals."""
    first = server.head("app.git")
    for wanted in ("main", first[:9], first.upper()):
        assert (await related(repository, wanted, first, [""])).relation is Relation.SAME


async def test_what_nobody_can_tell_says_why(repository: Repository, server: GitServer) -> None:
    """A commit that is not there, a name, a server that is away."""
    first = server.head("app.git")
    for wanted, observed in (("0" * 40, first), (first, "0" * 40), ("no-such-name", first)):
        found = await related(repository, wanted, observed, [""])
        assert found.relation is Relation.UNKNOWN
        assert "app.git" in found.why
