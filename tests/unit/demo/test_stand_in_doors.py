"""The demo's registry and Git server are reached by every account of the machine: what that does not open."""

from __future__ import annotations

import base64
import http.client
import os
import stat
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.support.git_bombs import FILE, TREE, Maker
from tests.support.git_server import git
from towpath.demo.argocd.git_repository import GitRepository
from towpath.demo.argocd.installation_settings import GitPlace
from towpath.demo.argocd.source_error import SourceError
from towpath.demo.git_server import PASSWORD_FILE, USER, DemoGit
from towpath.demo.image_registry import DemoRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_bombs import Line


def _ask(
    url: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Send a path as it is, without a library that tidies it."""
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    "name",
    ["/{there}", "x//{there}", "..", "x/../../..", ".", "./.", "x/", "-x", "x/.hidden", "UPPER"],
)
def test_names_of_images_lead_out_of_no_folder(tmp_path: Path, name: str) -> None:
    """A name that begins with a slash would be a path of the whole machine."""
    there = tmp_path / "owner"
    there.mkdir()
    (there / "key").write_text("sha256:only-for-the-owner")
    (there / "kept").write_text("as it was")
    registry = DemoRegistry(tmp_path / "registry")
    try:
        at = f"/v2/{name.format(there=str(there).lstrip('/'))}"
        for method, end in (
            ("GET", "manifests/key"),
            ("PUT", "manifests/kept"),
            ("PUT", "manifests/.."),
            ("GET", "tags/list"),
            ("POST", "blobs/uploads/"),
        ):
            status, said = _ask(registry.url, method, f"{at}/{end}", b"{}")
            assert status == 404, (method, end)
            assert b"only-for-the-owner" not in said
        assert (there / "kept").read_text() == "as it was"
        assert sorted(path.name for path in there.iterdir()) == ["kept", "key"]
    finally:
        registry.close()


def test_usual_names_are_taken(tmp_path: Path) -> None:
    """Folders, dots, dashes and underscores are part of names."""
    registry = DemoRegistry(tmp_path / "registry")
    try:
        for name in ("a", "a/b/c", "a.b", "a_b", "a__b", "a--b/c0"):
            at = f"/v2/{name}/manifests/1.2-x_y"
            assert _ask(registry.url, "PUT", at, b"{}")[0] == 201, name
            assert _ask(registry.url, "GET", at) == (200, b"{}"), name
    finally:
        registry.close()


def _login(password: str) -> dict[str, str]:
    value = base64.b64encode(f"{USER}:{password}".encode()).decode()
    return {"Authorization": f"Basic {value}"}


def test_git_asks_for_a_password_that_nobody_else_knows(tmp_path: Path) -> None:
    """It is made at random, kept for its owner alone, and the same at the next start."""
    known = []
    for _ in range(2):
        served = DemoGit(tmp_path / "repositories", programs=os.environ["PATH"])
        try:
            served.ensure("one.git", {"a": "b"}, branch="main", seconds=1_700_000_000)
            path = "/one.git/info/refs?service=git-receive-pack"
            for guess in ("demo", "", f"{served.password}x"):
                assert _ask(served.url, "GET", path, headers=_login(guess))[0] == 401
            assert _ask(served.url, "GET", path)[0] == 401
            assert _ask(served.url, "GET", path, headers=_login(served.password))[0] == 200
            known.append(served.password)
        finally:
            served.close()
    assert known[0] == known[1]
    assert len(known[0]) >= 20
    assert stat.S_IMODE((tmp_path / PASSWORD_FILE).stat().st_mode) == 0o600


def _with_name(maker: Maker, name: bytes) -> bytes:
    inner = maker.tree([(FILE, b"taken", maker.blob(b"x"))])
    lines: list[Line] = [(TREE, name, inner), (FILE, b"Chart.yaml", maker.blob(b"name: x"))]
    return maker.tree(lines)


@pytest.mark.parametrize("name", [b"..", b".", b"a/../../b", b"/etc"])
async def test_trees_of_odd_names_are_not_written_anywhere(tmp_path: Path, name: bytes) -> None:
    """Git itself would not make such a tree; who pushes objects can."""
    source = tmp_path / "source.git"
    source.mkdir()
    git(source, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    maker = Maker(source)
    commit = maker.commit(_with_name(maker, name))
    repository = GitRepository(GitPlace(str(source)), tmp_path / "mirror.git", os.environ["PATH"])
    try:
        tree, _ = await repository.folder(commit, ".")
        with pytest.raises(SourceError, match="no name of a file"):
            await repository.files(tree)
    finally:
        repository.close()


async def test_folders_in_one_another_have_an_end(tmp_path: Path) -> None:
    """A chain of thousands is refused in words."""
    source = tmp_path / "source.git"
    source.mkdir()
    git(source, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    maker = Maker(source)
    commit = maker.commit(maker.chain(1_500))
    repository = GitRepository(GitPlace(str(source)), tmp_path / "mirror.git", os.environ["PATH"])
    try:
        tree, _ = await repository.folder(commit, ".")
        with pytest.raises(SourceError, match="folders lie in one another"):
            await repository.files(tree)
    finally:
        repository.close()
