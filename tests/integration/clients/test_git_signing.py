"""Signatures by keys made for the test, verified by git itself."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import git_client
from towpath import errors
from towpath.clients.git.objects import commits, objects
from towpath.clients.git.objects.signing import Signer
from towpath.clients.git.pushing import integration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer


def _ssh_key(folder: Path, name: str) -> tuple[Signer, str]:
    path = folder / name
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot@example.com", "-f", str(path)],
        check=True,
    )
    return Signer("ssh", path.read_text()), path.with_suffix(".pub").read_text()


@pytest.fixture
def gpg_home() -> Iterator[Path]:
    """A keyring in a short path, as gpg's sockets need it, with its agent ended afterwards."""
    home = Path(tempfile.mkdtemp(prefix="gpg-"))
    try:
        yield home
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


async def test_an_ssh_key_signs_what_git_verifies(
    client: Client, server: GitServer, tmp_path: Path
) -> None:
    """`git verify-commit` accepts it, and the key was written nowhere."""
    signer, public = _ssh_key(tmp_path, "key")
    (tmp_path / "allowed").write_text(f"bot@example.com {public}")
    repository = client.open(server.create("app.git", {"a": "1"}))
    made = await git_client.committed(
        repository, (await repository.resolve()).commit, {"a": "2"}, signer=signer
    )
    verified = subprocess.run(
        ["git", "-c", f"gpg.ssh.allowedSignersFile={tmp_path / 'allowed'}", "verify-commit", made],
        cwd=repository.mirror.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
    assert "Good" in verified.stderr
    body = signer.key.splitlines()[1]
    assert body not in repr(signer)
    kept = [path.read_bytes() for path in client.root.rglob("*") if path.is_file()]
    assert not any(body.encode() in content for content in kept)
    assert (await objects.read_commit(repository.mirror, made)).message == "Change\n"


async def test_a_gpg_key_signs_what_git_verifies(
    client: Client, server: GitServer, gpg_home: Path
) -> None:
    """Import, trust and agent live only as long as the signature takes."""
    gpg = ["gpg", "--homedir", str(gpg_home), "--batch", "--quiet"]
    subprocess.run(
        [
            *gpg,
            "--passphrase",
            "",
            "--quick-gen-key",
            "Towpath <bot@example.com>",
            "ed25519",
            "sign",
        ],
        check=True,
        capture_output=True,
    )
    exported = subprocess.run(
        [*gpg, "--armor", "--export-secret-keys"], check=True, capture_output=True, text=True
    )
    signer = Signer("gpg", exported.stdout)
    before = set(Path("/dev/shm").glob("tp-*"))
    repository = client.open(server.create("app.git", {"a": "1"}))
    made = await git_client.committed(
        repository, (await repository.resolve()).commit, {"a": "2"}, signer=signer
    )
    verified = subprocess.run(
        ["git", "verify-commit", "--raw", made],
        cwd=repository.mirror.directory,
        env={"PATH": client.git.path, "GNUPGHOME": str(gpg_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "GOODSIG" in verified.stderr
    assert set(Path("/dev/shm").glob("tp-*")) <= before
    text = (await repository.mirror.run("cat-file", "commit", made)).stdout
    payload, signature = commits.without_signature(text)
    assert await signer.made(client.git, payload, signature)
    assert not await signer.made(client.git, payload + b"x", signature)


async def test_a_rebase_that_would_fake_a_signature_is_unsafe(
    client: Client, server: GitServer, tmp_path: Path
) -> None:
    """Signed by our key and signing again: safe. Another's key, or unsigned while signing: not."""
    signer, _ = _ssh_key(tmp_path, "key")
    stranger, _ = _ssh_key(tmp_path, "stranger")
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    ours = await git_client.committed(repository, base, {"a": "2"}, signer=signer)
    theirs = server.commit("app.git", {"b": "1"})
    await repository.resolve()
    mirror = repository.mirror
    assert await integration.unsafe_to_rebase(mirror, ours, theirs, signer) is None
    assert await integration.unsafe_to_rebase(mirror, ours, theirs, stranger) == ours
    assert await integration.unsafe_to_rebase(mirror, ours, theirs, None) == ours
    unsigned = await git_client.committed(repository, base, {"a": "2"})
    assert await integration.unsafe_to_rebase(mirror, unsigned, theirs, signer) == unsigned
    committer = integration.Committer(person=git_client.BOT, when=git_client.WHEN, signer=stranger)
    policy = integration.Policy
    failed = await integration.integrate(
        mirror,
        ours=ours,
        theirs=theirs,
        policy=policy.REBASE_OR_FAIL,
        branch="main",
        committer=committer,
    )
    assert failed == integration.Unsafe(ours)
    merged = await integration.integrate(
        mirror,
        ours=ours,
        theirs=theirs,
        policy=policy.REBASE_OR_MERGE,
        branch="main",
        committer=committer,
    )
    assert isinstance(merged, integration.Integrated)
    assert (await objects.read_commit(mirror, merged.commit)).parents == (ours, theirs)


@pytest.mark.parametrize("kind", ["ssh", "gpg"])
async def test_a_key_that_cannot_sign_is_named(
    client: Client, server: GitServer, kind: str
) -> None:
    """The error says what kind it is and what to give instead, and never shows the key."""
    signer = Signer("ssh" if kind == "ssh" else "gpg", "n0t-a-key-but-still-secret")
    repository = client.open(server.create("app.git", {"a": "1"}))
    with pytest.raises(errors.Invalid, match=f"the {kind.upper()} signing key cannot") as caught:
        await git_client.committed(repository, None, {"a": "2"}, signer=signer)
    assert "n0t-a-key" not in str(caught.value)
