"""Signs commits and tags with a GPG or SSH key that is handed in.

An SSH key is read from memory. GPG insists on a home folder, so the key is imported into a private one in
memory-backed storage where there is some; agent and folder are gone when the signature is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from towpath import errors
from towpath.clients import process
from towpath.clients.git import git_errors
from towpath.clients.git.program import memory_file
from towpath.disk import removal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clients.git.program.command import Git

_OF_SSH: Final = re.compile(r"^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----", re.MULTILINE)
"""OpenSSH's own form, and those of OpenSSL that it reads; GnuPG's says PRIVATE KEY BLOCK."""
_leaving: Final[set[asyncio.Future[None]]] = set()
"""Key folders that are being removed."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key without passphrase, and its kind. `repr` does not show it."""

    kind: Literal["gpg", "ssh"]
    key: str = field(repr=False)

    @classmethod
    def of(cls, key: str) -> Signer | None:
        """Return who signs with a private key of either kind, told by its first line; None for an empty text."""
        if not key.strip():
            return None
        return cls("ssh" if _OF_SSH.search(key) else "gpg", key)

    async def sign(self, git: Git, payload: bytes) -> str:
        """Return the armoured signature over `payload`. Raises Invalid, naming the cause, if the key is unusable."""
        return await (
            _ssh(git, self.key, payload) if self.kind == "ssh" else _gpg(git, self.key, payload)
        )

    async def made(self, git: Git, payload: bytes, signature: str) -> bool:
        """Whether this key made `signature` over `payload`."""
        if self.kind == "ssh":
            return await _ssh_made(git, self.key, payload, signature)
        return await _gpg_made(git, self.key, payload, signature)


async def _ssh(git: Git, key: str, payload: bytes) -> str:
    with memory_file.holding(key.rstrip("\n") + "\n") as path:
        finished = await _run(
            git,
            "ssh-keygen",
            "-q",
            "-Y",
            "sign",
            "-n",
            "git",
            "-f",
            path,
            stdin=payload,
            secrets=(key,),
        )
    return _signature(finished, "SSH")


async def _ssh_made(git: Git, key: str, payload: bytes, signature: str) -> bool:
    with memory_file.holding(key.rstrip("\n") + "\n") as path:
        public = await _run(git, "ssh-keygen", "-y", "-f", path, secrets=(key,))
    allowed = "towpath " + public.stdout.decode("ascii", "replace")
    with memory_file.holding(allowed) as signers, memory_file.holding(signature) as made:
        finished = await _run(
            git, "ssh-keygen", "-q", "-Y", "verify", "-n", "git", "-I", "towpath",
            "-f", signers, "-s", made, stdin=payload,
        )  # fmt: skip
    return finished.code == 0


async def _gpg(git: Git, key: str, payload: bytes) -> str:
    async with _keyring(git, key) as home:
        finished = await _run(
            git, "gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet",
            "--pinentry-mode", "error", "--armor", "--detach-sign", stdin=payload, secrets=(key,),
        )  # fmt: skip
    return _signature(finished, "GPG")


async def _gpg_made(git: Git, key: str, payload: bytes, signature: str) -> bool:
    async with _keyring(git, key) as home:
        with memory_file.holding(signature) as made:
            finished = await _run(
                git, "gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet",
                "--trust-model", "always", "--verify", made, "-", stdin=payload,
            )  # fmt: skip
    return finished.code == 0


@contextlib.asynccontextmanager
async def _keyring(git: Git, key: str) -> AsyncIterator[Path]:
    home = _private_folder(git)
    try:
        imported = await _run(
            git, "gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--import",
            stdin=key.encode("utf-8", "surrogateescape"), secrets=(key,),
        )  # fmt: skip
        _refuse_killed(imported, "GPG")
        if imported.code != 0:
            raise errors.Invalid(
                f"the GPG signing key cannot be imported: {_line(imported)}; give an armoured private key of GnuPG, or one of OpenSSH"
            )
        yield home
    finally:
        # To its end, also if we are cancelled: the key and its agent must not stay.
        leaving = asyncio.ensure_future(_forgotten(git, home))
        _leaving.add(leaving)
        leaving.add_done_callback(_leaving.discard)
        await asyncio.shield(leaving)


async def _forgotten(git: Git, home: Path) -> None:
    try:
        await _run(git, "gpgconf", "--homedir", str(home), "--kill", "all")
    finally:
        removal.remove(home)


def _private_folder(git: Git) -> Path:
    # The path must be short: the agent's socket lies in it, and socket names hold 107 bytes.
    return Path(tempfile.mkdtemp(prefix=_prefix(git), dir=_memory()))


def clear(git: Git) -> None:
    """Remove keys that a killed process of the same data directory left in memory; for a start."""
    for left in Path(_memory() or tempfile.gettempdir()).glob(f"{_prefix(git)}*"):
        removal.remove(left)


def _memory() -> Path | None:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own, mode 0700, is made inside
    return memory if memory.is_dir() else None


def _prefix(git: Git) -> str:
    """Begin the names of folders so that each data directory knows its own."""
    digest = hashlib.sha256(os.fsencode(git.home.absolute())).hexdigest()
    return f"tp-{digest[:12]}-"


async def _run(
    git: Git, *argv: str, stdin: bytes = b"", secrets: tuple[str, ...] = ()
) -> process.Finished:
    return await process.run(
        argv,
        environment={"PATH": git.path, "HOME": str(git.home), "LC_ALL": "C"},
        directory=git.home,
        seconds=git.local_seconds,
        stdin=stdin,
        secrets=secrets,
    )


def _signature(finished: process.Finished, kind: str) -> str:
    _refuse_killed(finished, kind)
    if finished.code != 0:
        raise errors.Invalid(
            f"the {kind} signing key cannot sign: {_line(finished)}; give a private key without passphrase"
        )
    return finished.stdout.decode("ascii", "replace")


def _refuse_killed(finished: process.Finished, kind: str) -> None:
    """Raise Unavailable for a program that a signal ended: that says nothing about the key."""
    if signal := git_errors.signal_of(finished):
        raise errors.Unavailable(
            f"the program that signs with the {kind} key was {signal}; look for want of memory on this machine"
        )


def _line(finished: process.Finished) -> str:
    return " ".join(finished.stderr.split())[:300] or f"exit code {finished.code}"
