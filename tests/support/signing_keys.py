"""Keys that sign, made for a test by the real programs, and what git itself says of signatures by them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"}


@dataclass(frozen=True)
class SigningKey:
    """A key, and how git is told to trust it."""

    private: str = field(repr=False)
    settings: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def verifies(self, repository: Path, name: str, what: str = "commit") -> bool:
        """Whether `git verify-commit` (or `verify-tag`) finds a good signature by this key."""
        done = subprocess.run(
            ["git", *self.settings, f"verify-{what}", "--raw", name],
            cwd=repository,
            env=_PATH | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0 and ("GOODSIG" in done.stderr or "Good " in done.stderr)


def ssh(folder: Path, name: str = "key") -> SigningKey:
    """Make a key of OpenSSH below a folder."""
    path = folder / name
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot@example.com", "-f", str(path)],
        check=True,
    )
    allowed = folder / f"{name}.allowed"
    allowed.write_text(f"bot@example.com {path.with_suffix('.pub').read_text()}")
    settings = ("-c", f"gpg.ssh.allowedSignersFile={allowed}")
    return SigningKey(path.read_text(), settings=settings)


@contextlib.contextmanager
def gpg(person: str = "Bot <bot@example.com>") -> Iterator[SigningKey]:
    """Make a key of GnuPG in a keyring of its own; both are gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="gpg-"))  # short, as the sockets in it need it
    run = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
    try:
        subprocess.run(
            [*run, "--quick-gen-key", person, "ed25519", "sign"], check=True, capture_output=True
        )
        exported = subprocess.run(
            [*run, "--armor", "--export-secret-keys"], check=True, capture_output=True, text=True
        )
        yield SigningKey(exported.stdout, environment={"GNUPGHOME": str(home)})
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)
