"""Git reaches no server that was not checked, by whatever spelling, redirect, submodule or proxy it is led there."""

from __future__ import annotations

import asyncio
import base64
import gzip
import random
import re
import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support import git_client, git_server
from tests.support.git_client import AnyAddress
from tests.support.listener import Listener
from tests.support.spellings import LEADING_HERE, UNUSUAL
from towpath import errors
from towpath.app import certificates
from towpath.clients.git import git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.program.command import Git
from towpath.clients.git.pushing import push
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool
from towpath.clients.http import Egress, trust
from towpath.clients.http.guard import Guard
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.demo.loopback import Answer, Request

_REFUSED: Final = (errors.Forbidden, errors.BadRequest)


async def _opened(
    folder: Path,
    guard: Guard,
    rewrites: Rewrites | None = None,
    trusted: ssl.SSLContext | None = None,
) -> Repositories:
    gateway = await git_client.opened(Gateway(guard, trust=trusted))
    repositories = Repositories(
        git=Git(home=folder / "home", gateway=gateway, network_seconds=60),
        root=folder / "mirrors",
        pool=Pool(folder / "pool"),
        rewrites=rewrites,
    )
    await repositories.start()
    return repositories


def _where(server: GitServer) -> str:
    return server.url.partition("://")[2]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """What an encrypted server shows; nobody knows its authority."""
    folder = tmp_path_factory.mktemp("tls")
    made = certificates.prepare(folder, [], now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context


async def test_loopback_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    """Also by a name that leads there; no request arrives."""
    with git_server.serving(tmp_path / "served", password="") as server:
        url = server.create("app", {"a": "1"})
        named = url.replace("127.0.0.1", "localhost")
        refusing = await _opened(tmp_path / "a", Guard())
        for each in (url, named, "ssh://git@127.0.0.1/app", "https://169.254.169.254/app"):
            with pytest.raises(errors.Forbidden, match="must not be reached"):
                await refusing.open(each).refs()
        assert server.requests == []
        where = _where(server)
        letting = await _opened(
            tmp_path / "b", Guard(allow=[where, where.replace("127.0.0.1", "localhost")])
        )
        assert list((await letting.open(url).refs()).branches) == ["main"]
        assert list((await letting.open(named).refs()).branches) == ["main"]


@pytest.mark.parametrize("transport", ["http", "https", "ssh"])
async def test_no_spelling_leads_to_a_forbidden_place(tmp_path: Path, transport: str) -> None:
    """Asked directly and as a submodule; the message names the host or the address and what to do."""
    with Listener() as listener:
        repositories = await _opened(tmp_path, Guard())
        for host in (*LEADING_HERE, *UNUSUAL):
            where = host if host.rpartition(":")[2].isdecimal() and "]" not in host else None
            url = f"{transport}://{where or f'{host}:{listener.port}'}/x.git"
            with pytest.raises(_REFUSED) as caught:
                await repositories.open(url).refs()
            assert ";" in str(caught.value), url
        assert listener.heard == []


async def test_a_server_that_repeats_the_password_is_not_quoted_with_it(tmp_path: Path) -> None:
    """Whoever may read a Warehouse would read the credential."""
    sent = list[str]()

    def respond(request: Request) -> Answer:
        shown = request.headers.get("Authorization", "").partition(" ")[2]
        if not shown:
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
        sent.append(shown)
        return 302, {"Location": f"/{shown}/hunter2-CANARY"}, b""

    served = Loopback(respond)
    try:
        repositories = await _opened(tmp_path, AnyAddress())
        credential = GitCredential(username="bot", password="hunter2-CANARY")
        with pytest.raises(errors.Forbidden, match=r"\*\*\*") as caught:
            await repositories.open(f"{served.url}/x.git", credential).refs()
        assert sent
        assert not any(each in str(caught.value) for each in (*sent, "CANARY"))
    finally:
        served.close()


@pytest.mark.parametrize(
    "url",
    [
        "git://127.0.0.1/x.git",
        "file:///etc",
        "ext::sh -c id",
        "ftp://127.0.0.1/x",
        "http:///x.git",
        "git@[::1%25lo]:x.git",
        "git@127%2e0%2e0%2e1:x.git",
        "git@2130706433:x.git",
    ],
)
async def test_other_ways_out_are_refused(tmp_path: Path, url: str) -> None:
    """Before git is started."""
    repositories = await _opened(tmp_path, Guard())
    with pytest.raises(errors.BadRequest):
        repositories.open(url)


async def test_what_the_operator_rewrites_to_is_asked_about_too(tmp_path: Path) -> None:
    """The address after the rewriting counts."""
    with Listener() as listener:
        rewrites = Rewrites.of({f"http://127.0.0.1:{listener.port}/": ["https://git.example/"]})
        repositories = await _opened(tmp_path, Guard(), rewrites)
        with pytest.raises(errors.Forbidden, match=r"egress\.allow"):
            await repositories.open("https://git.example/x.git").refs()
        assert listener.heard == []


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://[::1]:{port}",
        "http://[::ffff:127.0.0.1]:{port}",
        "http://127%2e0%2e0%2e1:{port}",
        "http://2130706433:{port}",
        "http://127.1:{port}",
        "http://a@127.0.0.1:{port}",
        "//127.0.0.1:{port}",
        "http:\\\\127.0.0.1:{port}",
        "http://169.254.169.254",
        "https://127.0.0.1:{port}",
        "git://127.0.0.1:{port}",
        "file://",
    ],
)
async def test_a_redirect_leads_to_no_forbidden_place(tmp_path: Path, target: str) -> None:
    """Neither the request nor the credential arrives there."""
    with git_server.serving(tmp_path / "served") as server, Listener() as listener:
        server.create("app", {"a": "1"})
        server.redirects["app"] = target.format(port=listener.port)
        repositories = await _opened(tmp_path, Guard(allow=[_where(server)]))
        credential = GitCredential(username=server.user, password=server.password)
        with pytest.raises(errors.Forbidden, match=r"redirect|must not be reached"):
            await repositories.open(f"{server.url}/app", credential).refs()
        assert listener.heard == []
        assert server.requests


async def test_a_redirect_leads_to_our_own_ports_never(tmp_path: Path) -> None:
    """Not even where the operator allows them, and not to the gateway itself."""
    with git_server.serving(tmp_path / "served", password="") as server, Listener() as listener:
        server.create("app", {"a": "1"})
        ours = f"127.0.0.1:{listener.port}"
        repositories = await _opened(
            tmp_path, Guard(allow=[_where(server), ours], own=[f"0.0.0.0:{listener.port}"])
        )
        server.redirects["app"] = f"http://{ours}"
        with pytest.raises(errors.Forbidden, match="itself listens"):
            await repositories.open(f"{server.url}/app").refs()
        assert listener.heard == []


async def test_a_moved_repository_is_followed(tmp_path: Path) -> None:
    """As git does at the beginning; fetch and push go there, the credential stays with its server."""
    with (
        git_server.serving(tmp_path / "old") as old,
        git_server.serving(tmp_path / "new", password="") as new,
    ):
        new.create("app", {"a": "1"})
        old.redirects["app"] = new.url
        old.failures.append(
            401
        )  # the old server sees the credential, and only then tells where to go
        repositories = await _opened(tmp_path, Guard(allow=[_where(old), _where(new)]))
        credential = GitCredential(username=old.user, password=old.password)
        repository = repositories.open(f"{old.url}/app", credential)
        assert (await repository.resolve(branch="main")).commit == new.head("app")
        made = await git_client.committed(repository, new.head("app"), {"a": "2"})
        assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
        assert new.read("app", "a") == "2"
        assert old.logins
        assert new.logins == []


async def test_an_encrypted_server_is_reached_encrypted(
    tmp_path: Path, tls: ssl.SSLContext
) -> None:
    """Its certificate is checked unless that is switched off; fetch and push show the credential to it alone."""
    with git_server.serving(tmp_path / "served", tls=tls) as server:
        url = server.create("app", {"a": "1"})
        repositories = await _opened(tmp_path, Guard(allow=[_where(server)]))
        credential = GitCredential(username=server.user, password=server.password)
        with pytest.raises(git_errors.Unreachable, match=r"https://127\.0\.0\.1.*TLS.*certificate"):
            await repositories.open(url, credential).refs()
        assert server.requests == []
        trusting = repositories.open(url, credential, Options(insecure=True))
        base = (await trusting.resolve(branch="main")).commit
        made = await git_client.committed(trusting, base, {"a": "2"})
        assert await push.to_branch(trusting.mirror, made, "main") == push.Pushed(made)
        assert server.read("app", "a") == "2"
        stranger = repositories.open(url, options=Options(insecure=True))
        with pytest.raises(
            git_errors.AuthenticationFailed, match=rf"{re.escape(url)}.*none was sent"
        ):
            await stranger.refs()


async def test_an_authority_of_the_operator_s_is_trusted(tmp_path: Path) -> None:
    """By git and by HTTP requests; the machine's own authorities stay trusted."""
    made = certificates.prepare(tmp_path, [], now=datetime.now(UTC))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.certificate, made.key)
    trusted = trust.context(made.authority)
    assert trusted is not None
    assert len(trusted.get_ca_certs()) > 1 or not ssl.create_default_context().get_ca_certs()
    with git_server.serving(tmp_path / "served", tls=tls, password="") as server:
        url = server.create("app", {"a": "1"})
        guard = Guard(allow=[_where(server)])
        repositories = await _opened(tmp_path, guard, trusted=trusted)
        assert (await repositories.open(url).resolve(branch="main")).commit == server.head("app")
        async with Egress(guard=guard, clock=SystemClock(), trust=trusted) as egress:
            answer = await egress.request("GET", f"{url}/info/refs?service=git-upload-pack")
            assert answer.status == 200


async def test_an_encrypted_server_does_not_lead_to_a_plain_one(
    tmp_path: Path, tls: ssl.SSLContext
) -> None:
    """Whoever listens on the way would see what is fetched."""
    with (
        git_server.serving(tmp_path / "a", tls=tls, password="") as server,
        git_server.serving(tmp_path / "b", password="") as plain,
    ):
        plain.create("app", {"a": "1"})
        server.redirects["app"] = plain.url
        repositories = await _opened(tmp_path, Guard(allow=[_where(server), _where(plain)]))
        repository = repositories.open(f"{server.url}/app", options=Options(insecure=True))
        with pytest.raises(errors.Forbidden, match="not encrypted"):
            await repository.refs()
        assert plain.requests == []


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_server_of_the_dumb_protocol_is_refused(
    tmp_path: Path, tls: ssl.SSLContext, encrypted: bool
) -> None:
    """There nobody checks what arrives. Git alone would take it."""
    with git_server.serving(
        tmp_path / "served", password="", tls=tls if encrypted else None
    ) as server:
        url = server.create("app", {"a": "1"})
        git_server.git(server.path("app"), "update-server-info")
        server.dumb = True
        git_server.git(tmp_path, "-c", "http.sslVerify=false", "ls-remote", url)
        repositories = await _opened(tmp_path, Guard(allow=[_where(server)]))
        repository = repositories.open(url, options=Options(insecure=encrypted))
        server.requests.clear()
        with pytest.raises(errors.Forbidden, match=r"smart HTTP protocol.*git http-backend"):
            await repository.resolve(branch="main")
        assert [request.path for request in server.requests] == ["/app/info/refs"]


async def test_what_is_under_way_ends_with_its_caller_and_with_the_gateway(tmp_path: Path) -> None:
    """An abort, and a shutdown: the server sees its connection closed."""
    with Listener(closing=True) as listener:
        guard = Guard(allow=[f"127.0.0.1:{listener.port}"])
        address = addresses.parse(f"http://127.0.0.1:{listener.port}/x.git")
        gateway = await git_client.opened(Gateway(guard))
        git = Git(home=tmp_path, gateway=gateway)

        async def listing() -> None:
            await git.reach("ls-remote", address.wire, directory=tmp_path, address=address)

        aborted = asyncio.create_task(listing())
        await asyncio.to_thread(listener.arrived.acquire)
        aborted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await aborted
        await asyncio.to_thread(listener.ended.acquire)

        left = asyncio.create_task(listing())
        await asyncio.to_thread(listener.arrived.acquire)
        await git_client.closed()
        await asyncio.to_thread(listener.ended.acquire)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)


async def test_a_name_that_leads_nowhere_starts_no_git(tmp_path: Path) -> None:
    """By either transport."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    fake = bin_ / "git"
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    fake.chmod(0o755)
    gateway = await git_client.opened(Gateway(Guard()))
    git = Git(home=tmp_path, path=str(bin_), gateway=gateway)
    for url in ("https://nowhere.invalid/x.git", "git@nowhere.invalid:x.git"):
        with pytest.raises(git_errors.Unreachable, match=r"nowhere\.invalid.*cannot be resolved"):
            await git.reach("fetch", "--quiet", directory=tmp_path, address=addresses.parse(url))
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("transport", ["http", "https", "ssh"])
async def test_a_name_that_changes_its_mind_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    """Resolved to somewhere harmless when it is checked, and to this machine when it is dialled."""
    answers = ["192.0.2.1", "127.0.0.1"]
    resolve = socket.getaddrinfo

    def changing(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host == "rebind.example":
            host = answers.pop(0) if len(answers) > 1 else answers[0]
        return resolve(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with Listener() as listener:
        repositories = await _opened(tmp_path, Guard())
        url = f"{transport}://rebind.example:{listener.port}/x.git"
        if transport == "ssh":
            # There is no second time: ssh is given the addresses that were checked, and no name.
            del answers[0]
        with pytest.raises(errors.Forbidden, match=r"127\.0\.0\.1.*must not be reached"):
            await repositories.open(url).refs()
        assert listener.heard == []


async def test_a_large_push_passes_in_pieces(tmp_path: Path) -> None:
    """Larger than what is held in memory, asked for the credential before."""
    with git_server.serving(tmp_path / "served") as server:
        url = server.create("app", {"a": "1"})
        repositories = await _opened(tmp_path, Guard(allow=[_where(server)]))
        credential = GitCredential(username=server.user, password=server.password)
        repository = repositories.open(url, credential)
        base = (await repository.resolve(branch="main")).commit
        large = random.Random(1).randbytes(3 << 20).hex()
        made = await git_client.committed(repository, base, {"large": large})
        assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
        assert server.read("app", "large") == large


async def test_ssh_connects_to_what_was_checked(tmp_path: Path) -> None:
    """It resolves no name itself; what it says of a failure is what is told."""

    class Elsewhere(Guard):
        async def addresses(self, host: str, port: int) -> tuple[str, ...]:
            assert (host, port) == ("git.example", listener.port)
            # Nobody listens at the first; the second is tried then.
            return ("127.0.0.9", "127.0.0.1")

    with Listener(b"HTTP/1.1 400 no ssh here\r\n\r\n", "127.0.0.1") as listener:
        repositories = await _opened(tmp_path, Elsewhere())
        with pytest.raises(
            git_errors.Unreachable, match=r"banner|kex_exchange|Connection (closed|reset)"
        ):
            await repositories.open(f"ssh://git@git.example:{listener.port}/x.git").refs()
        assert [heard[:8] for heard in listener.heard] == [b"SSH-2.0-"]


async def test_a_proxy_of_the_operator_is_used_and_asked_for_nothing_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lie on this machine; what it would dial is judged as if we dialled it."""
    with Listener(b"HTTP/1.1 502 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://operator:secret@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        repositories = await _opened(tmp_path, Guard())
        for host in ("127.0.0.1:1", "localhost:1", "169.254.169.254", "[::1]:1"):
            for transport in ("http", "https"):
                with pytest.raises(errors.Forbidden, match="must not be reached"):
                    await repositories.open(f"{transport}://{host}/x.git").refs()
        assert proxy.heard == []
        with pytest.raises(errors.TowpathError):
            await repositories.open("http://nowhere.invalid/x.git").refs()
        with pytest.raises(errors.TowpathError):
            await repositories.open("https://nowhere.invalid/x.git").refs()
        assert proxy.heard[0].startswith(b"GET http://nowhere.invalid/x.git/info/refs")
        assert proxy.heard[1].startswith(b"CONNECT nowhere.invalid:443")
        assert all(b"Proxy-Authorization: Basic " in heard for heard in proxy.heard)


async def test_the_gateway_serves_git_alone(tmp_path: Path) -> None:
    """A stranger, another server's URL and single files are refused; nothing is left at its end."""
    import aiohttp

    with Listener() as listener, git_server.serving(tmp_path / "s", password="") as server:
        guard = Guard(allow=[_where(server), f"127.0.0.1:{listener.port}"])
        address = addresses.parse(server.create("app", {"a": "1"}))
        async with Gateway(guard) as gateway, aiohttp.ClientSession() as session:
            async with gateway.passage(address, GitCredential(), insecure=False) as passage:
                login, _, where = passage.proxy.removeprefix("http://").partition("@")

                async def asked(url: str, login: str) -> int:
                    shown = base64.b64encode(login.encode()).decode()
                    headers = {"Proxy-Authorization": f"Basic {shown}"}
                    async with session.get(url, proxy=f"http://{where}", headers=headers) as answer:
                        return answer.status

                refs = f"{server.url}/app/info/refs?service=git-upload-pack"
                assert await asked(refs, "") == 407
                assert await asked(refs, "git:guessed") == 407
                assert await asked(refs, login) == 200
                assert await asked(f"{server.url}/app/HEAD", login) == 502
                other = f"http://127.0.0.1:{listener.port}/app/info/refs?service=git-upload-pack"
                assert await asked(other, login) == 502
                assert passage.failure is not None
            assert await asked(refs, login) == 407
        assert listener.heard == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((where.partition(":")[0], int(where.partition(":")[2])))


def _packet(line: bytes) -> bytes:
    return b"%04x%s" % (len(line) + 4, line)


_ADVERTISED: Final = "application/x-git-upload-pack-advertisement"
_SERVICE: Final = _packet(b"# service=git-upload-pack\n") + b"0000"
_MANY: Final = b"".join(
    _packet(b"%040x refs/pull/%059d\n" % (number + 1, number)) for number in range(10_000)
)


def _listed(request: Request) -> Answer:
    """Return refs that nobody asked for, more than fit into 64 MiB, at once or when they are asked for."""
    if request.method == "POST":
        return 200, {"Content-Type": "application/x-git-upload-pack-result"}, _MANY * 65
    if request.path.startswith("/later"):
        body = _SERVICE + _packet(b"version 2\n") + _packet(b"ls-refs\n") + b"0000"
    else:
        body = _SERVICE + _packet(b"%040x refs/heads/main\0agent=x\n" % 1) + _MANY * 65
    return 200, {"Content-Type": _ADVERTISED}, body


@pytest.mark.parametrize("name", ["at-once", "later"])
async def test_a_list_of_refs_without_end_is_cut_off(tmp_path: Path, name: str) -> None:
    """Git keeps all of it in memory, whatever it was asked for: a server could take all there is of this machine."""
    served = Loopback(_listed)
    try:
        repositories = await _opened(tmp_path, AnyAddress())
        with pytest.raises(errors.TooLarge, match="more refs than fit into 64 MiB"):
            await repositories.open(f"{served.url}/{name}.git").refs()
    finally:
        served.close()


async def test_an_answer_that_is_compressed_unasked_is_refused(tmp_path: Path) -> None:
    """A megabyte of it may stand for a gigabyte, which git would keep in memory."""
    asked = list[str | None]()

    def respond(request: Request) -> Answer:
        asked.append(request.headers.get("Accept-Encoding"))
        body = gzip.compress(_SERVICE + b"0000")
        return 200, {"Content-Type": _ADVERTISED, "Content-Encoding": "gzip"}, body

    served = Loopback(respond)
    try:
        repositories = await _opened(tmp_path, AnyAddress())
        with pytest.raises(errors.Forbidden, match="compressed"):
            await repositories.open(f"{served.url}/x.git").refs()
        assert asked == [None]
    finally:
        served.close()


async def test_what_takes_in_what_a_server_sends_has_a_limit_of_memory(tmp_path: Path) -> None:
    """Git, and whatever it calls: a pack of a few bytes may stand for objects of many gigabytes."""
    gateway = await git_client.opened(Gateway(AnyAddress()))
    git = Git(home=tmp_path, gateway=gateway)
    address = addresses.parse("http://127.0.0.1:1/x.git")
    finished = await git.reach(
        "-c", "alias.limit=!ulimit -d", "limit", directory=tmp_path, address=address
    )
    assert finished.stdout == b"%d\n" % (4 << 20)
