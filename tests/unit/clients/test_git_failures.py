"""Git's words, told apart."""

from __future__ import annotations

import pytest

from towpath.clients.git import failures, remote


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("fatal: Authentication failed for 'https://h/r/'", failures.AuthenticationFailed),
        (
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
            failures.AuthenticationFailed,
        ),
        (
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            failures.AuthenticationFailed,
        ),
        ("fatal: repository 'https://h/r/' not found", failures.RepositoryNotFound),
        (
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
            failures.RepositoryNotFound,
        ),
        ("fatal: unable to access 'https://h/r/': Could not resolve host: h", failures.Unreachable),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", failures.Unreachable),
        (
            "fatal: unable to access 'https://h/': The requested URL returned error: 503",
            failures.Unreachable,
        ),
        ("fatal: couldn't find remote ref refs/heads/x", failures.RefNotFound),
        (
            "error: object file objects/ab/cd is empty\nfatal: loose object abcd is corrupt",
            failures.CorruptMirror,
        ),
        ("remote: fatal: bad object abcd\nfatal: protocol error", failures.GitFailed),
        ("fatal: something new", failures.GitFailed),
    ],
)
def test_each_cause_is_an_error_of_its_own(stderr: str, kind: type[Exception]) -> None:
    """And names the repository, what was done, and git's reason."""
    error = failures.of("https://h/r", "fetching from", stderr)
    assert type(error) is kind
    assert "fetching from https://h/r: " in str(error)


def test_a_reason_is_the_line_that_names_it() -> None:
    """Hints and progress are left out."""
    said = failures.saying("warning: x\nhint: y\nfatal: the reason\nhint: z")
    assert said == "the reason"
    assert failures.saying("") == "git said nothing"
    assert len(failures.saying("x" * 5000).encode()) == 2048


def test_what_the_server_said_is_kept_in_order() -> None:
    """Also lines redrawn in place."""
    stderr = "remote: one   \nfatal: ours\nremote: \nremote: 50%\rremote: two\n"
    assert failures.remote_lines(stderr) == ("one", "50%", "two")


def test_refs_are_read_with_their_peeled_commits() -> None:
    """Names may hold anything but control characters; other refs are left out."""
    a, b, c = "a" * 40, "b" * 40, "c" * 40
    refs = remote.parse(
        f"ref: refs/heads/trunk\tHEAD\n{a}\tHEAD\n{a}\trefs/heads/trunk\n{a}\trefs/heads/ü/x\n"
        f"{b}\trefs/tags/v1\n{c}\trefs/tags/v1^{{}}\n{c}\trefs/tags/light\n{a}\trefs/pull/1/head\n".encode()
    )
    assert refs.default_branch == "trunk"
    assert refs.branches == {"trunk": a, "ü/x": a}
    assert refs.tags == {"v1": remote.Tag("v1", b, c), "light": remote.Tag("light", c, c)}
    assert remote.parse(b"") == remote.Refs({}, {}, None)
