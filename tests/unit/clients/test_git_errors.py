"""Git's words, told apart."""

from __future__ import annotations

import asyncio

import pytest

from towpath.clients.git import git_errors, repository
from towpath.clients.git.mirrors import remote
from towpath.clients.process import Finished


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("fatal: Authentication failed for 'https://h/r/'", git_errors.AuthenticationFailed),
        (
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
            git_errors.AuthenticationFailed,
        ),
        (
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            git_errors.AuthenticationFailed,
        ),
        ("fatal: repository 'https://h/r/' not found", git_errors.RepositoryNotFound),
        (
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
            git_errors.RepositoryNotFound,
        ),
        (
            "fatal: unable to access 'https://h/r/': Could not resolve host: h",
            git_errors.Unreachable,
        ),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", git_errors.Unreachable),
        (
            "fatal: unable to access 'https://h/': The requested URL returned error: 503",
            git_errors.Unreachable,
        ),
        ("fatal: couldn't find remote ref refs/heads/x", git_errors.RefNotFound),
        (
            "error: object file objects/ab/cd is empty\nfatal: loose object abcd is corrupt",
            git_errors.CorruptMirror,
        ),
        ("remote: fatal: bad object abcd\nfatal: protocol error", git_errors.GitFailed),
        ("fatal: something new", git_errors.GitFailed),
        (
            (
                "error: object 0b73: hasDotgit: contains '.git'\nfatal: fsck error in packed object\n"
                "fatal: fetch-pack: invalid index-pack output"
            ),
            git_errors.UnsafeObject,
        ),
        (
            "error in blob 78b1: gitmodulesUrl: disallowed submodule url: -foo\nfatal: index-pack failed",
            git_errors.UnsafeObject,
        ),
        (
            (
                "ssh: connect to host 192.0.2.1 port 22: Connection refused\r\n"
                "fatal: Could not read from remote repository."
            ),
            git_errors.Unreachable,
        ),
        (
            (
                "kex_exchange_identification: Connection closed by remote host\r\n"
                "fatal: Could not read from remote repository."
            ),
            git_errors.Unreachable,
        ),
    ],
)
def test_each_cause_is_an_error_of_its_own(stderr: str, kind: type[Exception]) -> None:
    """And names the repository, what was done, and git's reason."""
    error = git_errors.of("https://h/r", "fetching from", stderr)
    assert type(error) is kind
    assert "fetching from https://h/r: " in str(error)


def test_a_reason_is_the_line_that_names_it() -> None:
    """Hints and progress are left out."""
    said = git_errors.saying("warning: x\nhint: y\nfatal: the reason\nhint: z")
    assert said == "the reason"
    assert git_errors.saying("") == "git said nothing"
    assert len(git_errors.saying("x" * 5000).encode()) == 2048


def test_what_the_server_said_is_kept_in_order() -> None:
    """Also lines redrawn in place."""
    stderr = "remote: one   \nfatal: ours\nremote: \nremote: 50%\rremote: two\n"
    assert git_errors.remote_lines(stderr) == ("one", "50%", "two")


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


_LAST_WORDS = (
    "fatal: Could not read from remote repository.\n\n"
    "Please make sure you have the correct access rights\nand the repository exists.\n"
)


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (
            f"ssh: connect to host 192.0.2.1 port 22: Connection refused\r\n{_LAST_WORDS}",
            "ssh: connect to host 192.0.2.1 port 22: Connection refused",
        ),
        (
            (
                f"Warning: Permanently added 'h' (ED25519) to the list of known hosts.\r\n"
                f"git@h: Permission denied (publickey).\r\n{_LAST_WORDS}"
            ),
            "git@h: Permission denied (publickey).",
        ),
        (
            f'Load key "/proc/12/fd/7": error in libcrypto\r\ngit@h: Permission denied (publickey).\r\n{_LAST_WORDS}',
            'Load key "of the credential": error in libcrypto git@h: Permission denied (publickey).',
        ),
        (
            f"Unable to negotiate with 192.0.2.1 port 22: no matching host key type found.\r\n{_LAST_WORDS}",
            "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found.",
        ),
        (
            (
                "@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@@@@@@@@@\r\n"
                f"Host key for h has changed and you have requested strict checking.\r\n"
                f"Host key verification failed.\r\n{_LAST_WORDS}"
            ),
            "(Host key for h has changed and you have requested strict checking.",
        ),
        (
            "error: cannot run ssh: No such file or directory\nfatal: unable to fork\n",
            "cannot run ssh: No such file or directory",
        ),
        (
            (
                "error: object 0b73: hasDotgit: contains '.git'\nfatal: fsck error in packed object\n"
                "fatal: fetch-pack: invalid index-pack output"
            ),
            "object 0b73: hasDotgit: contains '.git'",
        ),
    ],
)
def test_the_line_that_names_the_cause_is_kept(stderr: str, said: str) -> None:
    """What a program said that git had called, not git's last words about it."""
    assert said in str(git_errors.of("ssh://h/r", "fetching from", stderr))
    assert "correct access rights" not in str(git_errors.of("ssh://h/r", "fetching from", stderr))


@pytest.mark.parametrize(
    ("code", "stderr", "said"),
    [
        (-9, "", "killed by signal 9 (SIGKILL)"),
        (-11, "", "killed by signal 11 (SIGSEGV)"),
        (128, "error: index-pack died of signal 9\nfatal: x", "killed by signal 9 (SIGKILL)"),
        (-40, "", "killed by signal 40"),
        (-13, "", ""),
        (1, "fatal: x", ""),
        (0, "error: index-pack died of signal 9", ""),
    ],
)
def test_a_signal_is_told(code: int, stderr: str, said: str) -> None:
    """That of git and that of a program it called; a broken pipe is the consequence of something else."""
    assert git_errors.signal_of(Finished(code, b"", stderr)) == said


async def test_a_long_list_of_refs_lets_others_have_a_turn() -> None:
    """It is read part by part, and comes to the same."""
    commit = "a" * 40
    listed = "".join(f"{commit}\trefs/heads/b{number}\n" for number in range(20_000)).encode()
    listed += f"ref: refs/heads/b7\tHEAD\n{commit}\trefs/tags/x\n".encode()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    found = await remote.read(listed)
    other.cancel()
    assert turns >= 4
    assert found == remote.parse(listed)
    assert (len(found.branches), found.default_branch, list(found.tags)) == (20_000, "b7", ["x"])


def test_long_names_are_neither_compared_nor_shown_whole() -> None:
    """A server decides how long its branches are, and everybody waits for the message."""
    there = [f"{'ab' * 2_000}{number}" for number in range(300)]
    said = repository.some("ab" * 2_000, there)
    assert len(said) < 4_000
    assert said.endswith("and 290 more")
    assert repository.some("mian", ["x", "main", "z"]).startswith("main, x")


def test_no_credentials_is_not_wrong_credentials() -> None:
    """Who has no Secret for a repository is not sent to check one."""
    none = git_errors.of(
        "https://h/r", "fetching", "fatal: could not read Username for 'https://h': disabled"
    )
    assert "there are none for it" in str(none)
    assert "towpath creds explain https://h/r" in str(none)
    wrong = git_errors.of(
        "https://h/r", "fetching", "fatal: Authentication failed for 'https://h/r/'"
    )
    assert "check the Secret" in str(wrong)
