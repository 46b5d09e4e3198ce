"""Runs `git` so that nothing but our arguments decides what it does (DESIGN §8).

No system or user configuration, no hooks, no prompts, no transport but http(s) and ssh, no submodules, no
background maintenance; English messages, because failures are told apart by their words. Passwords and
keys reach it through memory (`memory_file`), never by argument, environment or disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from towpath import errors
from towpath.clients import process
from towpath.clients.git import memory_file
from towpath.clients.git.credential import ANONYMOUS, Credential
from towpath.clients.http.guard import RefusedAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from towpath.clients.git.addresses import Address
    from towpath.clients.http.guard import Guard

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

_PORTS: Final = {"http": 80, "https": 443, "ssh": 22}
_PASSED_ON: Final = ("http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The git program and how it reaches the network."""

    home: Path
    """A private, empty folder; git's HOME. Must exist."""

    path: str = "/usr/local/bin:/usr/bin:/bin"
    """PATH, in which git, ssh, gpg and sh are found."""

    variables: Mapping[str, str] = field(default_factory=dict)
    """The operator's environment; only proxies and certificate locations are taken from it."""

    known_hosts: Path | None = None
    """Host keys that ssh accepts, besides those that come with a credential."""

    trust_first_use: bool = False
    """Whether ssh accepts the key of a host it meets for the first time, and keeps it in `home`."""

    allow_file: bool = False
    """Whether `file://` is an accepted transport."""

    guard: Guard | None = None
    """Says which addresses may be reached (DESIGN §8); None: all."""

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
        # A partial clone would fetch what it lacks, behind our back and without credentials.
        environment["GIT_ALLOW_PROTOCOL"] = "none"
        return await process.run(
            ("git", *arguments),
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
        address: Address,
        credential: Credential = ANONYMOUS,
        insecure: bool = False,
        stdin: bytes = b"",
        stdout_limit: int = 64 << 20,
        variables: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> process.Finished:
        """Run a command that may speak to the server of `address` (the transport's) with `credential`.

        `insecure` skips the check of TLS certificates. The credential is offered to that server only, also
        when it redirects elsewhere.
        """
        deadline = self.network_seconds if seconds is None else seconds
        places = await _checked(address, self.guard)
        with _offered(address, credential) as (settings, ssh):
            if places and address.scheme != "ssh":
                # What was checked is what is dialled: a name that is resolved anew might lead elsewhere.
                settings["http.curloptResolve"] = places
            if insecure:
                settings["http.sslVerify"] = "false"
            environment = self._environment({**_CONFIGURATION, **settings})
            environment["GIT_SSH_COMMAND"] = self._ssh(*ssh)
            return await process.run(
                ("git", *arguments),
                environment=environment | dict(variables or {}),
                directory=directory,
                seconds=deadline,
                stdin=stdin,
                stdout_limit=stdout_limit,
                secrets=(*credential.secrets, address.password),
            )

    async def check(self) -> tuple[int, ...]:
        """Return the version of git. Raises Unavailable if it is missing or older than 2.38."""
        finished = await self.run("version", directory=self.home)
        words = finished.stdout.decode("ascii", "replace").split()
        digits = words[2].split(".")[:2] if len(words) > 2 else []
        version = tuple(int(digit) for digit in digits if digit.isdigit())
        if version < OLDEST:
            raise errors.Unavailable(
                f"git {'.'.join(map(str, version)) or '(unknown)'} is too old; install 2.38 or newer"
            )
        return version

    def _environment(self, configuration: Mapping[str, str]) -> dict[str, str]:
        allowed = "http:https:ssh" + (":file" if self.allow_file else "")
        environment = {
            "PATH": self.path,
            "HOME": str(self.home),
            "LC_ALL": "C",
            "TZ": "UTC",
            "GIT_ALLOW_PROTOCOL": allowed,
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
        for name in _PASSED_ON:
            if found := self.variables.get(name) or self.variables.get(name.upper()):
                environment[name] = found
        return environment

    def _ssh(self, key: str, hosts: str) -> str:
        met = str(self.home / "known_hosts") if self.trust_first_use else ""
        known = [str(path) for path in (met, self.known_hosts, hosts) if path] or [os.devnull]
        files = " ".join(f'"{path}"' for path in known)
        options = [
            "-F", os.devnull,
            "-o", "BatchMode=yes",
            "-o", "IdentitiesOnly=yes",
            "-o", f"IdentityFile={key or os.devnull}",
            "-o", f"StrictHostKeyChecking={'accept-new' if met else 'yes'}",
            "-o", f"GlobalKnownHostsFile={os.devnull}",
            "-o", shlex.quote(f"UserKnownHostsFile={files}"),
            "-o", "ConnectTimeout=30",
        ]  # fmt: skip
        return " ".join(["ssh", *options])


async def _checked(address: Address, guard: Guard | None) -> str:
    """Resolve the host and ask the guard about every address it has; return them in curl's form, empty if there is none.

    Raises Forbidden for a place that must not be reached. What cannot be resolved is left to git, which says so.
    """
    if guard is None or address.scheme == "file":
        return ""
    parts = urlsplit(f"//{address.host}")
    host, port = parts.hostname or "", parts.port or _PORTS[address.scheme]
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ""
    places = list(dict.fromkeys(str(place[0]) for _, _, _, _, place in found))
    for place in places:
        try:
            guard.check(place, port)
        except RefusedAddress as error:
            raise errors.Forbidden(f"{address.text}: {error}") from error
    shown = ",".join(f"[{place}]" if ":" in place else place for place in places)
    return f"{host}:{port}:{shown}"


@contextlib.contextmanager
def _offered(
    address: Address, credential: Credential
) -> Iterator[tuple[dict[str, str], tuple[str, str]]]:
    """Yield git's settings under which the credential can be read, and the paths of the ssh key and of known hosts."""
    if address.scheme == "ssh":
        with (
            memory_file.holding(credential.ssh_key.rstrip("\n") + "\n") as key,
            memory_file.holding(credential.known_hosts.rstrip("\n") + "\n") as hosts,
        ):
            yield {}, (key if credential.ssh_key else "", hosts if credential.known_hosts else "")
        return
    username = credential.username or address.user
    password = credential.password or address.password
    if not password or address.scheme not in ("http", "https"):
        yield {}, ("", "")
        return
    answer = f"username={username or 'towpath'}\npassword={password}\n"
    with memory_file.holding(answer) as path:
        yield (
            {f"credential.{address.base}.helper": f'!f() {{ test "$1" = get && cat {path}; }}; f'},
            ("", ""),
        )
