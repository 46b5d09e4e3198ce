"""What can go wrong with a Git server or repository, and how git's own words are told apart.

Each failure is one of the small vocabulary of `towpath.errors`, narrowed so that a caller can act on it:
ask for other credentials, wait, make the branch, or give up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import Sequence


class AuthenticationFailed(errors.Forbidden):
    """The server did not accept the credentials, or wants some and none are configured."""


class HostKeyUnknown(errors.Forbidden):
    """Nobody said which key an SSH server has, or it has another one now."""


class RepositoryNotFound(errors.NotFound):
    """The server knows no such repository, or hides it from these credentials."""


class RefNotFound(errors.NotFound):
    """The branch, tag or commit is not in the repository."""


class EmptyRepository(errors.NotFound):
    """The repository has no commit yet."""


class PathNotFound(errors.NotFound):
    """The commit has no such file."""


class Unreachable(errors.Unavailable):
    """The server cannot be reached or broke off; trying later may succeed."""


class CorruptMirror(errors.Unavailable):
    """The local mirror is damaged; it is made anew on the next use."""


class GitFailed(errors.Unavailable):
    """Git ended with an error that none of the others describes."""


_AUTHENTICATION: Final = (
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "permission denied (",
    "the requested url returned error: 401",
    "the requested url returned error: 403",
    "invalid username or password",
    "http basic: access denied",
)
_NOT_FOUND: Final = (
    "repository not found",
    "the requested url returned error: 404",
    "' not found",
    "does not appear to be a git repository",
    "project you were looking for could not be found",
)
_UNREACHABLE: Final = (
    "could not resolve host",
    "failed to connect",
    "couldn't connect",
    "connection refused",
    "connection timed out",
    "connection reset",
    "operation too slow",
    "the requested url returned error: 5",
    "the requested url returned error: 429",
    "remote end hung up",
    "early eof",
    "rpc failed",
    "empty reply from server",
    "server certificate verification failed",
    "ssl certificate problem",
    "network is unreachable",
    "no route to host",
    "operation timed out",
    "unexpected disconnect",
)
_CORRUPT: Final = (
    "objects/",
    "object file",
    "loose object",
    "is corrupt",
    "bad object",
    "unable to read tree",
    "missing blob object",
    "missing tree object",
    "invalid sha1 pointer",
    "not a git repository",
    "bad config",
    "inflate",
    "packfile",
    "did not match index",
    "object directory",
    "bad packed object",
    "unable to parse object",
    "could not parse commit",
    "unable to unpack",
    "revision walk setup failed",
)


def of(repository: str, doing: str, stderr: str) -> errors.TowpathError:
    """Return the error for git's `stderr` (already masked) while `doing` something to `repository`."""
    lowered = stderr.lower()
    # What the server says about its own disk is not about ours.
    ours = "\n".join(line for line in lowered.splitlines() if not line.startswith("remote:"))
    said = saying(stderr)
    if "couldn't find remote ref" in lowered or "not our ref" in lowered:
        return RefNotFound(f"{doing} {repository}: the server has no such ref ({said})")
    if "host key verification failed" in lowered:
        return HostKeyUnknown(
            f"{doing} {repository}: the SSH key of the server is not known, or not the one that is; put the server's "
            "lines of a known_hosts file under knownHosts into the Secret of this repository"
        )
    if _any(_AUTHENTICATION, lowered):
        return AuthenticationFailed(
            f"{doing} {repository}: the server refused the credentials ({said}); "
            "check the Secret that holds those of this repository"
        )
    if _any(_NOT_FOUND, lowered):
        return RepositoryNotFound(
            f"{doing} {repository}: there is no such repository, or these credentials may not see it ({said})"
        )
    if _any(_UNREACHABLE, lowered):
        return Unreachable(f"{doing} {repository}: the server cannot be reached ({said})")
    if _any(_CORRUPT, ours):
        return CorruptMirror(f"{doing} {repository}: the local mirror is damaged ({said})")
    return GitFailed(f"{doing} {repository}: {said}")


def saying(stderr: str) -> str:
    """Return the line of `stderr` that names the cause, or all of it in one line if none does."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    for word in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(word):
                return foreign(line.removeprefix(word))
    return foreign(" ".join(lines)) or "git said nothing"


def remote_lines(stderr: str) -> tuple[str, ...]:
    """Return what the server said: the text of git's `remote: ` lines, in order."""
    said = "\n".join(
        line.removeprefix("remote:").strip()
        for line in stderr.replace("\r", "\n").splitlines()
        if line.startswith("remote:")
    )
    return tuple(line.strip() for line in foreign(said).splitlines() if line.strip())


def _any(words: Sequence[str], text: str) -> bool:
    return any(word in text for word in words)
