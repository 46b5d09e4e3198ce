"""What git says of this machine: the folders of the server are not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.clients.git.program.command import Git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("is_link", [False, True])
async def test_what_git_says_names_no_folder_of_the_server(tmp_path: Path, is_link: bool) -> None:
    """It goes into conditions and messages; the rest of what it says stays."""
    root = tmp_path / "data"
    for folder in ("git/home", "git/mirrors/one", "work/tree"):
        (root / folder).mkdir(parents=True)
    if is_link:
        (tmp_path / "link").symlink_to(root)
        root = tmp_path / "link"
    git = Git(home=root / "git" / "home")
    for directory, arguments in (
        (root / "work" / "tree", ("--git-dir", str(root / "git/mirrors/one"), "status")),
        (root / "git/mirrors/one", ("--git-dir", str(root / "git/mirrors/one"), "status")),
        (root / "work" / "tree", ("hash-object", str(root / "work/tree/none"))),
    ):
        finished = await git.run(*arguments, directory=directory)
        assert finished.code != 0
        assert str(tmp_path) not in finished.stderr
        assert (
            "mirrors/one" in finished.stderr
            or "here" in finished.stderr
            or "none" in finished.stderr
        )
