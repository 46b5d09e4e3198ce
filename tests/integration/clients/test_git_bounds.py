"""What a checkout may write, counted before anything is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support import git_client
from tests.support.git_bombs import FILE, TREE, Maker
from towpath import errors
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.mirrors.extent import CheckoutBounds
from towpath.clients.git.worktrees import measuring
from towpath.disk import reserve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repository
    from towpath.clients.git.worktrees.worktree import WorkTree


async def _checked_out(
    client: Client, repository: Repository, number: int = 0, sparse: Sequence[str] = ()
) -> WorkTree:
    return await repository.checkout(
        await repository.resolve(branch="main"),
        path=client.work(number),
        project="p",
        sparse=sparse,
    )


def _nothing_written(client: Client) -> bool:
    return not client.work().exists() and not list((client.root / "pool").iterdir())


async def _bounded(tmp_path: Path, server: GitServer, bounds: CheckoutBounds) -> Client:
    client = git_client.Client(tmp_path / "bounded", server, bounds=bounds)
    await client.start()
    return client


async def test_none_is_written_where_it_would_all_but_fill_the_disk(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database lies there too: many Promotions that keep their bounds may be more than the disk has."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    monkeypatch.setattr(reserve, "LARGE", 1)
    monkeypatch.setattr(reserve, "lacking", lambda *_: 1 << 30)
    with pytest.raises(
        errors.Unavailable, match=r"app\.git takes [0-9,]+ bytes, .* would stay free"
    ):
        await _checked_out(client, repository)
    assert _nothing_written(client)
    monkeypatch.setattr(reserve, "lacking", lambda *_: 0)
    tree = await _checked_out(client, repository)
    assert (tree.path / "a").read_text() == "1"


async def test_a_tree_that_names_itself_many_times(client: Client, server: GitServer) -> None:
    """Ten to the hundredth files of some kilobytes; nothing is written, and it takes no time."""
    url = server.create("bomb.git")
    maker = Maker(server.path("bomb.git"))
    maker.commit(maker.nested(10, 99))
    with pytest.raises(
        errors.TooLarge,
        match=r"commit [0-9a-f]{12} of http.*bomb\.git is not checked out: it has more than 10\^15 files, and "
        r"250,000 are allowed by the operator's setting git\.checkout\.files; .*sparse",
    ):
        await _checked_out(client, client.open(url))
    assert _nothing_written(client)


async def test_bytes_are_counted_by_file_and_not_by_content(
    client: Client, server: GitServer
) -> None:
    """One megabyte that lies at four thousand places; also where contents are fetched only when needed."""
    url = server.create("bomb.git")
    maker = Maker(server.path("bomb.git"))
    maker.commit(maker.nested(16, 2, b"\0" * (1 << 20)))
    for options in (Options(blobless=False), Options(blobless=True)):
        with pytest.raises(
            errors.TooLarge, match="its files come to 4,294,967,296 bytes, and 2,14"
        ):
            await _checked_out(client, client.open(url, options))
    assert _nothing_written(client)


@pytest.mark.parametrize("depth", [201, 1500])
async def test_folders_too_deep_in_one_another(
    client: Client, server: GitServer, depth: int
) -> None:
    """Also for a sparse checkout: git itself goes through all of it."""
    url = server.create("deep.git")
    maker = Maker(server.path("deep.git"))
    maker.commit(maker.chain(depth))
    for sparse in ((), ("d",), ("x",)):
        with pytest.raises(
            errors.TooLarge, match=r"folders lie (201|more than 400) deep .*200 is the most"
        ):
            await _checked_out(client, client.open(url), sparse=sparse)
    assert _nothing_written(client)
    maker.commit(maker.chain(200))
    tree = await _checked_out(client, client.open(url))
    assert tree.extent.depth == 200


async def test_names_and_paths_that_the_system_cannot_make(
    client: Client, server: GitServer
) -> None:
    """A name of 256 bytes; names that together are longer than a path may be."""
    url = server.create("long.git")
    maker = Maker(server.path("long.git"))
    content = maker.blob(b"x")
    maker.commit(maker.tree([(FILE, b"n" * 256, content)]))
    with pytest.raises(errors.TooLarge, match="a name of 256 bytes, and 255"):
        await _checked_out(client, client.open(url))
    room = 4095 - len(os.fsencode(client.work())) - 1
    depth, rest = divmod(room - 1, 251)  # "f" at the end
    tree = maker.tree([(TREE, b"r" * (rest - 1), maker.chain(depth, b"d" * 250))])
    maker.commit(tree)
    assert (await _checked_out(client, client.open(url), 0)).extent.longest_path == room
    maker.commit(maker.tree([(TREE, b"r" * rest, maker.chain(depth, b"d" * 250))]))
    with pytest.raises(errors.TooLarge, match="longest path would have 4,096 bytes, and 4,095"):
        await _checked_out(client, client.open(url), 1)


async def test_every_way_that_writes_files(tmp_path: Path, server: GitServer) -> None:
    """New, from the pool, moved to another commit, cleaned, and beside others of the same Promotion."""
    client = await _bounded(tmp_path, server, CheckoutBounds(files=5))
    small = {f"f{number}": "x" for number in range(4)}
    repository = client.open(server.create("app.git", small))
    tree = await _checked_out(client, repository)
    large = server.commit("app.git", {"f5": "x", "f6": "x"})
    await repository.resolve(branch="main")
    with pytest.raises(errors.TooLarge, match="it has 6 files, and 5 are allowed"):
        await tree.move_to(large, "main")
    assert tree.head != large
    (tree.admin / "HEAD").write_text(f"{large}\n")  # as a program in it may have left it
    with pytest.raises(errors.TooLarge):
        await tree.clean()
    await repository.give_back(tree)
    assert client.pool.idle == 1
    with pytest.raises(errors.TooLarge):
        await _checked_out(client, repository)
    assert client.pool.idle == 1
    server.commit("app.git", {"f5": None, "f6": None})
    tree = await _checked_out(client, repository)
    with pytest.raises(
        errors.TooLarge, match="1 are allowed, beside 1 work trees of the same Promotion, by"
    ):
        await repository.checkout(
            await repository.resolve(branch="main"),
            path=client.work(1),
            project="p",
            beside=[tree],
        )
    await client.repositories.close()


async def test_a_sparse_checkout_counts_what_it_writes(tmp_path: Path, server: GitServer) -> None:
    """Files beside the way and below; of what git only lists, four times as many may be there."""
    client = await _bounded(tmp_path, server, CheckoutBounds(files=6, bytes=1000))
    files = {
        "root": "12",
        "a/beside": "345",
        "a/b/c/in": "6789",
        "a/b/in": "5",
        "a/x/out": "y" * 2000,
    }
    files |= {f"z/{number}": "z" for number in range(12)}
    repository = client.open(server.create("app.git", files))
    tree = await _checked_out(client, repository, sparse=["a/b"])
    found = tree.extent
    assert (found.files, found.folders, found.bytes, found.depth) == (4, 3, 10, 3)
    assert found.longest_path == len("a/b/c/in")
    written = [path for path in client.work().rglob("*") if path.is_file() and path.name != ".git"]
    assert len(written) == found.files
    with pytest.raises(errors.TooLarge, match="2,010 bytes, and 1,000"):
        await _checked_out(client, repository, 1, sparse=["a"])
    server.commit("app.git", {f"y/{number}": "z" for number in range(12)})
    with pytest.raises(errors.TooLarge, match="which also a sparse checkout lists"):
        await _checked_out(client, repository, 1, sparse=["a/b"])
    await client.repositories.close()


async def test_what_is_counted_is_what_git_writes(client: Client, server: GitServer) -> None:
    """Files, links, submodules and executables, as the file system sees them; and twice the same by what is known."""
    url = server.create("app.git", {"a": "1" * 5000, "d/b": "2", "d/e/c": ""})
    repository = client.open(url)
    for number in range(2):
        tree = await _checked_out(client, repository, number)
        found = tree.extent
        inside = [path for path in tree.path.rglob("*") if path.name != ".git"]
        kept = [path for path in inside if path.is_file()]
        assert found.files == len(kept)
        assert found.folders == len(inside) - len(kept)
        assert found.bytes == sum(path.stat().st_size for path in kept)
        assert found.disk == 2 * 4096 + 4096 + 2 * 4096
    assert len(repository.mirror.measures.checkouts) == 1


async def test_blobs_are_fetched_at_once_and_only_those_needed(
    client: Client, server: GitServer
) -> None:
    """A partial clone: the sizes come with the contents, in one request, before files are written."""
    url = server.create("app.git", {"in/a": "1", "in/b": "2", "out/c": "3"})
    repository = client.open(url, Options(blobless=True))
    resolved = await repository.resolve(branch="main")
    before = len(server.requests)
    await repository.checkout(resolved, path=client.work(), project="p", sparse=["in"])
    assert len([each for each in server.requests[before:] if each.method == "POST"]) <= 2
    found = await measuring.fit(
        repository.mirror, resolved.commit, client.work(), sparse=["in"], bounds=CheckoutBounds()
    )
    assert (found.files, found.bytes) == (2, 2)


async def test_a_commit_that_is_none(client: Client, server: GitServer) -> None:
    """A branch that leads to a file is refused by name, not by a crash."""
    url = server.create("odd.git", {"a": "1"})
    repository = client.open(url)
    await repository.resolve(branch="main")
    with pytest.raises(errors.NotFound, match="is no commit"):
        await client.pool.checkout(
            repository.mirror, path=client.work(), commit="0" * 39 + "1", project="p"
        )
    assert _nothing_written(client)
