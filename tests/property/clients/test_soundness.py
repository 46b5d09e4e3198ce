"""What is taken for sound without git's looking at it has no fault that `git fsck --strict` knows."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import git_server
from towpath.clients.git.mirrors import loose
from towpath.clients.git.wire import packs, soundness

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO = b"Ana Example <ana@example.com> 1700000000 +0100"
TREE = b"4b825dc642cb6eb9a060e54bf8d69288fbee4904"
BLOB = packs.named("blob", b"x")

NAMES = st.sampled_from(
    [
        b"a", b"b", b"a.b", b"a0", b"\xc3\xbc", b".", b"..", b".git", b".GIT", b".Git", b".git ", b".git.", b"git~1",
        b"GIT~1", b".gitmodules", b".gitmodules ", b"gitmod~1", b"GI7EBA~1", b".gitattributes", b".GITATTRIBUTES",
        b".gitignore", b".github", b".g\xe2\x80\x8cit", b"\xe2\x80\x8c.git", b".gi\xef\xbb\xbft", b"a/b", b"a\\.git", b".git\\x",
        b".git:x", b".mailmap", b".gitkeep", b"a\x01", b"%s" % (b"n" * 260), b".git::$INDEX_ALLOCATION",
    ]
) | st.binary(min_size=1, max_size=6).filter(lambda name: b"\0" not in name)  # fmt: skip
MODES = st.sampled_from(
    [b"100644", b"100755", b"40000", b"120000", b"160000", b"100664", b"040000", b"0100644", b"100600"]
)  # fmt: skip
LINES = st.lists(st.tuples(MODES, NAMES, st.sampled_from([BLOB, "0" * 40])), max_size=4)
HEADS = st.lists(
    st.sampled_from(
        [
            b"tree " + TREE, b"parent " + b"1" * 40, b"author " + WHO, b"committer " + WHO, b"author Ana<a@b> 1 +0000",
            b"author Ana <a@b> 01 +0000", b"author Ana <a@b> 1 +00", b"author <a@b> 1 +0000", b"committer Ana a@b 1 +0000",
            b"committer A\0 <a@b> 1 +0000", b"encoding x", b"gpgsig x\n y", b"author Ana <a@b> 99999999999999999999 +0000",
            b"tree x", b"committer Ana <<a@b> 1 +0000", b"mergetag object x\n type commit", b"",
        ]
    ),
    min_size=3, max_size=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    """One for all objects that are looked at."""
    with tempfile.TemporaryDirectory() as folder:
        git_server.git(Path(folder), "init", "--quiet", "--bare")
        for kind, content in (("blob", b"x"), ("tree", b"")):
            loose.write(Path(folder), kind, content)
        yield Path(folder)


def _faults(repository: Path, kind: str, content: bytes) -> list[str]:
    """Return what git finds in one object; what it leads to is another question, which `wholeness` answers."""
    name = loose.write(repository, kind, content)
    finished = subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling", "--no-progress"],
        cwd=repository, capture_output=True, check=False,
    )  # fmt: skip
    (repository / "objects" / name[:2] / name[2:]).unlink()
    said = (finished.stderr + finished.stdout).decode("utf-8", "replace").splitlines()
    led = [each for each in said if name in each and not each.startswith("missing")]
    return [each for each in led if not each.endswith(": broken links")]


def _tree(lines: list[tuple[bytes, bytes, str]], *, is_sorted: bool) -> bytes:
    if is_sorted:
        lines = sorted(lines, key=lambda each: each[1] + (b"/" if each[0] == b"40000" else b""))
    return b"".join(b"%b %b\0%b" % (mode, name, bytes.fromhex(id_)) for mode, name, id_ in lines)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, is_sorted=st.sampled_from([True, True, True, False]))
def test_a_tree_that_is_taken_for_sound_is(
    repository: Path, lines: list[tuple[bytes, bytes, str]], *, is_sorted: bool
) -> None:
    """Whatever its lines are."""
    content = _tree(lines, is_sorted=is_sorted)
    if soundness.is_sound({packs.named("tree", content): ("tree", content)}):
        assert not _faults(repository, "tree", content)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(heads=HEADS, message=st.sampled_from([b"Text\n", b"", b"\0", b"\xff\n"]))
def test_a_commit_that_is_taken_for_sound_is(
    repository: Path, heads: list[bytes], message: bytes
) -> None:
    """Whatever stands in its head."""
    content = b"\n".join(heads) + b"\n\n" + message
    if soundness.is_sound({packs.named("commit", content): ("commit", content)}):
        assert not _faults(repository, "commit", content)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\nparent " + b"1" * 40,
        b"\nparent " + b"1" * 40 + b"\nparent " + b"2" * 40,
    ],
)
@pytest.mark.parametrize(
    "tail", [b"", b"\ngpgsig -----BEGIN\n \n abc=\n -----END", b"\nencoding x"]
)
def test_usual_commits_are_known(repository: Path, head: bytes, tail: bytes) -> None:
    """Else each fetch would be git's."""
    content = (
        b"tree " + TREE + head + b"\nauthor " + WHO + b"\ncommitter " + WHO + tail + b"\n\nText\n"
    )
    assert soundness.is_sound({"c": ("commit", content)})
    assert not [
        each
        for each in _faults(repository, "commit", content)
        if "missing" not in each and "broken" not in each
    ]


def test_usual_trees_are_known(repository: Path) -> None:
    """Folders, links, submodules, programs, and the files that forges and git look for."""
    content = _tree(
        [
            (b"100644", b".gitignore", BLOB), (b"100644", b".gitattributes", BLOB), (b"40000", b".github", TREE.decode()),
            (b"100755", b"run", BLOB), (b"120000", b"link", BLOB), (b"160000", b"module", "1" * 40),
            (b"40000", b"a", TREE.decode()), (b"100644", b"a.b", BLOB), (b"100644", "größe".encode(), BLOB),
        ],
        is_sorted=True,
    )  # fmt: skip
    assert soundness.is_sound({"t": ("tree", content)})
    assert not _faults(repository, "tree", content)


def test_attributes_are_looked_at() -> None:
    """A line that goes on and on is one that git refuses; one that did not come was looked at when it did."""
    rules = packs.named("blob", b"* text\n")
    content = _tree([(b"100644", b".gitattributes", rules)], is_sorted=True)
    assert soundness.is_sound({"t": ("tree", content)})
    assert soundness.is_sound({"t": ("tree", content), rules: ("blob", b"* text\n")})
    assert not soundness.is_sound({"t": ("tree", content), rules: ("blob", b"a" * 2048)})


@pytest.mark.parametrize(
    "found", [("tag", b"x"), ("tree", b"100644 a"), ("tree", b"100644 a\0123")]
)
def test_what_is_not_known_is_left_to_git(found: tuple[str, bytes]) -> None:
    """Tags, and what is cut off."""
    assert not soundness.is_sound({"x": found})


@pytest.mark.parametrize(
    "name",
    [b".git", b".GIT", b".git ", b"git~1", b"GI7EBA~1", b".g\xe2\x80\x8cit", b".gi\xef\xbb\xbft", b"\xe2\x81\xaa.git", b"a\\.git", b"."],
)  # fmt: skip
def test_no_spelling_of_git_is_taken_for_harmless(name: bytes) -> None:
    """Also those that only some file systems read so."""
    content = _tree([(b"100644", name, BLOB)], is_sorted=True)
    assert not soundness.is_sound({"t": ("tree", content)})
