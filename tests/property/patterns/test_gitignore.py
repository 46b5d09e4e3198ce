"""What our ignore rules let through is what git lists of the same folder with the same rules."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath.patterns import PatternError, gitignore

NAMES = ("a", "b", "ab", "a.md", "b.md", "A", "-", "[", "]", "!a", "#b", "a b", "x\\y", "é")
FOLDERS = ("", "a", "b", "a/b", "b/a", "b/a/b", "ab", "d", "d/e")
TREE = tuple(
    path
    for folder in FOLDERS
    for name in NAMES
    if (path := f"{folder}/{name}".lstrip("/")) not in FOLDERS
)
PIECES = st.sampled_from(
    ["a", "b", "ab", ".md", "*", "**", "?", "/", "/**/", "**/", "/**", "!", "#", "\\", " ", "[", "]",
     "[a-b]", "[!a]", "[^-]", "[[:alpha:]]", "[[:x]", "[a-", "-", "d", "e", "[.-0]", "\\ ", "é"]
)  # fmt: skip
RULES = st.lists(st.lists(PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=4)


def _listed_by_git(root: Path, rules: str) -> set[str]:
    (root / ".git" / "info" / "exclude").write_text(rules, "utf-8", newline="")
    listing = subprocess.run(
        ["git", "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(root)},
    )
    return {each for each in listing.stdout.decode().split("\0") if each}


def _run(how: settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(["git", "init", "-q", folder], check=True)
        for path in TREE:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()

        @how
        @given(RULES)
        @example(["*", "!a/"])
        @example(["a/**", "!a/b"])
        @example(["a", "!a/b/a"])
        def agrees(lines: list[str]) -> None:
            rules = "\n".join(lines) + "\n"
            # Behind plain text git takes `**/` for folders, against its own documentation: `a**/b` is not compared.
            assume(not re.search(r"[^/!\n*]\*\*+/", rules))
            if "?" in rules or "[" in rules:  # git compares bytes there, we compare characters
                known = {path for path in TREE if path.isascii()}
            else:
                known = set(TREE)
            try:
                ours = gitignore.read(rules)
            except PatternError:
                return
            let_through = {path for path in known if not ours.hides(path, is_folder=False)}
            assert let_through == _listed_by_git(root, rules) & known

        agrees()


@pytest.mark.slow
def test_like_git() -> None:
    """A part of them in every run."""
    _run(settings(max_examples=examples(150), deadline=None))


@pytest.mark.soak
def test_like_git_at_length() -> None:
    """Many more."""
    _run(settings(max_examples=5_000, deadline=None))
