"""Clone, edit, commit, push against a real server: each field, each refusal, and a kill at each point."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import git_server
from tests.support.git_server import git
from tests.support.git_steps import SITE, Bench
from tests.support.listener import Listener
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.pushing import push
from towpath.clients.http.guard import Guard
from towpath.promotion import checkouts
from towpath.promotion.step import Errored, Failed, Skipped, StartOver, Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from tests.support.git_server import GitServer
    from towpath.promotion.step import Outcome

ROOT = Path(__file__).resolve().parents[3]
URL = f"{SITE}/app.git"
FILES = {"values.yaml": "tag: 1.0 # keep\nreplicas: 1\n", "other.txt": "a\n", "env/prod/x": "1\n"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server with one repository that asks for a password."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.create("app.git", FILES)
        yield serving


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """One Promotion."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    yield made
    await made.pool.close()


def _output(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Succeeded | Skipped), outcome
    return outcome.output or {}


async def _edit(bench: Bench, tag: str = "v2", path: str = "./src") -> None:
    updates = [{"key": "tag", "value": tag}]
    _output(await bench.run("yaml-update", {"path": f"{path}/values.yaml", "updates": updates}))


async def _commit(bench: Bench, message: str = "Promote", **more: Any) -> str:
    outcome = await bench.run("git-commit", {"path": "./src", "message": message, **more})
    return str(_output(outcome)["commit"])


async def _push(bench: Bench, **more: Any) -> Outcome:
    return await bench.run("git-push", {"path": "./src", **more})


def _author(server: GitServer, commit: str) -> str:
    form = "%an <%ae> %cn <%ce>"
    return git(server.path("app.git"), "log", "-1", f"--format={form}", commit)


# --- the whole way ------------------------------------------------------------------------------------


async def test_a_promotion_reaches_the_branch(bench: Bench, server: GitServer) -> None:
    """One commit more, by the identity of the reference, and the tree goes back to the pool."""
    base = server.head("app.git")
    cloned = _output(await bench.clone(URL))
    assert cloned == {"commits": {"./src": base}}
    await _edit(bench)
    made = await _commit(bench, "Promote 2.0\n\n  as it is ")
    pushed = _output(await _push(bench))
    assert pushed == {"branch": "main", "commit": made}
    assert server.head("app.git") == made
    assert server.read("app.git", "values.yaml") == "tag: v2 # keep\nreplicas: 1"
    assert git(server.path("app.git"), "rev-parse", f"{made}^") == base
    assert _author(server, made) == "Kargo <no-reply@kargo.io> Kargo <no-reply@kargo.io>"
    await checkouts.release(bench.directory, bench.repositories)
    await bench.pool.close()
    assert bench.pool.idle == 1
    assert bench.directory.trees == {}


@pytest.mark.parametrize("attributes", ["* text=auto\n", "* text=auto eol=lf\n", "*.yaml -text\n"])
async def test_line_ends_stay_as_git_would_leave_them(
    bench: Bench, server: GitServer, attributes: str
) -> None:
    """A file that is stored with CRLF is not converted by an edit of one of its lines."""
    crlf = "# c\r\nimage:\r\n  tag: v1 # keep\r\nb: x\r\n"
    server.commit("app.git", {".gitattributes": attributes, "values.yaml": crlf})
    await bench.clone(URL)
    updates = [{"key": "image.tag", "value": "1.2.0"}]
    _output(await bench.run("yaml-update", {"path": "./src/values.yaml", "updates": updates}))
    made = await _commit(bench)
    assert _output(await _push(bench))["commit"] == made
    told = git(server.path("app.git"), "diff", "--numstat", f"{made}^", made)
    assert told == "1\t1\tvalues.yaml"


async def test_a_repository_inside_another_is_committed_as_a_link(
    bench: Bench, server: GitServer
) -> None:
    """As `git add --all` does it, also when nothing else shows that there is more than what was written."""
    server.create("lib.git", {"lib.txt": "1\n"})
    inner = server.head("lib.git")
    await bench.clone(URL)
    await bench.run(
        "git-clone",
        {
            "repoURL": f"{SITE}/lib.git",
            "checkout": [{"path": "./src/vendor/lib", "branch": "main"}],
        },
        alias="inner",
    )
    await _edit(bench)
    made = await _commit(bench)
    _output(await _push(bench))
    assert git(server.path("app.git"), "rev-parse", f"{made}:vendor/lib") == inner


async def test_each_step_says_in_a_line_what_came_of_it(bench: Bench, server: GitServer) -> None:
    """Commit, branch, file, key, old and new value, in the words that logs and explain show."""
    checkout = [{"path": "./src", "branch": "main"}]
    said = [await bench.run("git-clone", {"repoURL": URL, "checkout": checkout})]
    first = server.head("app.git")[:7]
    updates = [{"key": "tag", "value": "v2"}]
    said.append(await bench.run("yaml-update", {"path": "./src/values.yaml", "updates": updates}))
    said.append(await bench.run("git-commit", {"path": "./src", "message": "Promote\n\nmore"}))
    said.append(await bench.run("git-push", {"path": "./src"}))
    last = server.head("app.git")[:7]
    said.append(await bench.run("git-commit", {"path": "./src", "message": "again"}, alias="b"))
    assert [getattr(outcome, "message", "") for outcome in said] == [
        f"{URL}: ./src: branch main at commit {first}",
        "./src/values.yaml: tag (line 1): 1.0 → v2",
        f"./src: commit {last} on main",
        f"commit {last} is on branch main of {URL}",
        f"nothing changed in ./src since commit {last}",
    ]


async def test_nothing_changed_is_skipped(bench: Bench, server: GitServer) -> None:
    """The output still names the commit, and a push of it sends nothing."""
    base = server.head("app.git")
    await bench.clone(URL)
    outcome = await bench.run("git-commit", {"path": "./src", "message": "None"})
    assert isinstance(outcome, Skipped)
    assert outcome.output == {"commit": base}
    assert _output(await _push(bench)) == {"branch": "main", "commit": base}
    assert server.head("app.git") == base


async def test_authors(bench: Bench, server: GitServer) -> None:
    """The clone's goes before ours, the commit's before the clone's."""
    await bench.clone(URL, author={"name": "Ana", "email": "ana@example.com"})
    await _edit(bench)
    first = await _commit(bench)
    await _edit(bench, "v3")
    person = {"name": "Bo", "email": "bo@example.com"}
    second = _output(
        await bench.run(
            "git-commit", {"path": "./src", "message": "x", "author": person}, alias="again"
        )
    )["commit"]
    await _push(bench)
    assert _author(server, first) == "Ana <ana@example.com> Ana <ana@example.com>"
    assert _author(server, second) == "Bo <bo@example.com> Bo <bo@example.com>"


async def test_signed_commits(bench: Bench, server: GitServer) -> None:
    """With the key of the clone; after a restart there is none, and the Promotion begins anew with it."""
    home = Path(tempfile.mkdtemp(prefix="gpg-"))
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    try:
        make = ["--passphrase", "", "--quick-gen-key", "Bot <bot@example.com>", "ed25519", "sign"]
        subprocess.run([*gpg, *make], check=True, capture_output=True)
        key = subprocess.run(
            [*gpg, "--armor", "--export-secret-keys"], check=True, capture_output=True, text=True
        ).stdout
        author = {"name": "Bot", "email": "bot@example.com", "signingKey": key}
        await bench.clone(URL, author=author)
        await _edit(bench)
        assert not await bench.after_restart()
        await bench.clone(URL, author=author)
        await _edit(bench)
        made = await _commit(bench)
        server.commit("app.git", {"other.txt": "theirs\n"})
        pushed = _output(await _push(bench))["commit"]
        assert pushed != made
        verified = subprocess.run(
            ["git", "verify-commit", "--raw", pushed],
            cwd=server.path("app.git"),
            env={"PATH": bench.git.path, "GNUPGHOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "GOODSIG" in verified.stderr
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


async def test_a_key_that_is_none(bench: Bench) -> None:
    """The message says so and does not show it."""
    author = {"name": "Bot", "email": "bot@example.com", "signingKey": "n0t-a-key-but-secret"}
    await bench.clone(URL, author=author)
    await _edit(bench)
    with pytest.raises(errors.TowpathError, match="key") as raised:
        await _commit(bench)
    assert "n0t-a-key" not in str(raised.value)


# --- git-clone ----------------------------------------------------------------------------------------


async def test_several_checkouts(bench: Bench, server: GitServer) -> None:
    """Branch, tag, commit, sparse; named by `as` or path."""
    base = server.head("app.git")
    git(server.path("app.git"), "tag", "v1", base)
    later = server.commit("app.git", {"other.txt": "b\n"})
    side = server.commit("app.git", {"other.txt": "c\n"}, branch="env/side")
    output = _output(
        await bench.clone(
            URL,
            checkout=[
                {"path": "./main", "branch": "main", "as": "head"},
                {"path": "./tag", "tag": "v1"},
                {"path": "deep/commit", "commit": base},
                {"path": "./side", "branch": "env/side", "sparse": ["env"]},
                {"path": "./default", "branch": ""},
            ],
        )
    )
    assert output["commits"] == {
        "head": later,
        "./tag": base,
        "deep/commit": base,
        "./side": side,
        "./default": later,
    }
    files = bench.directory.root
    assert (files / "main/other.txt").read_text() == "b\n"
    assert (files / "tag/other.txt").read_text() == "a\n"
    assert (files / "deep/commit/env/prod/x").exists()
    assert sorted(path.name for path in (files / "side").iterdir()) == [".git", "other.txt"]
    nowhere = await bench.run("git-push", {"path": "./tag"})
    assert isinstance(nowhere, Errored)
    assert "name targetBranch" in nowhere.message


async def test_sparse_directories_are_all_there_is(bench: Bench, server: GitServer) -> None:
    """Besides the files at the root; a commit leaves the rest alone."""
    server.commit("app.git", {"env/test/x": "1\n", "big/y": "1\n"})
    await bench.clone(URL, checkout=[{"path": "./src", "sparse": ["env/prod"]}])
    tree = bench.directory.root / "src"
    assert (tree / "env/prod/x").exists()
    assert not (tree / "env/test").exists()
    assert not (tree / "big").exists()
    await _edit(bench)
    await _commit(bench)
    await _push(bench)
    assert server.read("app.git", "big/y") == "1"


@pytest.mark.parametrize("wrong", ["/env", "../x", "env/*"])
async def test_sparse_names_are_checked(bench: Bench, wrong: str) -> None:
    """Absolute ones, those that lead out and patterns are refused."""
    with pytest.raises(errors.BadRequest, match=r".+"):
        await bench.clone(URL, checkout=[{"path": "./src", "sparse": [wrong]}])


async def test_a_branch_is_made(bench: Bench, server: GitServer) -> None:
    """An orphan with one empty commit, on the server; found again by the next run."""
    wanted = [{"path": "./src", "branch": "env/prod", "create": True}]
    made = _output(await bench.clone(URL, checkout=wanted))["commits"]["./src"]
    assert server.head("app.git", "env/prod") == made
    assert server.count("app.git", "env/prod") == 1
    assert _output(await bench.clone(URL, checkout=wanted))["commits"]["./src"] == made
    await bench.directory.write("./src/new/file.yaml", b"tag: 1\n")
    commit = await _commit(bench)
    assert _output(await _push(bench)) == {"branch": "env/prod", "commit": commit}
    assert server.read("app.git", "new/file.yaml", "env/prod") == "tag: 1"


async def test_a_branch_is_made_in_an_empty_repository(bench: Bench, server: GitServer) -> None:
    """Without `create` the message says what is the matter and what helps."""
    server.create("empty.git")
    url = f"{SITE}/empty.git"
    with pytest.raises(git_errors.EmptyRepository, match=r"is empty.*create: true"):
        await bench.clone(url)
    with pytest.raises(git_errors.EmptyRepository, match=r"is empty.*create: true"):
        await bench.clone(url, checkout=[{"path": "./src", "branch": "main"}])
    _output(await bench.clone(url, checkout=[{"path": "./src", "branch": "main", "create": True}]))
    assert server.count("empty.git") == 1


async def test_a_missing_branch_names_near_ones(bench: Bench, server: GitServer) -> None:
    """And `create`."""
    server.commit("app.git", {"x": "1"}, branch="production")
    with pytest.raises(
        git_errors.RefNotFound, match=r"no branch 'producton'; it has production.*create: true"
    ):
        await bench.clone(URL, checkout=[{"path": "./src", "branch": "producton"}])
    with pytest.raises(git_errors.RefNotFound, match="no tag 'v9'; it has none"):
        await bench.clone(URL, checkout=[{"path": "./src", "tag": "v9"}])
    with pytest.raises(git_errors.RefNotFound, match="a" * 40):
        await bench.clone(URL, checkout=[{"path": "./src", "commit": "a" * 40}])


async def test_wrong_credentials_name_the_secret(bench: Bench, server: GitServer) -> None:
    """Or say that none matches; the password is in neither."""
    bench.credential.password = "guessed-wrong"
    with pytest.raises(git_errors.AuthenticationFailed, match="shop/git-login") as raised:
        await bench.clone(URL)
    assert "guessed-wrong" not in str(raised.value)
    bench.credential.password = ""
    with pytest.raises(git_errors.AuthenticationFailed, match="none matches"):
        await bench.clone(URL)
    with pytest.raises(git_errors.AuthenticationFailed, match="not be sent over plain http"):
        await bench.clone(f"{server.url}/app.git")


async def test_paths_are_told_apart(bench: Bench) -> None:
    """Two of one name or place, another step's place, something that lies there."""
    twice = await bench.clone(URL, checkout=[{"path": "a", "as": "x"}, {"path": "b", "as": "x"}])
    assert isinstance(twice, Failed)
    assert "'x'" in twice.message
    same = await bench.clone(URL, checkout=[{"path": "a", "as": "x"}, {"path": "./a"}])
    assert isinstance(same, Failed)
    _output(await bench.clone(URL))
    with pytest.raises(errors.AlreadyExists, match="'git-clone'"):
        await bench.run("git-clone", {"repoURL": URL, "checkout": [{"path": "src"}]}, alias="two")
    await bench.directory.write("there/file", b"x")
    with pytest.raises(errors.AlreadyExists, match="path of its own"):
        await bench.run(
            "git-clone", {"repoURL": URL, "checkout": [{"path": "there"}]}, alias="three"
        )
    with pytest.raises(errors.NotFound, match=r"\./nowhere is not a Git work tree.*\./src"):
        await bench.run("git-commit", {"path": "./nowhere", "message": "x"})


async def test_a_second_run_begins_anew(bench: Bench, server: GitServer) -> None:
    """What the first left, edited or not, is gone; the tree comes out of the pool."""
    await bench.clone(URL)
    await _edit(bench)
    await bench.directory.write("./src/left", b"x")
    later = server.commit("app.git", {"other.txt": "b\n"})
    assert _output(await bench.clone(URL))["commits"]["./src"] == later
    assert not (bench.directory.root / "src/left").exists()
    assert (bench.directory.root / "src/values.yaml").read_text() == FILES["values.yaml"]
    assert bench.pool.idle == 0


def _with_submodules(server: GitServer) -> str:
    """Have app.git record lib.git at `libs/lib`, and that deep.git at `deep`; return the commit of lib.git."""
    server.create("deep.git", {"deep.txt": "deep\n"})
    server.create("lib.git", {"lib.txt": "1\n"})
    for name, path, url, module in (
        ("lib.git", "deep", f"{SITE}/deep.git", "deep.git"),
        ("app.git", "libs/lib", "../lib.git", "lib.git"),
    ):
        text = f'[submodule "x.y"]\n\tpath = {path}\n\turl = {url}\n'
        recorded = server.head(module)
        head = server.commit(name, {".gitmodules": text})
        where = server.path(name)
        stream = (
            "commit refs/heads/main\ncommitter Seed <seed@example.com> 1700000001 +0000\ndata 1\nx\n"
            f"from {head}\nM 160000 {recorded} {path}\n"
        )
        git(where, "fast-import", "--quiet", "--force", stdin=stream.encode())
    return server.head("lib.git")


async def test_submodules(bench: Bench, server: GitServer) -> None:
    """Each at the commit on record, by an address of its own; left alone by commits of what is around them."""
    lib = _with_submodules(server)
    server.commit("lib.git", {"lib.txt": "2\n"})
    wanted: dict[str, Any] = {"recurseSubmodules": True}
    for round_ in range(2):
        await bench.clone(URL, **wanted)
        files = bench.directory.root / "src/libs/lib"
        assert (files / "lib.txt").read_text() == "1\n"
        assert (files / "deep/deep.txt").read_text() == "deep\n"
        await _edit(bench, f"v{round_}")
        assert await bench.after_restart()
        made = await _commit(bench)
        outcome = await bench.run("git-push", {"path": "./src"}, alias=f"push-{round_}")
        assert _output(outcome)["commit"] == made
        names_ = git(server.path("app.git"), "diff", "--name-only", f"{made}^", made)
        assert names_ == "values.yaml"
        bench.directory.notes.clear()
    await checkouts.release(bench.directory, bench.repositories)
    await bench.pool.close()
    assert bench.pool.idle == 3
    await bench.clone(URL)
    assert not any((bench.directory.root / "src/libs/lib").iterdir())
    assert git(server.path("app.git"), "rev-parse", "HEAD:libs/lib") == lib


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/x.git",
        "http://localhost.:{port}/x.git",
        "http://127%2e0%2e0%2e1:{port}/x.git",
        "http://2130706433:{port}/x.git",
        "http://[::1%25lo]:{port}/x.git",
        "https://[::ffff:127.0.0.1]:{port}/x.git",
        "https://169.254.169.254/x.git",
        "ssh://git@127.0.0.1:{port}/x.git",
        "git@127.1:x.git",
        "git://127.0.0.1:{port}/x.git",
        "file:///etc",
        "ext::sh -c id",
        "../../../../127.0.0.1:{port}/x.git",
        "-u./x.git",
    ],
)
async def test_a_submodule_leads_to_no_forbidden_place(
    tmp_path: Path, server: GitServer, address: str
) -> None:
    """What `.gitmodules` names is read and checked as what a manifest names."""
    with Listener() as listener:
        made = Bench(
            tmp_path / "bench",
            server,
            guard=Guard(allow=[server.url.removeprefix("http://")]),
        )
        await made.start()
        server.create("lib.git", {"lib.txt": "1\n"})
        url = address.format(port=listener.port)
        text = f'[submodule "x"]\n\tpath = lib\n\turl = "{url}"\n'
        head = server.commit("app.git", {".gitmodules": text})
        stream = (
            "commit refs/heads/main\ncommitter Seed <seed@example.com> 1700000001 +0000\ndata 1\nx\n"
            f"from {head}\nM 160000 {server.head('lib.git')} lib\n"
        )
        git(server.path("app.git"), "fast-import", "--quiet", "--force", stdin=stream.encode())
        with pytest.raises((errors.Forbidden, errors.BadRequest)):
            await made.clone(URL, recurseSubmodules=True)
        assert listener.heard == []
        await checkouts.release(made.directory, made.repositories)
        await made.pool.close()


async def test_a_submodule_has_commits_of_its_own(bench: Bench, server: GitServer) -> None:
    """Files belong to the inner tree; it is on no branch, so a push names one."""
    _with_submodules(server)
    await bench.clone(URL, recurseSubmodules=True)
    await bench.directory.write("./src/libs/lib/lib.txt", b"ours\n")
    where = {"path": "./src/libs/lib"}
    inner = _output(await bench.run("git-commit", {**where, "message": "Inner"}, alias="inner"))
    await bench.run("git-push", {**where, "targetBranch": "main"}, alias="push-inner")
    assert server.head("lib.git") == inner["commit"]
    await _commit(bench)
    _output(await _push(bench))
    assert git(server.path("app.git"), "rev-parse", "main:libs/lib") == inner["commit"]


# --- git-push -----------------------------------------------------------------------------------------


async def test_a_branch_that_moved_elsewhere_is_no_obstacle(
    bench: Bench, server: GitServer
) -> None:
    """Our commit goes on top of theirs, and the work tree with it."""
    await bench.clone(URL)
    await _edit(bench)
    ours = await _commit(bench)
    theirs = server.commit("app.git", {"other.txt": "theirs\n"})
    output = _output(await _push(bench))
    assert output["commit"] == server.head("app.git") != ours
    assert git(server.path("app.git"), "rev-parse", f"{output['commit']}^") == theirs
    assert server.read("app.git", "values.yaml").startswith("tag: v2")
    tree, _ = checkouts.Checkouts(bench.directory).at("./src")
    await bench.directory.settle()  # as before the next step
    assert tree.head == output["commit"]
    assert (bench.directory.root / "src/other.txt").read_text() == "theirs\n"


async def test_a_conflict_begins_anew_and_names_the_paths(bench: Bench, server: GitServer) -> None:
    """A file written as a whole is no edit of scalars. The same steps run again come through, on what is there now."""
    await bench.clone(URL)
    await bench.directory.write("./src/values.yaml", b"tag: mine\n")
    await _commit(bench)
    theirs = server.commit("app.git", {"values.yaml": "tag: 1.5 # keep\nreplicas: 1\n"})
    outcome = await _push(bench)
    assert isinstance(outcome, StartOver)
    assert "values.yaml" in outcome.message
    assert "other.txt" not in outcome.message
    assert _output(await bench.clone(URL))["commits"]["./src"] == theirs
    await bench.directory.write("./src/values.yaml", b"tag: mine\n")
    made = await _commit(bench)
    assert _output(await _push(bench))["commit"] == made == server.head("app.git")
    assert server.count("app.git") == 3


async def test_a_scalar_that_others_set_as_well_is_set_again(
    bench: Bench, server: GitServer
) -> None:
    """In the file as it is there, whatever else was changed about it; it is what running after them would have made."""
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    server.commit("app.git", {"values.yaml": "# theirs\nreplicas: 2\ntag: 1.5 # keep\n"})
    await _push(bench)
    assert server.read("app.git", "values.yaml").startswith("# theirs\nreplicas: 2\ntag: v2")
    assert server.read("app.git", "values.yaml").endswith("# keep")
    assert server.count("app.git") == 3


async def test_a_conflict_with_another_branch_is_final(bench: Bench, server: GitServer) -> None:
    """Beginning anew would meet it again, so it says what to change."""
    server.commit("app.git", {"values.yaml": "tag: theirs\n"}, branch="env/x")
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    outcome = await _push(bench, targetBranch="env/x")
    assert isinstance(outcome, Failed)
    assert "both sides changed values.yaml" in outcome.message
    assert "force: true" in outcome.message


@pytest.mark.parametrize("how", ["cut", "half", "empty", "502"])
@pytest.mark.parametrize("more", [{}, {"force": True}, {"generateTargetBranch": True}], ids=str)
async def test_a_push_whose_answer_does_not_come_arrives_once(
    bench: Bench, server: GitServer, how: str, more: dict[str, Any]
) -> None:
    """The server took it twice over without saying so, whatever is asked again; what others put on top stays."""
    await bench.clone(URL)
    await _edit(bench)
    made = await _commit(bench)
    branch = "kargo/promotion/prod.01j.abc" if "generateTargetBranch" in more else "main"
    server.half_answers = [how, how]
    outcome = await _push(bench, **more)
    if isinstance(outcome, Errored):
        if not more:
            server.commit("app.git", {"theirs": "1"})
        for _ in range(5):
            if not isinstance(outcome := await _push(bench, **more), Errored):
                break
    assert _output(outcome)["commit"] == made
    log = git(server.path("app.git"), "log", "--format=%H", branch).splitlines()
    assert log.count(made) == 1
    messages = git(server.path("app.git"), "log", "--format=%s", branch).splitlines()
    assert messages.count("Promote") == 1


async def test_many_promotions_push_to_one_branch(tmp_path: Path, server: GitServer) -> None:
    """Each changes a file of its own; all arrive, while others push to the branch as well."""
    benches = [Bench(tmp_path / "bench", server, name=f"promotion-{number}") for number in range(8)]
    await benches[0].start()
    for each in benches[1:]:
        each.client = replace(each.client, repositories=benches[0].repositories)

    async def promote(number: int, each: Bench) -> str:
        await each.clone(URL)
        await each.directory.write(f"./src/app-{number}.yaml", b"x: 1\n")
        await _commit(each)
        if number % 3 == 0:
            await asyncio.to_thread(server.commit, "app.git", {f"other-{number}": "1"})
        return str(_output(await _push(each))["commit"])

    commits = await asyncio.gather(*(promote(number, each) for number, each in enumerate(benches)))
    assert len(set(commits)) == 8
    listed = git(server.path("app.git"), "ls-tree", "--name-only", "main").splitlines()
    assert {f"app-{number}.yaml" for number in range(8)} <= set(listed)
    await benches[0].pool.close()


async def test_a_secret_that_is_of_no_use_any_more(bench: Bench) -> None:
    """After a restart the Promotion begins anew, and git-clone names the Secret."""
    await bench.clone(URL)

    class Unsupported:
        """Finds what is not supported."""

        async def find(self, *_: Any, **__: Any) -> None:
            """Say so."""
            raise errors.NotImplemented("Secret shop/app holds a GitHub App")

    bench.client = replace(bench.client, credentials=cast("Any", Unsupported()))
    assert not await bench.after_restart()
    with pytest.raises(errors.NotImplemented, match="shop/app"):
        await bench.clone(URL)


async def test_what_is_not_committed_is_not_lost(bench: Bench, server: GitServer) -> None:
    """Bringing both sides together would throw it away, so the push says no."""
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    await bench.directory.write("./src/other.txt", b"not committed\n")
    server.commit("app.git", {"new.txt": "theirs\n"})
    outcome = await _push(bench)
    assert isinstance(outcome, Errored)
    assert "not committed" in outcome.message
    assert (bench.directory.root / "src/other.txt").read_text() == "not committed\n"


async def test_target_branches(bench: Bench, server: GitServer) -> None:
    """One by name, one of the Promotion's own, which is overwritten as often as it takes."""
    base = server.head("app.git")
    await bench.clone(URL)
    await _edit(bench)
    made = await _commit(bench)
    named = await bench.run("git-push", {"path": "./src", "targetBranch": "env/x"}, alias="named")
    assert _output(named) == {"branch": "env/x", "commit": made}
    own = "kargo/promotion/prod.01j.abc"
    server.commit("app.git", {"in-the-way": "1"}, branch=own)
    generated = {"path": "./src", "generateTargetBranch": True}
    output = _output(await bench.run("git-push", generated, alias="own"))
    assert output == {"branch": own, "commit": made}
    assert server.head("app.git", own) == server.head("app.git", "env/x") == made
    assert server.head("app.git") == base


async def test_force(bench: Bench, server: GitServer) -> None:
    """What others pushed is gone, as was asked."""
    await bench.clone(URL)
    await _edit(bench)
    made = await _commit(bench)
    server.commit("app.git", {"values.yaml": "theirs"})
    assert _output(await _push(bench, force=True))["commit"] == made
    assert server.head("app.git") == made


async def test_a_hook_that_says_no_is_quoted(bench: Bench, server: GitServer) -> None:
    """Line by line, as git shows it."""
    server.hook("app.git", "pre-receive", "echo 'ticket missing' >&2; echo 'see wiki' >&2; exit 1")
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    outcome = await _push(bench)
    assert isinstance(outcome, Errored)
    assert "refused the push to main" in outcome.message
    assert "\nremote: ticket missing\nremote: see wiki" in outcome.message


async def test_attempts_are_counted(
    bench: Bench, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch that moves before each of them ends the step."""
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    moves = iter(range(100))

    class Moving:
        """Moves the branch each time before it is pushed to."""

        def __call__(self) -> None:
            server.commit("app.git", {f"moved-{next(moves)}": "1"})

    monkeypatch.setattr(push, "BEFORE_PUSH", Moving())
    outcome = await _push(bench, maxAttempts=3)
    assert isinstance(outcome, Errored)
    assert "each of 3 attempts" in outcome.message
    assert next(moves) == 3


async def test_a_tag_is_pushed(bench: Bench, server: GitServer) -> None:
    """One the work tree's repository knows; else the message says how to make one."""
    await bench.clone(URL)
    tree, _ = checkouts.Checkouts(bench.directory).at("./src")
    missing = await _push(bench, tag="v9")
    assert isinstance(missing, Errored)
    assert "git-tag" in missing.message
    await tree.mirror.run("update-ref", "refs/tags/v2", tree.head)
    assert _output(await _push(bench, tag="v2"))["branch"] == "main"
    assert git(server.path("app.git"), "rev-parse", "v2") == server.head("app.git")
    assert _output(await _push(bench, tag="v2"))["commit"] == tree.head


# --- after a crash ------------------------------------------------------------------------------------


async def test_a_restart_takes_work_trees_up_again(bench: Bench, server: GitServer) -> None:
    """Uncommitted edits included; a commit that was made is found, one sent is not sent again."""
    await bench.clone(URL, author={"name": "Ana", "email": "ana@example.com"})
    await _edit(bench)
    assert await bench.after_restart()
    made = await _commit(bench)
    assert await bench.after_restart()
    assert await _commit(bench) == made
    assert _output(await _push(bench))["commit"] == made
    server.commit("app.git", {"later": "1"})
    head = server.head("app.git")
    assert await bench.after_restart()
    assert _output(await _push(bench))["commit"] == made
    assert server.head("app.git") == head
    assert _author(server, made).startswith("Ana ")


async def test_a_key_does_not_outlive_the_process(bench: Bench) -> None:
    """It is on no disk: such a Promotion begins anew."""
    author = {"name": "Ana", "email": "ana@example.com", "signingKey": "very-secret-key"}
    _output(await bench.clone(URL, author=author))
    assert not await bench.after_restart()
    kept = [path.read_bytes() for path in bench.root.rglob("*") if path.is_file()]
    assert not any(b"very-secret-key" in content for content in kept)


async def test_a_push_before_the_promotion_began_anew_is_not_taken_for_this_one(
    bench: Bench, server: GitServer
) -> None:
    """The note is of another commit: the newer one is pushed, and the tree stays where it is."""
    await bench.clone(URL)
    await _edit(bench)
    await _commit(bench)
    first = _output(await _push(bench))["commit"]
    await bench.clone(URL)
    await bench.directory.write("./src/other.txt", b"more\n")
    second = await _commit(bench)
    assert _output(await _push(bench))["commit"] == second == server.head("app.git")
    assert git(server.path("app.git"), "rev-parse", f"{second}^") == first


POINTS = [
    "git-clone.before-checkout",
    "git-clone.after-checkout",
    "git.before-commit",
    "git.after-commit",
    "git.before-push",
    "git.after-push",
]


def _process(folder: Path, server: GitServer, kill_at: str = "", files: Sequence[str] = ()) -> int:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.support.git_steps", str(folder), server.url, *files],
        cwd=ROOT,
        env={**os.environ, "TOWPATH_KILL_AT": kill_at},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode in (0, -9), finished.stderr
    return finished.returncode


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_leaves_one_commit(tmp_path: Path, server: GitServer, point: str) -> None:
    """Wherever it falls; killed there twice over, too."""
    folder = tmp_path / "child"
    assert _process(folder, server, point) == -9
    _process(folder, server, point)
    assert _process(folder, server) == 0
    assert server.count("app.git") == 2
    assert server.read("app.git", "values.yaml") == "tag: v2 # keep\nreplicas: 1"


@pytest.mark.parametrize("point", ["git.before-push:2", "git.after-push:2"])
def test_a_kill_around_a_push_on_top_of_others(
    tmp_path: Path, server: GitServer, point: str
) -> None:
    """The commit made by bringing both together is known before it is sent."""
    folder = tmp_path / "child"
    assert _process(folder, server, "git.before-commit") == -9
    server.commit("app.git", {"other.txt": "theirs\n"})
    assert _process(folder, server, point) == -9
    assert _process(folder, server) == 0
    assert server.count("app.git") == 3
    assert server.read("app.git", "other.txt") == "theirs"
    assert server.read("app.git", "values.yaml").startswith("tag: v2")


@pytest.mark.parametrize("point", ["git.before-push", "git.after-push"])
def test_a_kill_around_a_batch_loses_none_and_doubles_none(
    tmp_path: Path, server: GitServer, point: str
) -> None:
    """Each knew which commit stands for it; those that had arrived are not pushed again."""
    files = [f"d{number}/values.yaml" for number in range(4)]
    server.commit("app.git", dict.fromkeys(files, "tag: v1\n"))
    folder = tmp_path / "child"
    assert _process(folder, server, point, files) == -9
    assert _process(folder, server, "", files) == 0
    assert server.count("app.git") == 2 + len(files)
    assert all(server.read("app.git", file) == "tag: v2" for file in files)
