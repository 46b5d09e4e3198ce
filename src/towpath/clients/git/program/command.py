"""Runs `git` so that nothing but our arguments decides what it does and reaches no server that was not checked.

No system or user configuration, no hooks, no prompts, no transport but the one of the repository at hand, no
submodules, no background maintenance; English messages, because failures are told apart by their words. Keys reach
ssh through memory (`memory_file`), never by argument, environment or disk; passwords do not reach git at all
(`gateway`).
"""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import process
from towpath.clients.git import git_errors
from towpath.clients.git.access import host_keys, ssh
from towpath.clients.git.access.credential import ANONYMOUS, GitCredential
from towpath.clients.git.access.host_keys import KnownHosts
from towpath.clients.git.program import leftovers, memory_file
from towpath.clients.http.guard import RefusedAddress, Unresolvable
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Unpack

    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.gateway import Gateway
    from towpath.clients.git.access.passage import Passage

log = logging.getLogger("towpath.clients.git")

OLDEST: Final = (2, 38)
"""The first git that merges without a work tree (`merge-tree --write-tree`)."""

_CONFIGURATION: Final = {
    "advice.detachedHead": "false",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    # Common in old public repositories and harmless; strictness here would only lock their users out.
    "fetch.fsck.badTimezone": "ignore",
    "fetch.fsck.missingSpaceBeforeDate": "ignore",
    "fetch.fsck.zeroPaddedFilemode": "ignore",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",
    "push.recurseSubmodules": "no",
    "safe.directory": "*",
    "submodule.recurse": "false",
}

_SPEAK: Final = frozenset({"fetch", "ls-remote", "push", "remote"})
"""Commands that always speak to a server; others may, where a mirror lacks what they read."""


_MEMORY_BYTES: Final = 4 << 30
"""What git, and each program it calls, may take while it takes in what a server sends. Ten million objects take a half."""


def missing(path: str) -> errors.Unavailable:
    """Return the error for a machine without git; `path`: where it was looked for."""
    return errors.Unavailable(
        f"git cannot be run: there is none in {path}; install git {_oldest()} or newer (on Debian and Ubuntu: "
        "apt install git)"
    )


def accepted(said: str) -> tuple[int, ...]:
    """Return the version in what `git version` says. Raises Unavailable if it is older than 2.38."""
    words = said.split()
    digits = words[2].split(".")[:2] if len(words) > 2 else []
    version = tuple(int(digit) for digit in digits if digit.isdigit())
    if version < OLDEST:
        found = ".".join(map(str, version)) or "(unknown)"
        raise errors.Unavailable(f"git {found} is too old; install {_oldest()} or newer")
    return version


def _oldest() -> str:
    return ".".join(map(str, OLDEST))


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The git program and how it reaches the network."""

    home: Path
    """A private, empty folder; git's HOME. Must exist."""

    path: str = "/usr/local/bin:/usr/bin:/bin"
    """PATH, in which git, ssh, gpg and sh are found."""

    known_hosts: Path | None = None
    """Host keys that ssh accepts, besides those that come with a credential."""

    trust_first_use: bool = False
    """Whether ssh accepts the key of a host it meets for the first time, and that nobody has named, and keeps it in `home`."""

    allow_file: bool = False
    """Whether `file://` is an accepted transport."""

    gateway: Gateway | None = None
    """The way to servers, and the guard over their addresses; None: no server is reached."""

    network_seconds: float = 300.0
    """Deadline of a command that speaks to a server."""

    local_seconds: float = 120.0
    """Deadline of a command that does not."""

    async def run(
        self,
        *arguments: str,
        directory: Path,
        stdin: bytes = b"",
        stdout_limit: int = 64 << 20,
        variables: Mapping[str, str] | None = None,
    ) -> process.Finished:
        """Run a command that needs no network; a non-zero exit is an answer.

        `variables` are added to the environment (GIT_DIR and such).
        """
        environment = self._environment(_CONFIGURATION)
        return await self._twice_if_killed(
            arguments,
            environment=environment | dict(variables or {}),
            directory=directory,
            seconds=self.local_seconds,
            stdin=stdin,
            stdout_limit=stdout_limit,
        )

    async def reach(
        self,
        *arguments: str,
        directory: Path,
        address: RepositoryAddress,
        credential: GitCredential = ANONYMOUS,
        insecure: bool = False,
        stdin: bytes = b"",
        stdout_limit: int = 64 << 20,
        variables: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> process.Finished:
        """Run a command that may speak to the server of `address` (the transport's) with `credential`.

        `insecure` skips the check of TLS certificates. The credential is shown to that server only, also
        when it redirects elsewhere. Raises Forbidden for an address that must not be reached and for a server that
        does not speak the smart protocol, Unreachable for one whose name leads nowhere or that breaks off.
        """
        deadline = self.network_seconds if seconds is None else seconds
        surely = arguments[0] in _SPEAK
        async with self._way(address, credential, insecure=insecure, surely=surely) as way:
            origin = {"remote.origin.url": address.wire}
            environment = self._environment({**_CONFIGURATION, **origin, **way.settings})
            environment["GIT_ALLOW_PROTOCOL"] = way.protocol
            environment["GIT_SSH_COMMAND"] = way.ssh or "false"
            finished = await self._twice_if_killed(
                arguments,
                environment=environment | dict(variables or {}),
                directory=directory,
                seconds=deadline,
                stdin=stdin,
                stdout_limit=stdout_limit,
                memory_limit=_MEMORY_BYTES,
                secrets=(*credential.secrets, address.password, way.secret),
            )
            if way.passage is None:
                return finished
            if finished.code != 0 and way.passage.failure is not None:
                failure = way.passage.failure
                # A server may repeat in its answer what it was sent, and be quoted.
                raise failure.saying(mask(failure.message, way.passage.secrets))
            return replace(finished, stderr=way.passage.read(finished.stderr))

    async def _twice_if_killed(
        self, arguments: Sequence[str], **how: Unpack[process.How]
    ) -> process.Finished:
        """Run git, and once more if a signal ended it: what had ended it (want of memory) may have passed.

        A push that expects the branch at a commit is not sent again, because it may have arrived.
        Raises Killed, naming the signal.
        """
        tries = 1 if any(word.startswith("--force-with-lease") for word in arguments) else 2
        command, directory = _command(arguments), how["directory"]
        admin = how["environment"].get("GIT_DIR")
        signal = ""
        for _ in range(tries):
            try:
                finished = await process.run(("git", *arguments), **how)
            except BaseException:
                # Ended by us, and killed where it took too long to end.
                leftovers.unlock(directory, command, admin)
                raise
            signal = git_errors.signal_of(finished)
            if not signal:
                said = _without_places(finished.stderr, (directory, self.home.parent))
                return replace(finished, stderr=said)
            log.warning("git was killed", extra={"command": command, "signal": signal})
            leftovers.unlock(directory, command, admin)
        raise git_errors.killed(f"git {command}", signal, is_twice=tries > 1)

    @contextlib.asynccontextmanager
    async def _way(
        self, address: RepositoryAddress, credential: GitCredential, *, insecure: bool, surely: bool
    ) -> AsyncIterator[_Way]:
        """Yield how git gets to the server of `address`, and only there, after asking the guard.

        Without `surely` it may not have to go there: then a name that leads nowhere is no failure yet.
        """
        if address.scheme == "file":
            yield _Way("file" if self.allow_file else "none")
            return
        if self.gateway is None and not surely:
            yield _Way("none")
            return
        if self.gateway is None:
            raise errors.Unsupported(f"{address}: this git was given no way to the network")
        if address.scheme != "ssh":
            async with self.gateway.passage(address, credential, insecure=insecure) as passage:
                if surely:
                    await passage.check()
                yield _Way("http", settings=passage.settings, passage=passage, secret=passage.proxy)
            return
        host, port = address.where
        places: tuple[str, ...]
        try:
            places = await self.gateway.guard.addresses(host, port)
            self.gateway.tally.asked(host)
        except RefusedAddress as error:
            raise errors.Forbidden(f"{address}: {error}") from error
        except Unresolvable as error:
            if surely:
                raise git_errors.Unreachable(f"{address}: {error}") from error
            places = ()
        with (
            memory_file.holding(credential.ssh_key.rstrip("\n") + "\n") as key,
            memory_file.holding(credential.known_hosts.rstrip("\n") + "\n") as hosts,
        ):
            known = await self._known(host, port, credential)
            files = [str(path) for path in known.files]
            yield _Way(
                "ssh",
                ssh=ssh.command(
                    addresses=places,
                    port=port,
                    key=key if credential.ssh_key else "",
                    known_hosts=[*files, hosts] if credential.known_hosts else files,
                    accept_new=known.accept_new,
                ),
            )

    async def _known(self, host: str, port: int, credential: GitCredential) -> KnownHosts:
        """Return by which files besides those of a credential a host is known, and whether a new key of it is accepted."""
        pinned = self.known_hosts
        if credential.known_hosts or not self.trust_first_use:
            # What was met by chance does not count beside what a Secret says.
            return KnownHosts(() if pinned is None else (pinned,))
        return await host_keys.known(
            host,
            port,
            pinned=pinned,
            met=self.home / "known_hosts",
            environment=self._environment({}),
        )

    async def check(self) -> tuple[int, ...]:
        """Return the version of git. Raises Unavailable if it is missing or older than 2.38."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            finished = await self.run("version", directory=self.home)
        except errors.Unavailable as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise missing(self.path) from error
            raise
        return accepted(finished.stdout.decode("ascii", "replace"))

    def _environment(self, configuration: Mapping[str, str]) -> dict[str, str]:
        environment = {
            "PATH": self.path,
            "HOME": str(self.home),
            "LC_ALL": "C",
            "TZ": "UTC",
            # A partial clone would fetch what it lacks, behind our back and without credentials.
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "false",
            "GIT_HTTP_LOW_SPEED_LIMIT": "1024",
            "GIT_HTTP_LOW_SPEED_TIME": "30",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": str(len(configuration)),
        }
        for number, (key, value) in enumerate(configuration.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


@dataclass(frozen=True, slots=True)
class _Way:
    """How one command gets to its server."""

    protocol: str
    """The only transport git may use."""
    settings: Mapping[str, str] = field(default_factory=dict)
    ssh: str = ""
    passage: Passage | None = None
    secret: str = ""


def _command(arguments: Sequence[str]) -> str:
    """Return git's command among its arguments: what is neither an option before it nor the value of one."""
    words = iter(arguments)
    for word in words:
        if word in ("-C", "-c"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _without_places(text: str, folders: Iterable[Path]) -> str:
    """Return what git said without the folders of this machine: it goes into messages that everybody may read."""
    for folder in folders:
        for place in {str(folder), os.path.realpath(folder)} - {"/", "."}:
            text = text.replace(f"{place}/", "").replace(place, "here")
    return text
