"""What ssh is told: the key and the known hosts of the credential, and no trust beyond them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from towpath.clients.git import git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.mirrors.mirror import Mirror
from towpath.clients.git.program.command import Git
from towpath.clients.http.guard import Guard

if TYPE_CHECKING:
    from pathlib import Path

FAKE = """#!/bin/sh
for argument in "$@"; do
  echo "$argument" >> {seen}
  case "$argument" in
    IdentityFile=*|UserKnownHostsFile=*)
      for file in $(echo "${{argument#*=}}" | tr -d '"'); do test -r "$file" && cat "$file" >> {seen}; done ;;
  esac
done
echo "No ED25519 host key is known for git.example and you have requested strict checking." >&2
echo "Host key verification failed." >&2
exit 255
"""


class _Somewhere(Guard):
    """Knows the name of the tests' server."""

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return an address of documentation."""
        assert (host, port) == ("git.example", 22)
        return ("192.0.2.1",)


async def _seen(
    folder: Path, credential: GitCredential, *, trust: bool = False, hosts: Path | None = None
) -> list[str]:
    """Let git try to fetch over ssh; return the arguments that ssh got and what lay in its files."""
    seen, fake, home = folder / "seen", folder / "bin" / "ssh", folder / "home"
    for path in (fake.parent, home, folder / "mirrors"):
        path.mkdir()
    fake.write_text(FAKE.format(seen=shlex.quote(str(seen))))
    fake.chmod(0o755)
    git = Git(
        home=home,
        path=f"{fake.parent}:/usr/local/bin:/usr/bin:/bin",
        known_hosts=hosts,
        trust_first_use=trust,
        gateway=Gateway(_Somewhere()),
    )
    address = addresses.parse("git@git.example:shop/app.git")
    mirror = Mirror(
        git=git,
        root=folder / "mirrors",
        address=address,
        transport=address,
        credential=credential,
        options=Options(),
    )
    with pytest.raises(git_errors.HostKeyUnknown, match="knownHosts"):
        await mirror.fetch_branch("main")
    return seen.read_text().splitlines()


async def test_a_key_and_its_hosts(tmp_path: Path) -> None:
    """Both reach ssh; a host that is in neither list is refused."""
    hosts = tmp_path / "operator"
    hosts.write_text("other.example ssh-ed25519 AAAA\n")
    credential = GitCredential(ssh_key="PRIVATE", known_hosts="git.example ssh-ed25519 BBBB")
    seen = await _seen(tmp_path, credential, hosts=hosts)
    assert "StrictHostKeyChecking=yes" in seen
    assert {"PRIVATE", "git.example ssh-ed25519 BBBB", "other.example ssh-ed25519 AAAA"} <= set(
        seen
    )


async def test_without_known_hosts_nobody_is_trusted(tmp_path: Path) -> None:
    """Not those of the machine either."""
    seen = await _seen(tmp_path, GitCredential(ssh_key="PRIVATE"))
    assert "StrictHostKeyChecking=yes" in seen
    assert "GlobalKnownHostsFile=/dev/null" in seen
    assert 'UserKnownHostsFile="/dev/null"' in seen


async def test_the_operator_may_trust_the_first_use(tmp_path: Path) -> None:
    """What is met is kept in a file of our own."""
    seen = await _seen(tmp_path, GitCredential(ssh_key="PRIVATE"), trust=True)
    assert "StrictHostKeyChecking=accept-new" in seen
    assert f'UserKnownHostsFile="{tmp_path}/home/known_hosts"' in seen
