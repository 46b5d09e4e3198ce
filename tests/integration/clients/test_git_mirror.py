"""Mirrors against a real server: made when wanted, kept by fetching, never half-made, never leaking."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support import git_client, git_server
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.objects import objects

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer

ROOT = Path(__file__).resolve().parents[3]


async def test_fetches_what_is_new(client: Client, server: GitServer) -> None:
    """Each resolve sees the branch as it is on the server then."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    first = await repository.resolve(branch="main")
    assert first.commit == server.head("app.git")
    server.commit("app.git", {"a": "2"})
    second = await repository.resolve(branch="main")
    assert (second.commit, second.branch) == (server.head("app.git"), "main")
    assert await objects.read(repository.mirror, second.commit, "a") == b"2"
    assert await objects.read(repository.mirror, first.commit, "a") == b"1"


async def test_follows_a_branch_that_was_rewritten(client: Client, server: GitServer) -> None:
    """A branch that was forced elsewhere is fetched as it is."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    await repository.resolve(branch="main")
    other = server.commit("app.git", {"a": "other"}, branch="other")
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", other)
    assert (await repository.resolve(branch="main")).commit == other


async def test_a_deleted_branch_is_missing(client: Client, server: GitServer) -> None:
    """What a branch was is not taken for what it is."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    server.commit("app.git", {"a": "1"}, branch="env/prod")
    await repository.resolve(branch="env/prod")
    git_server.git(server.path("app.git"), "update-ref", "-d", "refs/heads/env/prod")
    with pytest.raises(git_errors.RefNotFound):
        await repository.resolve(branch="env/prod")
    assert await repository.mirror.branch("env/prod") is None


async def test_a_missing_branch_is_named_with_those_there_are(
    client: Client, server: GitServer
) -> None:
    """The error names repository, branch and branches, the likeliest first, and not hundreds."""
    url = server.create("app.git", {"a": "1"})
    head = server.head("app.git")
    for number in range(20):
        git_server.git(server.path("app.git"), "update-ref", f"refs/heads/env/{number:02}", head)
    with pytest.raises(git_errors.RefNotFound) as caught:
        await client.open(url).resolve(branch="env/7")
    assert url in str(caught.value)
    assert "no branch 'env/7'" in str(caught.value)
    assert "env/07" in str(caught.value)
    assert "and 11 more" in str(caught.value)


@pytest.mark.parametrize("branch", [None, "main"])
async def test_an_empty_repository_says_so(
    client: Client, server: GitServer, branch: str | None
) -> None:
    """No commit yet is an outcome of its own."""
    repository = client.open(server.create("empty.git"))
    with pytest.raises(git_errors.EmptyRepository, match=r"empty\.git is empty: it has no commit"):
        await repository.resolve(branch=branch)


async def test_no_ref_means_the_default_branch(client: Client, server: GitServer) -> None:
    """Which it is, the server says."""
    repository = client.open(server.create("app.git", {"a": "1"}, branch="trunk"))
    server.commit("app.git", {"b": "1"}, branch="another")
    assert (await repository.resolve()).branch == "trunk"


async def test_tags_lead_to_commits(client: Client, server: GitServer) -> None:
    """Annotated and lightweight tags resolve to the commit; refs list both ids."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    where = server.path("app.git")
    git_server.git(where, "tag", "light", "main")
    git_server.git(where, "tag", "-a", "-m", "Release", "v1.0.0", "main")
    head = server.head("app.git")
    assert (await repository.resolve(tag="light")).commit == head
    assert (await repository.resolve(tag="v1.0.0")).commit == head
    refs = await repository.refs()
    assert refs.default_branch == "main"
    assert refs.branches == {"main": head}
    assert refs.tags["v1.0.0"].commit == head
    assert refs.tags["v1.0.0"].object != head  # the tag is an object of its own
    assert refs.tags["light"].object == head
    with pytest.raises(git_errors.RefNotFound, match=r"no tag 'v2'; it has light, v1\.0\.0"):
        await repository.resolve(tag="v2")


async def test_commits_are_found_by_full_and_short_id(client: Client, server: GitServer) -> None:
    """Also when no branch was fetched before; an unknown one is an error that names it."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    head = server.head("app.git")
    assert (await repository.resolve(commit=head)).commit == head
    other = client.open(server.create("other.git", {"b": "1"}))
    short = server.head("other.git")[:9]
    assert (await other.resolve(commit=short)).commit == server.head("other.git")
    with pytest.raises(git_errors.RefNotFound, match="'ffffffffff' is not in"):
        await other.resolve(commit="f" * 10)
    with pytest.raises(git_errors.RefNotFound, match="is not in"):
        await other.resolve(commit="f" * 40)


async def test_more_than_one_ref_is_refused(client: Client, server: GitServer) -> None:
    """Branch, tag and commit exclude each other."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    with pytest.raises(errors.BadRequest, match="one of branch, tag and commit"):
        await repository.resolve(branch="main", tag="v1")


async def test_wrong_credentials_are_told_from_a_missing_repository(
    client: Client, server: GitServer
) -> None:
    """And neither error holds the password."""
    url = server.create("app.git", {"a": "1"})
    wrong = client.repositories.open(url, GitCredential(username="towpath", password="wr0ng-pass"))
    with pytest.raises(git_errors.AuthenticationFailed, match="refused the credentials") as caught:
        await wrong.resolve(branch="main")
    assert "wr0ng-pass" not in str(caught.value)
    with pytest.raises(git_errors.AuthenticationFailed):
        await client.repositories.open(url).resolve(branch="main")
    with pytest.raises(git_errors.RepositoryNotFound, match="no such repository"):
        await client.open(f"{server.url}/absent.git").resolve(branch="main")


async def test_a_server_that_is_down_is_unreachable(client: Client, server: GitServer) -> None:
    """Nobody listening, and a gateway's error, may pass with time."""
    url = server.create("app.git", {"a": "1"})
    with pytest.raises(git_errors.Unreachable):
        await client.open("http://127.0.0.1:9/app.git").resolve(branch="main")
    server.failures[:] = [503]
    with pytest.raises(git_errors.Unreachable, match="503"):
        await client.open(url).resolve(branch="main")
    assert (await client.open(url).resolve(branch="main")).commit == server.head("app.git")


async def test_a_server_that_stalls_meets_the_deadline(tmp_path: Path, server: GitServer) -> None:
    """The call ends with Timeout, and the lock is free for the next."""
    url = server.create("app.git", {"a": "1"})
    client = git_client.Client(tmp_path / "hasty", server, network_seconds=0.3)
    await client.start()
    server.stalled = threading.Event()
    with pytest.raises(errors.Timeout, match=r"within 0\.3 s"):
        await client.open(url).mirror.fetch_branch("main")
    server.stalled.set()
    patient = git_client.Client(tmp_path / "hasty", server)
    await patient.start()
    assert await patient.open(url).mirror.fetch_branch("main") == server.head("app.git")


async def test_wishes_for_the_same_share_a_fetch(client: Client, server: GitServer) -> None:
    """Of many at once, the first fetches, the second fetches for all the others."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    await repository.mirror.ensure()
    server.requests.clear()
    found = await asyncio.gather(*(repository.mirror.fetch_branch("main") for _ in range(20)))
    assert set(found) == {server.head("app.git")}
    asked = [request for request in server.requests if request.status == 401]
    assert len(asked) <= 2


async def test_contents_are_fetched_when_they_are_read(client: Client, server: GitServer) -> None:
    """A blobless mirror has commits and trees but no file until somebody reads it."""
    url = server.create("app.git", {"big": "x" * 50_000, "dir/small": "y"})
    repository = client.open(url)
    head = (await repository.resolve(branch="main")).commit
    blob = git_server.git(server.path("app.git"), "rev-parse", "main:big")
    listed = git_server.git(
        repository.mirror.directory, "rev-list", "--objects", "--missing=print", head
    )
    assert f"?{blob}" in listed
    assert await objects.paths(repository.mirror, head) == ["big", "dir/small"]
    assert await objects.read(repository.mirror, head, "big") == b"x" * 50_000


@pytest.mark.parametrize("options", [Options(), Options(blobless=False)])
async def test_a_server_without_filters_still_serves(
    client: Client, server: GitServer, options: Options
) -> None:
    """Where the server cannot leave things out, everything comes."""
    url = server.create("app.git", {"a": "1"})
    server.commit("app.git", {"a": "2"})
    git_server.git(server.path("app.git"), "config", "uploadpack.allowFilter", "false")
    repository = client.open(url, options)
    head = (await repository.resolve(branch="main")).commit
    assert await objects.read(repository.mirror, head, "a") == b"2"


async def test_a_damaged_mirror_is_made_anew_and_said_so(
    client: Client, server: GitServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Reading from it fails with that cause; the next fetch replaces it and leaves one log line."""
    repository = client.open(server.create("app.git", {"a": "1"}), Options(blobless=False))
    head = (await repository.resolve(branch="main")).commit
    for path in (repository.mirror.directory / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"damage" + path.read_bytes()[6:])
    with pytest.raises(git_errors.CorruptMirror, match="damaged"):
        await objects.read(repository.mirror, head, "a")
    with caplog.at_level(logging.WARNING, "towpath.clients.git"):
        head = (await repository.resolve(branch="main")).commit
    assert await objects.read(repository.mirror, head, "a") == b"1"
    assert [r.message for r in caplog.records] == ["a Git mirror is damaged; it is made anew"]


@pytest.mark.parametrize("name", ["HEAD", "config"])
async def test_a_mirror_that_git_does_not_take_for_one_is_made_anew(
    client: Client, server: GitServer, name: str
) -> None:
    """Fetching finds it damaged and goes on with a new one."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    await repository.resolve(branch="main")
    (repository.mirror.directory / name).write_bytes(b"\0[not what git writes")
    assert (await repository.resolve(branch="main")).commit == server.head("app.git")


async def test_what_looks_like_damage_is_looked_into(client: Client, server: GitServer) -> None:
    """A commit that was never there does not cost a sound mirror."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    head = (await repository.resolve(branch="main")).commit
    kept = repository.mirror.directory.stat().st_ino
    with pytest.raises(errors.TowpathError):
        await objects.changed(repository.mirror, head, "f" * 40)
    await repository.resolve(branch="main")
    assert repository.mirror.directory.stat().st_ino == kept


async def test_the_manifest_url_is_shown_and_another_is_used(
    tmp_path: Path, server: GitServer
) -> None:
    """`insteadOf` moves the transport; errors keep the manifest's URL."""
    server.create("team/sandbox.git", {"a": "1"})
    rewrites = addresses.Rewrites.of({f"{server.url}/": ["https://github.com/"]})
    client = git_client.Client(tmp_path / "c", server, rewrites=rewrites)
    await client.start()
    repository = client.open("https://github.com/team/sandbox.git")
    assert str(repository) == "https://github.com/team/sandbox.git"
    with pytest.raises(
        git_errors.RefNotFound, match=r"^https://github\.com/team/sandbox\.git has no"
    ):
        await repository.resolve(branch="nope")
    assert (await repository.resolve()).branch == "main"


async def test_a_redirect_does_not_carry_the_credential_elsewhere(
    client: Client, server: GitServer, tmp_path: Path
) -> None:
    """The server redirected to is never shown the password of the one asked."""
    with git_server.serving(tmp_path / "thief") as thief:
        thief.create("app.git", {"a": "stolen"})
        server.redirects["app.git"] = thief.url
        with pytest.raises(git_errors.AuthenticationFailed):
            await client.open(f"{server.url}/app.git").resolve(branch="main")
        assert thief.requests
        assert {request.user for request in thief.requests} == {""}


async def test_the_password_is_written_nowhere(client: Client, server: GitServer) -> None:
    """No file of the client holds it after clone, checkout and fetch, nor the URL that holds one."""
    url = server.create("app.git", {"a": "1"})
    secret = server.password
    named = url.replace("http://", "http://towpath:s3cret%2Ftoken%2B1@")
    repository = client.repositories.open(named)
    assert str(repository) == url.replace("http://", "http://towpath@")
    resolved = await repository.resolve(branch="main")
    await repository.checkout(resolved, path=client.work(), project="p")
    kept = [path.read_bytes() for path in client.root.rglob("*") if path.is_file()]
    assert kept
    for form in (secret, "s3cret%2Ftoken%2B1"):
        assert not any(form.encode() in content for content in kept)
        assert form not in repr(repository.mirror.address) + repr(client.credential)


async def test_the_password_is_in_no_argument_and_no_environment(
    client: Client, server: GitServer
) -> None:
    """Looked at from the server, while git waits for each of its answers."""
    seen: list[str] = []

    def look() -> None:
        for program in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                seen.append(" ".join([*program.cmdline(), *program.environ().values()]))

    server.on_request = look
    await client.open(server.create("app.git", {"a": "1"})).resolve()
    assert any("git fetch" in shown for shown in seen)
    secrets = (server.password, "s3cret%2Ftoken%2B1", "s3cret")
    assert not any(secret in shown for shown in seen for secret in secrets)


async def test_a_branch_that_made_room_for_another_is_forgotten(
    client: Client, server: GitServer
) -> None:
    """`env` was deleted and `env/prod` made: the name in our mirror is not in the way."""
    repository = client.open(server.create("app.git", {"a": "1"}, branch="env"))
    await repository.resolve(branch="env")
    where = server.path("app.git")
    git_server.git(where, "update-ref", "-d", "refs/heads/env")
    head = server.commit("app.git", {"a": "2"}, branch="env/prod")
    assert (await repository.resolve(branch="env/prod")).commit == head


async def test_credentials_do_not_share_a_mirror(client: Client, server: GitServer) -> None:
    """What one token fetched, another never reads."""
    url = server.create("app.git", {"a": "1"})
    mine, theirs = client.open(url), client.repositories.open(url, GitCredential(password="other"))
    assert mine.mirror.directory != theirs.mirror.directory
    assert client.open(url) is mine


async def test_a_renewed_credential_keeps_its_mirror(client: Client, server: GitServer) -> None:
    """One source, another token: the same mirror, and the new token is what is sent."""
    url = server.create("app.git", {"a": "1"})
    stale = GitCredential(username="towpath", password="expired", source="shop/git")
    repository = client.repositories.open(url, stale)
    with pytest.raises(git_errors.AuthenticationFailed):
        await repository.resolve()
    fresh = GitCredential(username="towpath", password=server.password, source="shop/git")
    assert client.repositories.open(url, fresh) is repository
    assert (await repository.resolve()).commit == server.head("app.git")


async def test_file_urls_need_the_operators_leave(
    client: Client, server: GitServer, tmp_path: Path
) -> None:
    """Refused from a manifest; served where the operator allows them."""
    server.create("app.git", {"a": "1"})
    url = f"file://{server.path('app.git')}"
    with pytest.raises(errors.BadRequest, match="file transport"):
        client.open(url)
    local = git_client.Client(tmp_path / "local", server, allow_file=True)
    await local.start()
    assert (await local.open(url).resolve()).commit == server.head("app.git")


def test_killed_while_a_mirror_is_made(tmp_path: Path) -> None:
    """A mirror that did not reach its place is never used, and is swept at the next start."""
    script = """
import asyncio, sys
from pathlib import Path
from tests.support import git_client, git_server
async def main(root):
    with git_server.serving(root / "server") as server:
        if not (root / "server/app.git").exists():
            server.create("app.git", {"a": "1"})
        rewrites = git_client.rewrites(server)
        client = git_client.Client(root / "client", server, rewrites=rewrites)
        await client.start()
        assert not list((root / "client/mirrors").glob(".*.making"))
        print((await client.open("https://git.example/app.git").resolve()).branch)
asyncio.run(main(Path(sys.argv[1])))
"""
    killed = _python(script, tmp_path, "git.before-mirror-rename")
    assert killed.returncode == -signal.SIGKILL
    assert list((tmp_path / "client" / "mirrors").glob(".*.making"))
    again = _python(script, tmp_path, "")
    assert (again.returncode, again.stdout) == (0, "main\n"), again.stderr


def _python(script: str, root: Path, kill_at: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(root)],
        cwd=ROOT,
        env={**os.environ, "TOWPATH_KILL_AT": kill_at, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
