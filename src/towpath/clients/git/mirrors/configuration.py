"""How a mirror is fetched, its own settings, and the name it lies under."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.disk import removal

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.credential import GitCredential


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a mirror is fetched; mirrors of different options are different mirrors."""

    blobless: bool = True
    """Fetch file contents when they are read, where the server supports that."""

    insecure: bool = False
    """Do not check TLS certificates (`insecureSkipTLSVerify`)."""


def skeleton(directory: Path) -> None:
    """Make an empty bare repository without settings, as `git init --bare` does with an empty template. Raises OSError."""
    directory.mkdir()
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (directory / folder).mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/main\n", "ascii")


def write(directory: Path, *, is_blobless: bool) -> None:
    """Write a mirror's settings, undoing what a program in a work tree may have done.

    Hooks and `info/` go as well. `core.bare` belongs to the bare mirror alone, not to its work trees. There is no
    `fetch` for the remote: see `tracking`. Its URL, in which a secret may stand, is told by every command that speaks to it.
    """
    (directory / "config.worktree").write_text("[core]\n\tbare = true\n", "utf-8")
    partial = "\tpromisor = true\n\tpartialCloneFilter = blob:none\n" if is_blobless else ""
    text = (
        "[core]\n\trepositoryFormatVersion = 1\n\tfileMode = true\n"
        "[extensions]\n\tworktreeConfig = true\n"
        + ("\tpartialClone = origin\n" if is_blobless else "")
        + f'[remote "origin"]\n{partial}'
    )
    config = directory / "config"
    if not config.is_file() or config.read_text("utf-8", "replace") != text:
        beside = directory / "config.new"
        beside.write_text(text, "utf-8")
        beside.replace(config)
    for name in ("hooks", "info"):
        removal.remove(directory / name)


def key(
    address: RepositoryAddress,
    transport: RepositoryAddress,
    credential: GitCredential,
    options: Options,
) -> str:
    """Return the folder name of a mirror: who asks for what, where it comes from, and how.

    How it is written stays as it is, also the `depth` that no mirror has: under another name all would be fetched anew.
    """
    how = f"Options(blobless={options.blobless}, depth=0, insecure={options.insecure})"
    parts = (
        address.text,
        transport.wire,
        f"{address.user}:{address.password}",
        credential.identity,
        how,
    )
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:24]
