"""A real SSH server on this machine that serves Git repositories, in the event loop of the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import asyncssh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_SERVICES: Final = ("git-upload-pack", "git-receive-pack")


class SSHServer(asyncssh.SSHServer):
    """Lets in who has one of the keys that are authorised."""

    def __init__(self, of: GitOverSSH) -> None:
        self._of = of

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count it: also one that is refused has come so far."""
        del conn
        self._of.connections += 1

    def begin_auth(self, username: str) -> bool:
        """Say that everybody must show a key."""
        self._of.users.append(username)
        return True

    def public_key_auth_supported(self) -> bool:
        """Take keys, and nothing else."""
        return True

    def password_auth_supported(self) -> bool:
        """Ask for no password."""
        return False

    def kbdint_auth_supported(self) -> bool:
        """Ask nothing."""
        return False

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Look whether the key is authorised."""
        del username
        return key.export_public_key() in self._of.authorized


@dataclass
class GitOverSSH:
    """Serves the bare repositories below `root`."""

    root: Path
    port: int = 0
    host_key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    authorized: set[bytes] = field(default_factory=set)
    users: list[str] = field(default_factory=list)
    """Names that clients gave, one for each connection that came to show a key."""
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def key(self) -> str:
        """Return a new private key that is let in, as OpenSSH writes it."""
        made = asyncssh.generate_private_key("ssh-ed25519")
        self.authorized.add(made.export_public_key())
        return made.export_private_key().decode("ascii")

    def known(self, host: str, key: asyncssh.SSHKey | None = None) -> str:
        """Return the line of known hosts for the server (or for a key that it does not have) under a name."""
        public = (key or self.host_key).export_public_key().decode("ascii").strip()
        return f"[{host}]:{self.port} {public}"

    async def serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run what was asked for: Git's two services, in repositories below the root, and nothing else."""
        asked = process.command or ""
        self.commands.append(asked)
        words = shlex.split(asked)
        if len(words) != 2 or words[0] not in _SERVICES:
            process.stderr.write(b"only Git is served here\n")
            process.exit(1)
            return
        service = words[0].removeprefix("git-")
        child = await asyncio.create_subprocess_exec(
            "git",
            service,
            str(self.root / words[1].lstrip("/")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C"},
        )
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        taking = asyncio.create_task(_copied(process.stdin, child.stdin))
        try:
            await asyncio.gather(
                _copied(child.stdout, process.stdout), _copied(child.stderr, process.stderr)
            )
            process.exit(await child.wait())
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)


async def _copied(source: Any, target: Any) -> None:
    """Pass on what comes until there is no more."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, asyncssh.Error):
        while some := await source.read(1 << 16):
            target.write(some)
            await target.drain()
    if isinstance(target, asyncio.StreamWriter):
        target.close()


@asynccontextmanager
async def serving(root: Path) -> AsyncIterator[GitOverSSH]:
    """Serve the repositories below `root` on loopback until the end."""
    found = GitOverSSH(root)
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: SSHServer(found),
        server_host_keys=[found.host_key],
        process_factory=found.serve,
        encoding=None,
        allow_scp=False,
        sftp_factory=None,
    )
    found.port = acceptor.get_port()
    try:
        yield found
    finally:
        acceptor.close()
        await acceptor.wait_closed()
