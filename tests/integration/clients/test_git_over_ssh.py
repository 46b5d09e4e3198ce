"""Git over SSH, with a real server and Debian's ssh: clone, fetch, push, and everything that must not come through."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from tests.support import git_client, git_server, ssh_server
from tests.support.git_server import GitServer
from towpath import errors
from towpath.app import parts
from towpath.app.settings.git import GitSettings
from towpath.app.settings.git_ssh import GitSSHSettings
from towpath.clients.git import git_errors
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.program.command import Git
from towpath.clients.git.pushing import push
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool
from towpath.clients.http.guard import Guard
from towpath.clients.http.host_health import HostHealth
from towpath.clients.http.limits import HostLimits
from towpath.clients.http.manners import HostManners
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.support.ssh_server import GitOverSSH
    from towpath.clients.git.repository import Repository

HOST = "git.example"


class Names(Guard):
    """A guard whose DNS is the test's; what may be dialled is decided as ever."""

    def __init__(
        self, names: Mapping[str, tuple[str, ...]], *, allow: tuple[str, ...] = ()
    ) -> None:
        super().__init__(allow=allow)
        self._names = names

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return what the name leads to; every address is checked."""
        found: tuple[str, ...] = ()
        for address in self._names.get(host, (host,)):
            found += await super().addresses(address, port)
        return found


@pytest.fixture
async def ssh(tmp_path: Path) -> AsyncIterator[GitOverSSH]:
    """Serve `app.git`, which holds one commit."""
    root = tmp_path / "served"
    GitServer(root).create("app.git", {"a": "1"})
    async with ssh_server.serving(root) as server:
        yield server


def _opened(
    folder: Path,
    ssh: GitOverSSH,
    credential: GitCredential,
    *,
    guard: Guard | None = None,
    url: str = "",
    trust: bool = False,
    hosts: Path | None = None,
) -> Repository:
    """Return the repository as a promotion would hold it."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (folder / "mirrors").mkdir(exist_ok=True)
    here = f"127.0.0.1:{ssh.port}"
    git = Git(
        home=home,
        known_hosts=hosts,
        trust_first_use=trust,
        gateway=Gateway(guard or Names({HOST: ("127.0.0.1",)}, allow=(here,))),
    )
    repositories = Repositories(git=git, root=folder / "mirrors", pool=Pool(folder / "pool"))
    return repositories.open(url or f"ssh://git@{HOST}:{ssh.port}/app.git", credential)


def _allowed(ssh: GitOverSSH, **other: Any) -> GitCredential:
    given = {"ssh_key": ssh.key(), "known_hosts": ssh.known(HOST)}
    return GitCredential(**(given | other))


async def test_clone_fetch_and_push(tmp_path: Path, ssh: GitOverSSH) -> None:
    """By Debian's ssh, with the key and the known hosts of the credential; the checked address is dialled."""
    repository = _opened(tmp_path, ssh, _allowed(ssh))
    server = GitServer(ssh.root)
    base = (await repository.resolve()).commit
    assert base == server.head("app.git")
    newer = server.commit("app.git", {"a": "2"})
    assert await repository.mirror.fetch_branch("main") == newer
    made = await git_client.committed(repository, newer, {"b": "ours"})
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    assert server.head("app.git") == made
    assert server.read("app.git", "b") == "ours"
    assert set(ssh.users) == {"git"}
    assert {command.split()[0] for command in ssh.commands} == {
        "git-upload-pack",
        "git-receive-pack",
    }


async def test_a_push_that_lost_the_race_is_told(tmp_path: Path, ssh: GitOverSSH) -> None:
    """In the words of a server that is reached over SSH, too."""
    repository = _opened(tmp_path, ssh, _allowed(ssh))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "ours"})
    theirs = GitServer(ssh.root).commit("app.git", {"a": "theirs"})
    outcome = await push.to_branch(repository.mirror, made, "main")
    assert isinstance(outcome, push.Moved)
    assert outcome.theirs == theirs


async def test_a_repository_that_is_not_there(tmp_path: Path, ssh: GitOverSSH) -> None:
    """The server's own words say so."""
    url = f"ssh://git@{HOST}:{ssh.port}/none.git"
    repository = _opened(tmp_path, ssh, _allowed(ssh), url=url)
    with pytest.raises(git_errors.RepositoryNotFound):
        await repository.mirror.fetch_branch("main")


@pytest.mark.parametrize("known", ["nobody's", "another's", "another host's"])
async def test_a_host_key_that_is_not_known(tmp_path: Path, ssh: GitOverSSH, known: str) -> None:
    """No key is shown to the server, and nothing is asked of it."""
    other = asyncssh.generate_private_key("ssh-ed25519")
    lines = {
        "nobody's": "",
        "another's": ssh.known(HOST, other),
        "another host's": ssh.known("other.example"),
    }
    repository = _opened(tmp_path, ssh, _allowed(ssh, known_hosts=lines[known]))
    with pytest.raises(git_errors.HostKeyUnknown, match="knownHosts"):
        await repository.mirror.fetch_branch("main")
    assert (ssh.connections, ssh.users, ssh.commands) == (1, [], [])


async def test_hosts_of_the_operator(tmp_path: Path, ssh: GitOverSSH) -> None:
    """Serve credentials that bring none."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{ssh.known(HOST)}\n")
    repository = _opened(tmp_path, ssh, GitCredential(ssh_key=ssh.key()), hosts=hosts)
    assert await repository.mirror.fetch_branch("main") == GitServer(ssh.root).head("app.git")


async def test_the_first_use_is_trusted_where_the_operator_says_so_and_the_second_is_held_to_it(
    tmp_path: Path, ssh: GitOverSSH
) -> None:
    """A server that has another key the next time is not asked for anything."""
    credential = GitCredential(ssh_key=ssh.key())
    repository = _opened(tmp_path, ssh, credential, trust=True)
    await repository.mirror.fetch_branch("main")
    assert HOST in (tmp_path / "home" / "known_hosts").read_text()
    (tmp_path / "home" / "known_hosts").write_text(
        f"{ssh.known(HOST, asyncssh.generate_private_key('ssh-ed25519'))}\n"
    )
    asked = len(ssh.commands)
    with pytest.raises(git_errors.HostKeyUnknown):
        await repository.mirror.fetch_branch("main")
    assert len(ssh.commands) == asked


@pytest.mark.parametrize(
    "named_by",
    [
        "the Secret",
        "the Secret, another host",
        "the operator",
        "the operator, hashed",
        "the operator, any port",
        "the operator, an authority",
        "a first use",
    ],
)
async def test_whoever_is_named_is_held_to_it(
    tmp_path: Path, ssh: GitOverSSH, named_by: str
) -> None:
    """Also where ssh itself would call the key new: trusting the first use is for hosts that nobody has named."""
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    line = f"{ssh.known(HOST, other)}\n"
    credential, hosts = GitCredential(ssh_key=ssh.key()), tmp_path / "hosts"
    hosts.write_text("other.example ssh-ed25519 AAAA\n")
    (tmp_path / "home").mkdir()
    if named_by == "the Secret":
        credential = _allowed(ssh, known_hosts=line)
        (tmp_path / "home" / "known_hosts").write_text(f"{ssh.known(HOST)}\n")  # met before
    elif named_by == "the Secret, another host":
        credential = _allowed(ssh, known_hosts=ssh.known("other.example"))
    elif named_by == "the operator, an authority":
        hosts.write_text(f"@cert-authority {line}")
    elif named_by == "a first use":
        (tmp_path / "home" / "known_hosts").write_text(line)
    elif named_by == "the operator, any port":
        hosts.write_text(f"{HOST} {line.partition(' ')[2]}")
    else:
        hosts.write_text(line)
        if named_by == "the operator, hashed":
            subprocess.run(["ssh-keygen", "-q", "-H", "-f", hosts], check=True)
            assert HOST not in hosts.read_text()
    repository = _opened(tmp_path, ssh, credential, trust=True, hosts=hosts)
    with pytest.raises(git_errors.HostKeyUnknown):
        await repository.mirror.fetch_branch("main")
    assert (ssh.users, ssh.commands) == ([], [])


async def test_a_first_use_is_trusted_beside_what_the_operator_says_of_others(
    tmp_path: Path, ssh: GitOverSSH
) -> None:
    """That a key is revoked everywhere names no host."""
    hosts = tmp_path / "hosts"
    revoked = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode("ascii")
    hosts.write_text(f"{ssh.known('other.example')}\n@revoked * {revoked}\n")
    repository = _opened(tmp_path, ssh, GitCredential(ssh_key=ssh.key()), trust=True, hosts=hosts)
    for _ in range(2):
        assert await repository.mirror.fetch_branch("main")
    assert HOST in (tmp_path / "home" / "known_hosts").read_text()


@pytest.mark.parametrize("trusted", [False, True])
async def test_the_operators_settings_say_whom_ssh_knows(
    tmp_path: Path, ssh: GitOverSSH, *, trusted: bool
) -> None:
    """`git.ssh`: by a file, or by trusting the first use; without it nobody is known."""
    hosts, clock = tmp_path / "hosts", SystemClock()
    hosts.write_text(f"{ssh.known(HOST)}\n")
    known = GitSSHSettings(known_hosts_file=str(hosts))
    gateway = Gateway(Names({HOST: ("127.0.0.1",)}, allow=(f"127.0.0.1:{ssh.port}",)))
    manners = HostManners(HostLimits(clock, per_second=1e4), HostHealth(clock))
    where = (f"ssh://git@{HOST}:{ssh.port}/app.git", GitCredential(ssh_key=ssh.key()))
    for number, settings in enumerate(
        (GitSSHSettings(trust_first_use=True) if trusted else known, GitSSHSettings())
    ):
        async with parts.repositories(
            GitSettings(ssh=settings),
            folder=tmp_path / f"git-{number}",
            gateway=gateway,
            programs="",
            clock=clock,
            manners=manners,
        ) as kept:
            fetching = kept.open(*where).mirror.fetch_branch("main")
            if settings == GitSSHSettings():
                with pytest.raises(git_errors.HostKeyUnknown, match=r"git\.ssh\.knownHostsFile"):
                    await fetching
            else:
                assert await fetching == GitServer(ssh.root).head("app.git")


@pytest.mark.parametrize("key", ["a stranger's", "none", "no key at all"])
async def test_a_key_that_is_refused(tmp_path: Path, ssh: GitOverSSH, key: str) -> None:
    """Is an error of credentials, whichever way it is wrong; no key of the machine is tried instead."""
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode("ascii")
    keys = {"a stranger's": stranger, "none": "", "no key at all": "no key"}
    repository = _opened(tmp_path, ssh, _allowed(ssh, ssh_key=keys[key]))
    with pytest.raises(git_errors.AuthenticationFailed):
        await repository.mirror.fetch_branch("main")
    assert ssh.commands == []


async def test_the_key_is_written_nowhere(tmp_path: Path, ssh: GitOverSSH) -> None:
    """Neither by us nor by ssh."""
    credential = _allowed(ssh)
    (tmp_path / "ours").mkdir()
    repository = _opened(tmp_path / "ours", ssh, credential)
    await repository.mirror.fetch_branch("main")
    middle = credential.ssh_key.splitlines()[2]
    for path in (tmp_path / "ours").rglob("*"):
        assert not path.is_file() or middle not in path.read_text("utf-8", "replace")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "egress.allow"),
        ("::1", "egress.allow"),
        ("0.0.0.0", "egress.allow"),
        ("::ffff:127.0.0.1", "egress.allow"),
        ("169.254.169.254", "metadata"),
        ("169.254.7.7", "link-local"),
        ("fe80::1", "link-local"),
    ],
)
@pytest.mark.parametrize("form", ["literal", "name"])
async def test_addresses_that_must_not_be_reached(
    tmp_path: Path, ssh: GitOverSSH, form: str, address: str, why: str
) -> None:
    """By address or by a name that leads there: no connection is made, and the message says what to do."""
    host = HOST if form == "name" else f"[{address}]" if ":" in address else address
    repository = _opened(
        tmp_path,
        ssh,
        _allowed(ssh),
        guard=Names({HOST: ("192.0.2.1", address)}),
        url=f"ssh://git@{host}:{ssh.port}/app.git",
    )
    with pytest.raises(errors.Forbidden, match=why):
        await repository.mirror.fetch_branch("main")
    assert ssh.connections == 0


async def test_the_servers_own_port_is_not_reached(tmp_path: Path, ssh: GitOverSSH) -> None:
    """Not even where the operator has allowed it."""
    guard = Names({HOST: ("127.0.0.1",)}, allow=(f"127.0.0.1:{ssh.port}",))
    guard.add_own("127.0.0.1", ssh.port)
    repository = _opened(tmp_path, ssh, _allowed(ssh), guard=guard)
    with pytest.raises(errors.Forbidden, match="Towpath itself listens there"):
        await repository.mirror.fetch_branch("main")
    assert ssh.connections == 0


async def test_the_address_that_answers_is_taken(tmp_path: Path, ssh: GitOverSSH) -> None:
    """Of several that were checked; nobody is asked for the name again."""
    allow = (f"127.0.0.1:{ssh.port}", f"127.0.0.2:{ssh.port}")
    guard = Names({HOST: ("127.0.0.2", "127.0.0.1")}, allow=allow)
    repository = _opened(tmp_path, ssh, _allowed(ssh), guard=guard)
    assert await repository.mirror.fetch_branch("main") == GitServer(ssh.root).head("app.git")


async def test_settings_of_a_user_lead_nowhere(
    tmp_path: Path, ssh: GitOverSSH, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`~/.ssh/config` and an agent of whoever runs the server are not asked."""
    folder = tmp_path / "home" / ".ssh"
    folder.mkdir(parents=True)
    (folder / "config").write_text(f"Host *\n  ProxyCommand touch {tmp_path}/ran\n")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {tmp_path}/ran")
    repository = _opened(tmp_path, ssh, _allowed(ssh))
    assert await repository.mirror.fetch_branch("main") == git_server.git(
        ssh.root / "app.git", "rev-parse", "main"
    )
    assert not (tmp_path / "ran").exists()
