"""The subscription type `git` on a real Git server: what it finds, what it asks for, and what it does about faults."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import git_client, ssh_server
from tests.support.git_scanning import NAME, GitLogin, tag
from tests.support.git_server import GitServer, git
from towpath import errors
from towpath.artifacts.commits import GitType
from towpath.artifacts.discoverer import Discoverer, DiscoveryFailed
from towpath.artifacts.subscription import LookClients, NotLetIn, Subscription
from towpath.clients.git import git_errors
from towpath.clients.git.mirrors import remote
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.warehouse import GitDiscoveryResult

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clients(server: GitServer, client: git_client.Client) -> LookClients:
    """What a look reaches: the server's repositories."""
    nobody: Any = None
    return LookClients(
        registries=nobody,
        credentials=cast("Any", GitLogin(server)),
        repositories=client.repositories,
    )


def _wanted(
    server: GitServer, *, manual: bool = False, seconds: float = 0.0, notes: Any = None, **more: Any
) -> Subscription:
    config = {
        "repoURL": f"{server.url}/{NAME}",
        "commitSelectionStrategy": "NewestFromBranch",
        "strictSemvers": True,
        "discoveryLimit": 20,
        **more,
    }
    return Subscription(
        project="shop",
        warehouse="main",
        name="",
        config=config,
        now=NOW,
        is_manual=manual,
        most_seconds=seconds,
        note=notes.append if notes is not None else lambda _: None,
    )


def _ids(found: GitDiscoveryResult) -> list[str]:
    return [commit.id for commit in found.commits]


def _tags(found: GitDiscoveryResult) -> list[str]:
    return [commit.tag for commit in found.commits]


def _services(server: GitServer) -> list[str]:
    """Return what was asked with success, and forget it: what is fetched are posts that follow a question."""
    done = [request.method for request in server.requests if request.status == 200]
    server.requests.clear()
    return done


def _grown(server: GitServer, count: int, *, files: int = 1) -> None:
    """Give the branch so many commits at once; each changes `files` files of its own folder."""
    lines = []
    head = server.head(NAME)
    for number in range(count):
        lines.append(
            f"commit refs/heads/main\ncommitter Ann <ann@example.com> {1_700_000_000 + number} +0000\n"
            f"data {len(str(number))}\n{number}\n"
        )
        if number == 0 and head:
            lines.append(f"from {head}\n")
        lines += [
            f"M 100644 inline d{number % 50}/f{file}\ndata {len(str(number))}\n{number}\n"
            for file in range(files)
        ]
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=server.path(NAME),
        input="".join(lines).encode(),
        check=True,
    )


async def test_the_newest_commits_of_a_branch(server: GitServer, clients: LookClients) -> None:
    """With who made them and when; the branch is told where the subscription names one."""
    server.create(NAME, {"a": "1"})
    newest = server.commit(NAME, {"a": "2"}, message=f"Raise it {'x' * 100}\n\nBecause.")
    found = await GitType().discover(_wanted(server, discoveryLimit=1), clients)
    [commit] = found.commits
    assert (commit.id, commit.branch, commit.tag) == (newest, "", "")
    assert commit.subject == f"Raise it {'x' * 68}..."
    assert commit.author == commit.committer == "Seed <seed@example.com>"
    assert commit.creator_date == "2023-11-14T22:13:20Z"
    assert found.observed_refs is not None
    assert found.observed_refs.branch_head == newest
    named = await GitType().discover(_wanted(server, branch="main"), clients)
    assert [each.branch for each in named.commits] == ["main", "main"]


async def test_only_what_moved_is_fetched(server: GitServer, clients: LookClients) -> None:
    """A look at what has not changed is one question; Warehouses on one repository share it."""
    server.create(NAME, {"a": "1"})
    await GitType().discover(_wanted(server), clients)
    _services(server)
    await GitType().discover(_wanted(server), clients)
    one = _services(server)
    pushed = server.commit(NAME, {"a": "2"})
    wishes = [_wanted(server, seconds=60, discoveryLimit=limit) for limit in range(1, 31)]
    found = await asyncio.gather(*(GitType().discover(wish, clients) for wish in wishes))
    assert all(_ids(each)[0] == pushed for each in found) is False  # asked less than a minute ago
    assert _services(server) == []
    fresh = [_wanted(server, discoveryLimit=limit) for limit in range(1, 31)]
    found = await asyncio.gather(*(GitType().discover(wish, clients) for wish in fresh))
    assert all(_ids(each)[0] == pushed for each in found)
    # Who comes while it is asked asks once more; one fetch is what is offered, what is wanted, and the objects.
    assert len(_services(server)) <= 2 * len(one) + 3


async def test_what_was_found_is_not_looked_for_again(
    server: GitServer, clients: LookClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a push only the commits that came are looked at, down to where the last look began."""
    server.create(NAME, {"docs/a": "1"})
    _grown(server, 300)
    wish = _wanted(server, includePaths=["docs"])
    first = await GitType().discover(wish, clients)
    assert len(first.commits) == 1
    server.commit(NAME, {"x": "1"})
    touched = server.commit(NAME, {"docs/a": "2"})
    looked_at: list[str] = []
    from towpath.artifacts.sieve import Sieve

    satisfies = Sieve.satisfies

    async def counted(self: Sieve, candidate: Any) -> bool:
        looked_at.append(candidate.id)
        return await satisfies(self, candidate)

    monkeypatch.setattr(Sieve, "satisfies", counted)
    again = await GitType().discover(wish, clients)
    assert _ids(again) == [touched, *_ids(first)]
    assert len(looked_at) == 2
    by_hand = await GitType().discover(_wanted(server, manual=True, includePaths=["docs"]), clients)
    assert by_hand.commits == again.commits
    assert len(looked_at) > 300


async def test_paths_by_every_form_and_moved_files(server: GitServer, clients: LookClients) -> None:
    """A move counts at both of its ends; a merge by what it brought to the branch."""
    server.create(NAME, {"apps/web/a.yaml": "a: 1\n" * 50})
    moved = server.commit(
        NAME, {"apps/web/a.yaml": None, "old/a.yaml": "a: 1\n" * 50}, message="move"
    )
    text = server.commit(NAME, {"README.md": "x"}, message="text")
    server.commit(NAME, {"charts/c.yaml": "1"}, message="chart")

    async def subjects(**rules: Any) -> list[str]:
        found = await GitType().discover(_wanted(server, **rules), clients)
        return [commit.subject for commit in found.commits]

    assert await subjects(includePaths=["apps"]) == ["move", "Initial commit"]
    assert await subjects(includePaths=["old"]) == ["move"]
    assert await subjects(includePaths=["glob:**/*.yaml"], excludePaths=["charts"]) == [
        "move",
        "Initial commit",
    ]
    assert await subjects(includePaths=["regex:^READ"]) == ["text"]
    directory = server.path(NAME)
    tree = git(directory, "rev-parse", "main^{tree}")
    merge = git(directory, "commit-tree", tree, "-p", moved, "-p", text, "-m", "merge")
    git(directory, "update-ref", "refs/heads/main", merge)
    assert await subjects(includePaths=["charts"]) == ["merge"]


async def test_tags_by_each_strategy(server: GitServer, clients: LookClients) -> None:
    """Annotated and plain ones; the commit is the one that a tag leads to."""
    url = server.create(NAME, {"a": "1"})
    first = server.head(NAME)
    second = server.commit(NAME, {"docs/b": "1"}, message="second")
    tag(server, "v1.0.0", first, says="Release one\n\nmore")
    tag(server, "v1.10.0", second)
    tag(server, "v1.9.0", first, says="Release nine")
    tag(server, "nightly", second)
    blob = git(server.path(NAME), "rev-parse", f"{first}:a")
    tag(server, "v9.9.9", blob)

    async def look(strategy: str, **rules: Any) -> GitDiscoveryResult:
        return await GitType().discover(
            _wanted(server, commitSelectionStrategy=strategy, **rules), clients
        )

    notes: list[str] = []
    by_version = await look("SemVer", semverConstraint="^1.0.0")
    assert _tags(by_version) == ["v1.10.0", "v1.9.0", "v1.0.0"]
    assert _ids(by_version) == [second, first, first]
    assert by_version.repo_url == url
    assert _tags(await look("Lexical", ignoreTags=["v9.9.9"])) == [
        "v1.9.0",
        "v1.10.0",
        "v1.0.0",
        "nightly",
    ]
    assert set(_tags(await look("NewestTag"))) == {"v1.10.0", "v1.9.0", "v1.0.0", "nightly"}
    assert _tags(await look("SemVer", includePaths=["docs"])) == ["v1.10.0"]
    said = await look("Lexical", expressionFilter='annotation == "Release one" && tagger != ""')
    assert _tags(said) == ["v1.0.0"]
    await GitType().discover(
        _wanted(server, commitSelectionStrategy="SemVer", notes=notes), clients
    )
    assert notes == ["passed over: tag v9.9.9, which leads to no commit"]


async def test_a_tag_that_is_moved_back_and_a_branch_that_is_rewritten(
    server: GitServer, clients: LookClients
) -> None:
    """What is there now is found, not what was."""
    server.create(NAME, {"a": "1"})
    first = server.head(NAME)
    second = server.commit(NAME, {"a": "2"})
    tag(server, "v1.0.0", second, says="one")
    tagged = _wanted(server, commitSelectionStrategy="SemVer")
    branch = _wanted(server, includePaths=["a"])
    assert _ids(await GitType().discover(tagged, clients)) == [second]
    assert _ids(await GitType().discover(branch, clients)) == [second, first]
    tag(server, "v1.0.0", first, says="again", force=True)
    directory = server.path(NAME)
    other = git(directory, "commit-tree", f"{second}^{{tree}}", "-p", first, "-m", "rewritten")
    git(directory, "update-ref", "refs/heads/main", other)
    assert _ids(await GitType().discover(tagged, clients)) == [first]
    said = _wanted(
        server, commitSelectionStrategy="SemVer", expressionFilter='annotation == "again"'
    )
    assert _ids(await GitType().discover(said, clients)) == [first]
    assert _ids(await GitType().discover(branch, clients)) == [other, first]
    git(directory, "tag", "--delete", "v1.0.0")
    assert _ids(await GitType().discover(tagged, clients)) == []


async def test_many_commits_and_many_tags_are_bounded(
    server: GitServer, clients: LookClients
) -> None:
    """Thousands of commits of which the oldest is wanted; 1,200 tags by their age."""
    server.create(NAME, {"wanted": "1"})
    oldest = server.head(NAME)
    _grown(server, 3000)
    found = await GitType().discover(_wanted(server, includePaths=["wanted"]), clients)
    assert _ids(found) == [oldest]
    head = server.head(NAME)
    lines = "".join(f"create refs/tags/t{number} {head}\n" for number in range(1200))
    git(server.path(NAME), "update-ref", "--stdin", stdin=lines.encode())
    tags = await GitType().discover(_wanted(server, commitSelectionStrategy="NewestTag"), clients)
    assert len(tags.commits) == 20
    assert tags.observed_refs is None


async def test_a_commit_of_very_many_files(server: GitServer, clients: LookClients) -> None:
    """Pages are made smaller, and nothing is left out."""
    server.create(NAME, {"wanted": "1"})
    oldest = server.head(NAME)
    _grown(server, 2, files=25_000)
    _grown(server, 30)
    found = await GitType().discover(_wanted(server, includePaths=["wanted"]), clients)
    assert _ids(found) == [oldest]


@pytest.mark.parametrize(
    ("rules", "kind", "said"),
    [
        ({"branch": "nope"}, git_errors.RefNotFound, "has no branch 'nope'; it has main"),
        ({"expressionFilter": "((("}, errors.Invalid, "expressionFilter: "),
        ({"expressionFilter": '"maybe"'}, errors.Unavailable, "expressionFilter: at commit "),
        (
            {"commitSelectionStrategy": "SemVer", "semverConstraint": "bad!"},
            errors.Invalid,
            "semverConstraint: ",
        ),
        ({"repoURL": "https://git.example"}, errors.Invalid, ""),
        ({"path": "other.git"}, NotLetIn, "other.git"),
    ],
)
async def test_what_is_wrong_is_said(
    server: GitServer,
    clients: LookClients,
    rules: dict[str, Any],
    kind: type[Exception],
    said: str,
) -> None:
    """What only a change of the Warehouse can mend is told from what may get well by itself."""
    server.create(NAME, {"a": "1"})
    if "path" in rules:
        rules = {"repoURL": f"{server.url}/{rules['path']}"}
    with pytest.raises(kind) as caught:
        await GitType().discover(_wanted(server, **rules), clients)
    assert said in str(caught.value)


async def test_faults_name_the_subscription_and_pass(
    server: GitServer, clients: LookClients
) -> None:
    """An empty repository, a server that fails in the middle, one that does not know us: each is a condition."""
    server.create(NAME)
    warehouse = view(
        Warehouse,
        {
            "metadata": {"name": "main", "namespace": "shop"},
            "spec": {"subscriptions": [{"git": {"repoURL": f"{server.url}/{NAME}"}}]},
        },
    )
    discoverer = Discoverer([GitType()], clients)

    async def failure() -> DiscoveryFailed:
        with pytest.raises(DiscoveryFailed) as caught:
            await discoverer.discover(warehouse, now=NOW, manual=False)
        assert str(caught.value).startswith(f"spec.subscriptions[0] (git {server.url}/{NAME}): ")
        return caught.value

    assert "is empty" in str(await failure())
    server.commit(NAME, {"a": "1"})
    server.failures += [502] * 8
    assert not (await failure()).is_final
    server.failures.clear()
    server.breaks_off = 8
    assert not (await failure()).is_final
    assert server.breaks_off < 8
    server.breaks_off = 0
    found = await discoverer.discover(warehouse, now=NOW, manual=False)
    assert _ids(found.artifacts.git[0]) == [server.head(NAME)]


async def test_a_tag_whose_name_is_no_text(server: GitServer, clients: LookClients) -> None:
    """It could not be written into the status; the others are found."""
    server.create(NAME, {"a": "1"})
    head = server.head(NAME)
    tag(server, "v1.0.0", head)
    git(
        server.path(NAME),
        "update-ref",
        "--stdin",
        stdin=b"create refs/tags/v\xff2 %s\n" % head.encode(),
    )
    notes: list[str] = []
    wish = _wanted(server, commitSelectionStrategy="Lexical", notes=notes)
    assert _tags(await GitType().discover(wish, clients)) == ["v1.0.0"]
    assert notes == ["passed over: 1 tags whose names are not UTF-8"]


async def test_over_ssh(tmp_path: Path) -> None:
    """With the key and the known hosts of a Secret, as over HTTP; tags are found there, too."""
    root = tmp_path / "served"
    served = GitServer(root)
    served.create(NAME, {"a": "1"})
    async with ssh_server.serving(root) as ssh:
        login: Any = GitLogin(served)
        login.username = login.password = ""
        login.ssh_key, login.known_hosts = ssh.key(), ssh.known("127.0.0.1")
        client = git_client.Client(tmp_path / "client", served)
        await client.start()
        clients = LookClients(
            registries=cast("Any", None), credentials=login, repositories=client.repositories
        )
        url = f"ssh://git@127.0.0.1:{ssh.port}/{NAME}"
        found = await GitType().discover(_wanted(served, repoURL=url), clients)
        assert _ids(found) == [served.head(NAME)]
        newest = served.commit(NAME, {"a": "2"})
        tag(served, "v1.0.0", newest, says="One")
        tagged = _wanted(served, repoURL=url, commitSelectionStrategy="SemVer")
        assert _ids(await GitType().discover(tagged, clients)) == [newest]
        ssh.authorized.clear()
        with pytest.raises(NotLetIn) as caught:
            await GitType().discover(_wanted(served, repoURL=url), clients)
        assert "shop/app" in str(caught.value)
        await client.pool.close()


async def test_a_server_that_wants_to_be_left_alone_is(
    server: GitServer, clients: LookClients
) -> None:
    """For as long as it says, in the name of whoever asked; the look says for how long."""
    server.create(NAME, {"a": "1"})
    await GitType().discover(_wanted(server), clients)
    server.retry_after = "120"
    server.failures += [429]
    with pytest.raises(errors.TooManyRequests, match="left alone for 120 s") as refused:
        await GitType().discover(_wanted(server), clients)
    assert refused.value.seconds == 120
    server.requests.clear()
    with pytest.raises(errors.TooManyRequests, match=r"asked to be left alone for 1[12]\d s more"):
        await GitType().discover(_wanted(server), clients)
    assert server.requests == []


async def test_tags_from_the_future_and_dates_that_make_no_sense(
    server: GitServer, clients: LookClients
) -> None:
    """The one that lies ahead is the newest, and told; a date that no calendar has fails no look."""
    server.create(NAME, {"a": "1"})
    directory, tree = server.path(NAME), git(server.path(NAME), "rev-parse", "main^{tree}")
    for label, seconds in (("soon", 32_000_000_000), ("never", 99_999_999_999_999)):
        raw = f"tree {tree}\nauthor A <a@b> {seconds} +0000\ncommitter A <a@b> {seconds} +0000\n\n{label}\n"
        commit = git(
            directory,
            "hash-object",
            "-t",
            "commit",
            "-w",
            "--literally",
            "--stdin",
            stdin=raw.encode(),
        )
        git(directory, "update-ref", f"refs/tags/{label}", commit)
    notes: list[str] = []
    found = await GitType().discover(
        _wanted(server, commitSelectionStrategy="NewestTag", notes=notes), clients
    )
    assert "soon" in _tags(found)
    assert any("lies ahead" in note for note in notes)


async def test_a_server_that_does_not_answer_is_left_alone_for_a_while(
    server: GitServer, clients: LookClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it has failed twice, whatever repository of it was asked for."""
    for name in (NAME, "other.git"):
        server.create(name, {"a": "1"})

    async def dead(*_: Any, **__: Any) -> None:
        raise git_errors.Unreachable("the server cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr(remote, "list_refs", dead)
        for _ in range(2):
            with pytest.raises(errors.NoAnswer, match=r"cannot be reached$"):
                await GitType().discover(_wanted(server), clients)
    other = _wanted(server, repoURL=f"{server.url}/other.git")
    with pytest.raises(errors.NoAnswer, match="has not answered since"):
        await GitType().discover(other, clients)
    assert server.requests == []
