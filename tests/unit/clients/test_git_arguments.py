"""Names of branches, tags, commits and paths, held to git's own judgement."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath import errors
from towpath.clients.git import arguments

_PIECES = st.sampled_from(
    [
        "a",
        "main",
        "-",
        "--",
        ".",
        "..",
        "/",
        "//",
        ".lock",
        "@",
        "@{",
        "{",
        "~",
        "^",
        ":",
        "?",
        "*",
        "[",
        "\\",
        " ",
        "\t",
        "\x7f",
        "ü",
        "HEAD",
        "lock",
        "refs/heads/",
        "é",
        "]",
        "}",
        "#",
        "$(x)",
        "'",
    ]
)
_NAMES = st.lists(_PIECES, max_size=5).map("".join)


def _git_accepts(name: str) -> bool:
    checked = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False)
    return checked.returncode == 0


@settings(max_examples=examples(150))
@given(_NAMES)
def test_branches_are_judged_as_git_does(name: str) -> None:
    """The same, except that a leading dash, refs/, @ and HEAD are refused too."""
    stricter = name.startswith(("-", "refs/")) or name in ("@", "HEAD", "")
    try:
        accepted = arguments.branch(name) == name
    except errors.BadRequest:
        accepted = False
    assert accepted == (_git_accepts(name) and not stricter)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("-upload-pack=x", "begins with '-'"),
        ("a..b", "holds '..'"),
        ("a:b", "one of"),
        ("a\nb", "control character"),
        ("x" * 256, "longer than 255"),
        ("\udc80", "not valid Unicode"),
        ("a.lock/b", "ends with '.lock'"),
        ("refs/heads/main", "begins with refs/"),
    ],
)
def test_errors_give_the_reason(name: str, reason: str) -> None:
    """And name the branch."""
    with pytest.raises(errors.BadRequest, match="branch ") as caught:
        arguments.branch(name)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "sha", ["", "abc", "abcdef", "xyz1234", "-" * 40, "a" * 65, "HEAD", "a" * 39 + "\n"]
)
def test_commits_are_hexadecimal(sha: str) -> None:
    """Nothing else can be meant by it."""
    with pytest.raises(errors.BadRequest, match="hexadecimal"):
        arguments.commit(sha)


def test_commits_are_lower_cased() -> None:
    """Both spellings are one commit; a shortened one is not enough where an id is stored."""
    assert arguments.commit("ABCDEF0") == "abcdef0"
    assert arguments.full_commit("A" * 40) == "a" * 40
    with pytest.raises(errors.BadRequest, match="shortened"):
        arguments.full_commit("abcdef0")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc",
        "a//b",
        "a/",
        "./a",
        "a/..",
        "..",
        "a\x00b",
        "x/" * 3000 + "x",
        ".git",
        ".GIT/config",
        "a/.git/x",
        "git~1",
        ".git.",
        ".git /x",
        ".g\u200cit",
        ".git::$DATA",
    ],
)
def test_paths_that_could_do_harm_are_refused(path: str) -> None:
    """Outside the tree, or any spelling of `.git`."""
    with pytest.raises(errors.BadRequest, match="path "):
        arguments.path(path)


@pytest.mark.parametrize(
    "path", ["a", "-a", "a b/ü", ".gitignore", ".github/x", "a\nb", "git~2", "...", "*"]
)
def test_other_paths_pass(path: str) -> None:
    """Odd ones too: git stores them."""
    assert arguments.path(path) == path


@pytest.mark.parametrize(
    ("directory", "reason"),
    [
        ("/a", "absolute"),
        ("a/../b", "not plain"),
        ("a*", "glob"),
        ('a"', "quote"),
        ("!a", "glob"),
        ("a\n", "control"),
    ],
)
def test_sparse_directories_are_plain(directory: str, reason: str) -> None:
    """Cone mode knows directories, not patterns."""
    with pytest.raises(errors.BadRequest, match=reason):
        arguments.directory(directory)
    assert arguments.directory("./a/b/") == "a/b"
