"""Steps that copy, delete, write and archive files."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from tests.support import steps
from tests.support.steps import contents, put, run, said, told
from towpath.promotion.steps.copy import Copy
from towpath.promotion.steps.delete import Delete
from towpath.promotion.steps.file_write import FileWrite
from towpath.promotion.steps.tar import Tar
from towpath.promotion.steps.untar import Untar

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"src/a.txt": "A", "src/b.md": "B", "src/sub/c.txt": "C", "src/.git/config": "x"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work directory with a few files."""
    folder = tmp_path / "work"
    folder.mkdir(mode=0o700)
    put(folder, FILES)
    return folder


# --- copy --------------------------------------------------------------------------------------------


async def test_copy_merges_and_overwrites(root: Path) -> None:
    """What is there and is not copied stays; permissions come along; links are left out."""
    put(root, {"dst/a.txt": "old", "dst/keep": "K"})
    (root / "src" / "sub" / "c.txt").chmod(0o755)
    (root / "src" / "link").symlink_to("a.txt")
    outcome = await run(Copy(), root, {"inPath": "src", "outPath": "dst"})
    assert told(outcome) == "src → dst: 3 files copied"
    found = {name: text for name, text in contents(root).items() if name.startswith("dst/")}
    assert found == {"dst/a.txt": "A", "dst/b.md": "B", "dst/keep": "K", "dst/sub/c.txt": "C"}
    assert stat.S_IMODE((root / "dst/sub/c.txt").stat().st_mode) == 0o755


async def test_copy_into_itself_ends(root: Path) -> None:
    """What was there at the beginning is copied, not the copies."""
    outcome = await run(Copy(), root, {"inPath": "src", "outPath": "src/sub/again"})
    assert said(outcome) in {("Succeeded", True), ("Errored", False)}
    assert not (root / "src/sub/again/sub/again/sub").exists()


async def test_copy_of_nothing_is_an_error(root: Path) -> None:
    """It names the path."""
    outcome = await run(Copy(), root, {"inPath": "nope", "outPath": "dst"})
    assert said(outcome) == ("Errored", False)
    assert "nope" in told(outcome)


async def test_rules_that_are_too_many_are_final(root: Path) -> None:
    """Trying again would not help."""
    config = {"inPath": "src", "outPath": "dst", "ignore": "\n".join(map(str, range(3000)))}
    outcome = await run(Copy(), root, config)
    assert said(outcome) == ("Errored", True)
    assert "config.ignore: 3,000 ignore rules are too many" in told(outcome)


# --- delete ------------------------------------------------------------------------------------------


async def test_delete_by_glob(root: Path) -> None:
    """Folders that match go whole; what lies in them is not counted again."""
    outcome = await run(
        Delete(), root, {"paths": ["./src/**/*.txt", "src/s*"], "pathsAreGlobs": True}
    )
    assert told(outcome) == "deleted src/a.txt, src/sub"
    assert contents(root) == {"src/b.md": "B", "src/.git/config": "x"}


async def test_nothing_is_deleted_when_one_of_several_is_an_error(root: Path) -> None:
    """All are looked for first."""
    outcome = await run(Delete(), root, {"paths": ["src", "nope"], "strict": True})
    assert said(outcome) == ("Errored", False)
    assert "nope is not there" in told(outcome)
    assert contents(root) == FILES


async def test_a_link_is_deleted_as_a_link(root: Path) -> None:
    """What it leads to stays."""
    (root / "link").symlink_to("src")
    assert said(await run(Delete(), root, {"path": "link"})) == ("Succeeded", True)
    assert contents(root) == FILES
    assert not (root / "link").is_symlink()


@pytest.mark.parametrize("path", ["..", "src/../..", "out/x", "/..", "./.."])
@pytest.mark.parametrize("is_glob", [False, True])
async def test_what_leads_out_is_refused(root: Path, path: str, is_glob: bool) -> None:
    """By dots, and through a link in a folder above it."""
    (root.parent / "x").write_text("theirs")
    (root / "out").symlink_to("..")
    outcome = await run(Delete(), root, {"path": path, "pathsAreGlobs": is_glob})
    assert said(outcome)[0] == "Errored"
    assert "outside the working directory" in told(outcome)
    assert (root.parent / "x").read_text() == "theirs"


@pytest.mark.parametrize("path", [".", "/", "./"])
async def test_the_work_directory_itself_stays(root: Path, path: str) -> None:
    """However it is named."""
    assert said(await run(Delete(), root, {"path": path})) == ("Errored", False)
    assert contents(root) == FILES


async def test_what_is_not_there_is_fine(root: Path) -> None:
    """And said."""
    outcome = await run(Delete(), root, {"path": "nope"})
    assert (said(outcome), told(outcome)) == (
        ("Succeeded", True),
        "nothing to delete; not there: nope",
    )


async def test_delete_names_the_first_of_many(root: Path) -> None:
    """And says how many more there are, of those that are gone as of those that are not there."""
    for number in range(12):
        (root / f"many-{number:02}").touch()
    missing = [f"no-{number:02}" for number in range(11)]
    given = {"paths": [*(f"many-{number:02}" for number in range(12)), *missing]}
    gone = ", ".join(f"many-{number:02}" for number in range(10))
    lacking = ", ".join(missing[:10])
    said = told(await run(Delete(), root, {**given, "strict": True}))
    assert said == f"{lacking} and 1 more is not there in the work directory"
    said = told(await run(Delete(), root, given))
    assert said == f"deleted {gone} and 2 more; not there: {lacking} and 1 more"


# --- file-write --------------------------------------------------------------------------------------


async def test_file_write(root: Path) -> None:
    """A new file in a new folder; both are the Promotion's alone."""
    outcome = await run(FileWrite(), root, {"path": "new/f.txt", "contents": "é"})
    assert told(outcome) == "new/f.txt: 2 bytes written, permissions 0600"
    assert stat.S_IMODE((root / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "new/f.txt").stat().st_mode) == 0o600


async def test_file_write_after_a_crash_is_the_same(root: Path) -> None:
    """A file of an earlier run of the step does not stop the second; one of somebody else does."""
    config = {"path": "f.txt", "contents": "A", "permissions": "0640"}
    for _ in range(2):
        assert said(await run(FileWrite(), root, config)) == ("Succeeded", True)
    outcome = await run(FileWrite(), root, {**config, "contents": "B"})
    assert said(outcome) == ("Failed", True)
    assert "overwrite: true" in told(outcome)
    assert said(await run(FileWrite(), root, {**config, "contents": "B", "overwrite": True})) == (
        "Succeeded",
        True,
    )


@pytest.mark.parametrize(
    ("path", "permissions", "why"),
    [
        ("/f", "0600", "absolute"),
        ("../f", "0600", "leads out"),
        ("a/../../f", "0600", "leads out"),
        (".git/hooks/x", "0600", r"\.git"),
        ("./.git", "0600", r"\.git"),
        ("x/", "0600", "folder"),
        ("src", "0600", "directory"),
        ("link/f", "0600", "symbolic link"),
        ("f", "0700", "run"),
        ("f", "0601", "run"),
        ("f", "0606", "everybody"),
        ("f", "0602", "everybody"),
        ("f", "1600", "permissions"),
        ("f", "600", "permissions"),
    ],
)
async def test_what_file_write_refuses(root: Path, path: str, permissions: str, why: str) -> None:
    """Each ends it at once, and nothing is written."""
    (root / "link").symlink_to("src")
    config = {"path": path, "contents": "A", "permissions": permissions, "overwrite": True}
    outcome = await run(FileWrite(), root, config)
    assert said(outcome) == ("Failed", True)
    assert re.search(why, told(outcome))
    assert contents(root) == FILES


# --- tar and untar -----------------------------------------------------------------------------------


async def test_there_and_back(root: Path) -> None:
    """A folder, through an archive."""
    outcome = await run(
        Tar(), root, {"inPath": "src", "outPath": "out/x.tgz", "gzip": True, "ignore": "*.md\n.git"}
    )
    assert said(outcome) == ("Succeeded", True)
    assert told(outcome).startswith("out/x.tgz: 2 files of src, ")
    put(root, {"there/old": "gone"})
    outcome = await run(Untar(), root, {"inPath": "out/x.tgz", "outPath": "there"})
    assert told(outcome) == "out/x.tgz → there: 2 files, 2 bytes"
    found = {name: text for name, text in contents(root).items() if name.startswith("there/")}
    assert found == {"there/a.txt": "A", "there/sub/c.txt": "C"}


async def test_an_archive_may_lie_in_what_it_holds(root: Path) -> None:
    """The second has what the first had."""
    for _ in range(2):
        outcome = await run(Tar(), root, {"inPath": ".", "outPath": "x.tar"})
        assert told(outcome).startswith("x.tar: 3 files of .")


async def test_a_bad_archive_leaves_what_was_there(root: Path) -> None:
    """All of it, or nothing."""
    put(root, {"x.tar": "no archive at all", "there/old": "stays"})
    outcome = await run(Untar(), root, {"inPath": "x.tar", "outPath": "there"})
    assert said(outcome) == ("Errored", False)
    assert (root / "there" / "old").read_text() == "stays"
    assert sorted(each.name for each in root.parent.iterdir()) == ["work"]


async def test_a_folder_is_no_archive(root: Path) -> None:
    """It is said."""
    outcome = await run(Untar(), root, {"inPath": "src", "outPath": "there"})
    assert said(outcome) == ("Errored", False)


async def test_an_archive_is_made_in_a_process_of_its_own(root: Path) -> None:
    """So that nobody waits, and it can be ended: a named pipe in the folder is seen, not opened."""
    os.mkfifo(root / "src" / "pipe")
    outcome = await run(Tar(), root, {"inPath": "src", "outPath": "x.tar"})
    assert said(outcome) == ("Errored", False)
    assert "pipe" in told(outcome)


async def test_hostile_names_reach_nothing(root: Path) -> None:
    """Neither by the paths of the configuration nor by links in the work directory."""
    (root / "out").symlink_to("/etc")
    await run(Tar(), root, {"inPath": "src", "outPath": "out/x.tar"})
    assert (root / "etc" / "x.tar").exists()
    assert steps.contents(root)["etc/x.tar"]
