"""What can go wrong with a Git server or repository, and how git's own words are told apart.

Each failure is one of the small vocabulary of `towpath.errors`, narrowed so that a caller can act on it:
ask for other credentials, wait, make the branch, or give up.
"""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.process import Finished


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


class Unreachable(errors.NoAnswer):
    """The server cannot be reached or broke off; trying later may succeed."""


class Killed(Unreachable):
    """A signal ended git, which may have been for want of memory; trying later may succeed."""


class CorruptMirror(errors.Unavailable):
    """The local mirror is damaged; it is made anew on the next use."""


class UnsafeObject(errors.Forbidden):
    """The server sent an object that could do harm, or that is broken, and git refused it."""


class GitFailed(errors.Unavailable):
    """Git ended with an error that none of the others describes."""


# What `git fsck` says of an object that has just come: `error: object ID: rule: what is wrong with it`.
_FSCK: Final = re.compile(
    r"^(?:fatal|error|warning)(?: in \w+ [0-9a-f]+|: object [0-9a-f]+): (?:\w+): .*$",
    re.MULTILINE,
)
_DIED: Final = re.compile(r"^(?:error|fatal): \S+ died of signal ([0-9]+)$", re.MULTILINE)
# Git's last words when a program that it had called failed; the cause stands above them.
_CAUSE_STANDS_ABOVE: Final = (
    "could not read from remote repository",
    "the remote end hung up",
    "unable to fork",
    "early eof",
    "fetch-pack: ",
    "index-pack failed",
    "protocol error: bad pack header",
)
_HINTS: Final = (
    "please make sure you have the correct access rights",
    "and the repository exists.",
    "warning: permanently added",
    "remote:",
    "hint:",
    "@@@",
    "@  ",
)
_MEMORY_FILE: Final = re.compile(r"/proc/[0-9]+/fd/[0-9]+")

_ASKED: Final = ("could not read username", "could not read password", "terminal prompts disabled")
"""git wants to ask for credentials: it was given none."""
_AUTHENTICATION: Final = (
    "authentication failed",
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
    "connection closed",
    "kex_exchange_identification",
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
    if faults := _FSCK.findall(stderr):
        found = foreign("; ".join(line.partition(": ")[2] for line in faults[:3]))
        return UnsafeObject(
            f"{doing} {repository}: git refuses what the server sent: {found}; take the object out of the repository's "
            "history"
        )
    if "couldn't find remote ref" in lowered or "not our ref" in lowered:
        return RefNotFound(f"{doing} {repository}: the server has no such ref ({said})")
    if "host key verification failed" in lowered:
        return HostKeyUnknown(
            f"{doing} {repository}: the SSH key of the server is not known, or not the one that is ({said}); put the server's "
            "lines of a known_hosts file under knownHosts into the Secret of this repository, or have the operator name it "
            "(git.ssh.knownHostsFile)"
        )
    if _any(_ASKED, lowered):
        return AuthenticationFailed(
            f"{doing} {repository}: the server asks for credentials, and there are none for it ({said}); "
            f"towpath creds explain {repository} says which Secrets there are and why they do not serve it"
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
    text = _MEMORY_FILE.sub("of the credential", stderr)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not _any(_CAUSE_STANDS_ABOVE, line.lower())]
    for word in ("fatal: ", "error: "):
        for line in telling:
            if line.startswith(word):
                return foreign(line.removeprefix(word))
    # What ssh says has no mark of its own.
    own = [line for line in telling if not line.lower().startswith(_HINTS)]
    return foreign(" ".join(own or lines)) or "git said nothing"


def signal_of(finished: Finished) -> str:
    """Return `killed by signal 9 (SIGKILL)` if a signal ended git or a program that it had called, else nothing."""
    number = finished.killed_by
    if not number and finished.code != 0 and (died := _DIED.search(finished.stderr)):
        number = int(died[1])
    # So a program ends that writes to one that has ended: a consequence, which has a cause of its own.
    if number in (0, signal.SIGPIPE):
        return ""
    return signal_named(number)


def signal_named(number: int) -> str:
    """Return `killed by signal 9 (SIGKILL)`."""
    try:
        return f"killed by signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"killed by signal {number}"


def killed(program: str, how: str, *, is_twice: bool = False) -> Killed:
    """Return the error for a program that was `killed by signal 9`."""
    return Killed(
        f"{program} was {how}{' twice' if is_twice else ''}; look for want of memory on this machine "
        "(the kernel's log says so), or for what else ends programs here"
    )


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
