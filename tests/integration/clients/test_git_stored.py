"""What is read of a mirror without git is what git would have said, or nothing."""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.git_client import committed
from towpath import errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import ANONYMOUS
from towpath.clients.git.mirrors import loose
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.mirrors.mirror import Mirror
from towpath.clients.git.mirrors.recall import Recall
from towpath.clients.git.objects import (
    ancestry,
    commits,
    differing,
    objects,
    stored,
    tree_edits,
    walk_bound,
)
from towpath.clients.git.program.command import Git

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer

_PATHS = st.lists(st.sampled_from(["a", "a.b", "ü", "z\n"]), min_size=1, max_size=3).map("/".join)
_FILES = st.dictionaries(_PATHS, st.binary(max_size=3), min_size=1, max_size=6).filter(
    lambda files: not any(other.startswith(path + "/") for path in files for other in files)
)


def _mirror(root: Path) -> Mirror:
    address = addresses.parse("https://git.example/app.git")
    (root / "home").mkdir()
    return Mirror(
        git=Git(home=root / "home"),
        root=root,
        address=address,
        transport=address,
        credential=ANONYMOUS,
        options=Options(),
    )


async def _tree(mirror: Mirror, files: dict[str, bytes]) -> str:
    return await tree_edits.edit(
        mirror, None, {path: tree_edits.Content(data) for path, data in files.items()}
    )


@settings(max_examples=10)
@given(before=_FILES, after=_FILES)
async def test_what_differs_is_what_git_says(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    """For any two trees."""
    with tempfile.TemporaryDirectory() as folder:
        mirror = _mirror(Path(folder))
        one, other = await _tree(mirror, before), await _tree(mirror, after)
        found = await differing.between(mirror, one, other)
        said = await mirror.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", one, other)
        assert found is not None
        assert sorted(found) == sorted(filter(None, said.stdout.decode().split("\0")))
        assert {path for path, (was, _) in found.items() if was} == found.keys() & before.keys()


async def test_large_folders_that_are_in_one_many_times_are_left_to_git(tmp_path: Path) -> None:
    """What there is to compare is more than what is stored; others have their turns meanwhile."""
    mirror = _mirror(tmp_path)
    await mirror.ensure()
    blob = bytes.fromhex(stored.write(mirror, "blob", b"x"))
    files = b"".join(b"100644 %05d\0%b" % (number, blob) for number in range(3_000))
    folder = bytes.fromhex(stored.write(mirror, "tree", files))

    def times(many: int) -> str:
        lines = (b"40000 %03d\0%b" % (number, folder) for number in range(many))
        return stored.write(mirror, "tree", b"".join(lines))

    few = await differing.between(mirror, None, times(2))
    assert few is not None
    assert len(few) == 6_000
    task = asyncio.ensure_future(differing.between(mirror, None, times(120)))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert task.result() is None
    assert turns > walk_bound.MOST_BYTES / (512 << 10)


@settings(max_examples=12)
@given(
    shape=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=2), min_size=4, max_size=12),
    pick=st.tuples(st.integers(0, 100), st.integers(0, 100)),
)
async def test_what_one_commit_lacks_is_what_git_says(
    shape: list[list[int]], pick: tuple[int, int]
) -> None:
    """For any history, of merges too; where it cannot be told without git, nothing is said."""
    with tempfile.TemporaryDirectory() as folder:
        mirror = _mirror(Path(folder))
        tree = await _tree(mirror, {"file": b"1"})
        names: list[str] = []
        for number, back in enumerate(shape):
            above = dict.fromkeys(names[-each] for each in back if each <= len(names))
            who = f"A <a@example.com> {number} +0000"
            names.append(
                commits.store(
                    mirror, tree=tree, parents=list(above), author=who, committer=who, message="m\n"
                )
            )
        theirs, ours = names[pick[0] % len(names)], names[pick[1] % len(names)]
        found = await ancestry.lacking(mirror, theirs, ours)
        said = await mirror.run("rev-list", "--reverse", "--topo-order", f"{theirs}..{ours}")
        if found is not None:
            assert list(found.commits) == said.stdout.decode().split()
            assert await objects.is_ancestor(mirror, found.fork, theirs)
            first = found.commits[0] if found.commits else ours
            parents = (await objects.read_commit(mirror, first)).parents
            assert found.fork in ((found.fork,) if first == found.fork else parents)
        elif all(len(back) == 1 for back in shape):
            base = await mirror.run("merge-base", theirs, ours)
            assert base.code == 1, "a history without merges was left to git"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-7],
        lambda _: zlib.compress(b"blob 3\0abcd"),
        lambda _: zlib.compress(b"blob 3\0abd"),
        lambda _: zlib.compress(b"blob 99999999999\0abc"),
        lambda _: zlib.compress(b"blob \xb2\0abc"),
        lambda _: zlib.compress(b"blog 3\0abc"),
        lambda _: zlib.compress(b"blob 3" + b" " * 100),
        lambda _: b"",
        lambda _: b"\0" * 50,
    ],
)
async def test_a_spoilt_object_is_left_to_git(tmp_path: Path, spoil: object) -> None:
    """It is not read here, and whether it is there at all is not said."""
    mirror = _mirror(tmp_path)
    await mirror.ensure()
    name = tree_edits.write_blob(mirror, b"abc")
    assert loose.read(mirror.directory, name) == ("blob", b"abc")
    assert loose.head(mirror.directory, name) == ("blob", 3)
    path = mirror.directory / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    assert callable(spoil)
    path.write_bytes(spoil(path.read_bytes()))
    mirror.recall.forget(mirror.key)
    assert loose.read(mirror.directory, name) is None
    assert stored.here(mirror, name) is None


async def test_a_commit_of_a_mirror_that_went_is_not_known(
    client: Client, server: GitServer
) -> None:
    """What was kept in mind goes with the mirror, and is not known of another one."""
    repository = client.open(server.create("app.git", {"values.yaml": "tag: v1\n"}))
    base = (await repository.resolve(branch="main")).commit
    made = await committed(repository, base, {"values.yaml": "tag: v2\n"})
    mirror = repository.mirror
    assert await mirror.find(made) == made
    assert await ancestry.surely_contains(mirror, made, base)
    assert not await ancestry.surely_contains(mirror, base, made)
    await mirror.discard()
    assert await mirror.find(made) is None
    assert not await ancestry.surely_contains(mirror, made, made)
    with pytest.raises(errors.TowpathError):
        await objects.read_commit(mirror, made)


def test_what_is_kept_in_mind_is_bounded() -> None:
    """The longest unasked goes first; tags and large objects are not kept at all."""
    recall = Recall(3 * 1200)
    for number in range(3):
        recall.keep("m", f"{number}", "tree", bytes(1000))
    assert recall.find("m", "0") == ("tree", bytes(1000))
    recall.keep("m", "3", "commit", bytes(1000))
    assert recall.find("m", "1") is None
    assert recall.find("m", "0") is not None
    recall.keep("m", "4", "tag", b"")
    recall.keep("m", "5", "tree", bytes(2 << 20))
    assert recall.find("m", "4") is None
    assert recall.find("m", "5") is None
    assert recall.find("n", "0") is None
    recall.forget("m")
    recall.keep("m", "6", "tree", bytes(3200))
    recall.keep("n", "7", "tree", bytes(0))
    assert recall.find("m", "6") is not None
