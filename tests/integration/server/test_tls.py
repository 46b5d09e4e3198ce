"""TLS: the authority of a data directory, the server's certificate, and who accepts it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509

from tests.support.kubectl import Kubectl
from tests.support.listening import in_a_thread, listens, passes_until
from tests.support.towpath_process import run, up
from towpath.app import certificates, tls
from towpath.app.tls import TLSSettings
from towpath.clock import SystemClock, VirtualClock
from towpath.errors import BadRequest, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LOCAL = TLSSettings(host="127.0.0.1", port=0)
_FILES = ("ca.crt", "ca.key", "server.crt", "server.key")


async def hello(_: Scope, __: Receive, send: Send) -> None:
    """Answer."""
    headers = [(b"content-length", b"5"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def _trusting(authority: Path) -> ssl.SSLContext:
    """Return a context that trusts one authority and is as strict as Python 3.13 and later are by default."""
    context = ssl.create_default_context(cafile=str(authority))
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context


def _served(port: int, context: ssl.SSLContext, name: str) -> dict[str, object]:
    """Return the certificate that a server shows for a name. Raises SSLError if it is not accepted."""
    with (
        socket.create_connection(("127.0.0.1", port), 30) as caller,
        context.wrap_socket(caller, server_hostname=name) as wrapped,
    ):
        return dict(wrapped.getpeercert() or {})


# --- the files ---------------------------------------------------------------------------------------


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_keys_are_private_and_last(tmp_path: Path) -> None:
    """0600 in a folder of 0700; a second call makes nothing anew."""
    certificates.prepare(tmp_path, ["127.0.0.1"], now=NOW)
    folder = tmp_path / "tls"
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("ca.key", "server.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == sorted(_FILES)
    before = {name: (folder / name).read_bytes() for name in _FILES}
    certificates.prepare(tmp_path, ["127.0.0.1"], now=NOW + timedelta(days=330))
    assert {name: (folder / name).read_bytes() for name in _FILES} == before


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    """With the command that mends it."""
    certificates.prepare(tmp_path, [], now=NOW)
    path = tmp_path / "tls" / name
    path.chmod(0o640)
    with pytest.raises(Unavailable, match=f"chmod 600 {path}"):
        certificates.prepare(tmp_path, [], now=NOW)


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
@pytest.mark.parametrize("text", [b"", b"no key\n"], ids=["empty", "no PEM"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, name: str, text: bytes) -> None:
    """It is not replaced in silence: clients that trust the old authority would be lost."""
    certificates.prepare(tmp_path, [], now=NOW)
    path = tmp_path / "tls" / name
    path.write_bytes(text)
    with pytest.raises(Unavailable, match=str(path)):
        certificates.prepare(tmp_path, [], now=NOW)
    assert path.read_bytes() == text


@pytest.mark.parametrize(
    ("days", "names", "is_renewed"),
    [
        (334, ["127.0.0.1"], False),
        (336, ["127.0.0.1"], True),
        (400, ["127.0.0.1"], True),
        (-1, ["127.0.0.1"], True),
        (0, ["127.0.0.1", "towpath.example.com"], True),
        (0, ["0.0.0.0"], False),
        (0, ["::0001", "LOCALHOST"], False),
    ],
    ids=[
        "35 days left",
        "29 days left",
        "ended",
        "clock set back",
        "a new name",
        "any address",
        "same names",
    ],
)
def test_a_certificate_is_renewed_when_it_is_due(
    tmp_path: Path, days: int, names: list[str], is_renewed: bool
) -> None:
    """Thirty days before its end, or for other names; the key and the authority stay."""
    certificates.prepare(tmp_path, ["127.0.0.1"], now=NOW)
    folder = tmp_path / "tls"
    before = {name: (folder / name).read_bytes() for name in _FILES}
    now = NOW + timedelta(days=days)
    certificates.prepare(tmp_path, names, now=now)
    after = {name: (folder / name).read_bytes() for name in _FILES}
    changed = {name for name in _FILES if before[name] != after[name]}
    assert changed == ({"server.crt"} if is_renewed else set())
    assert _certificate(folder / "server.crt").not_valid_after_utc > now + timedelta(days=30)


def test_names_of_a_certificate(tmp_path: Path) -> None:
    """The ones asked for, once each, and those of this machine."""
    certificates.prepare(tmp_path, ["10.0.0.7", "Towpath.example.com", "*.example.com"], now=NOW)
    found = _certificate(tmp_path / "tls/server.crt")
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(str(name.value) for name in names) == [
        "*.example.com",
        "10.0.0.7",
        "127.0.0.1",
        "::1",
        "localhost",
        "towpath.example.com",
    ]
    life = found.not_valid_after_utc - found.not_valid_before_utc
    assert timedelta(days=365) <= life <= timedelta(days=366)
    authority = _certificate(tmp_path / "tls/ca.crt")
    assert authority.not_valid_after_utc - NOW == timedelta(days=3650)


@pytest.mark.parametrize(
    "name", ["", "a b", "https://x", "x:8443", "-x", "é.example", "a" * 64, "a..b"]
)
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is made."""
    with pytest.raises(BadRequest, match=r"towpath\.example\.com"):
        certificates.prepare(tmp_path, [name], now=NOW)
    assert not (tmp_path / "tls").exists()


def test_an_authority_near_its_end_is_renewed_with_its_key(tmp_path: Path) -> None:
    """Clients that trust the former certificate of the authority go on trusting the server until that one ends."""
    certificates.prepare(tmp_path, [], now=NOW)
    folder = tmp_path / "tls"
    former = _certificate(folder / "ca.crt")
    certificates.prepare(tmp_path, [], now=NOW + timedelta(days=3630))
    assert _certificate(folder / "ca.crt") != former
    _certificate(folder / "server.crt").verify_directly_issued_by(former)


def test_a_server_certificate_by_another_authority_is_replaced(tmp_path: Path) -> None:
    """As after the authority's key was removed to have another one made."""
    certificates.prepare(tmp_path, [], now=NOW)
    folder = tmp_path / "tls"
    (folder / "ca.key").unlink()
    certificates.prepare(tmp_path, [], now=NOW)
    _certificate(folder / "server.crt").verify_directly_issued_by(_certificate(folder / "ca.crt"))


# --- who accepts it ----------------------------------------------------------------------------------


async def test_clients_that_trust_the_authority_accept_the_server(tmp_path: Path) -> None:
    """Under each of its names, under strict rules, with TLS 1.2 and 1.3; under no other name."""
    settings = TLSSettings(host="127.0.0.1", port=0, names=("towpath.example.com",))
    async with (
        tls.serving(tmp_path, settings, SystemClock()) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        strict = _trusting(tmp_path / "tls/ca.crt")
        for name in ("localhost", "127.0.0.1", "::1", "towpath.example.com"):
            shown = await asyncio.to_thread(_served, port, strict, name)
            assert ("DNS", "localhost") in shown["subjectAltName"]  # type: ignore[operator]  # getpeercert is untyped
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            await asyncio.to_thread(_served, port, strict, "other.example.com")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            strict.minimum_version = strict.maximum_version = version
            request = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
            answer, _ = await in_a_thread(port, request, strict)
            assert answer.endswith(b"hello")


async def test_clients_that_trust_others_refuse_the_server(tmp_path: Path) -> None:
    """The authority of another data directory is no authority here, nor is the system's."""
    other = tmp_path / "other"
    other.mkdir()
    certificates.prepare(other, [], now=datetime.now(UTC))
    async with (
        tls.serving(tmp_path, LOCAL, SystemClock()) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        for trusting in (
            _trusting(other / "tls/ca.crt"),
            ssl.create_default_context(),
        ):
            with pytest.raises(ssl.SSLCertVerificationError):
                await asyncio.to_thread(_served, port, trusting, "localhost")


async def test_old_versions_of_tls_are_refused(tmp_path: Path) -> None:
    """1.1 is not spoken."""
    async with (
        tls.serving(tmp_path, LOCAL, SystemClock()) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        old = _trusting(tmp_path / "tls/ca.crt")
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
            await asyncio.to_thread(_served, port, old, "localhost")


async def test_plain_http_is_told_what_is_wrong(tmp_path: Path) -> None:
    """In HTTP, which the caller understands; other bytes just end."""
    async with (
        tls.serving(tmp_path, LOCAL, SystemClock()) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        answer = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/healthz")
        assert (answer.status_code, answer.text) == (
            400,
            "this port speaks TLS: the address must begin with https://\n",
        )
        assert await in_a_thread(port, [b"\x00\x01\x02 nothing of the kind"]) == (b"", 23)


async def test_who_reads_nothing_over_tls_is_cut_off_too(tmp_path: Path) -> None:
    """After 30 seconds in which nothing of what waits was taken."""
    begun, clock = asyncio.Event(), VirtualClock()

    async def much(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * (16 << 20), "more_body": True})
        begun.set()
        assert (await receive())["type"] == "http.disconnect"

    async with (
        tls.serving(tmp_path, LOCAL, SystemClock()) as context,
        listens(much, clock, context=context) as (server, port),
    ):
        trusting = _trusting(tmp_path / "tls/ca.crt")
        _, writer = await asyncio.open_connection(
            "localhost", port, ssl=trusting, family=socket.AF_INET, limit=1024
        )
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await begun.wait()
        # The kernel takes more in its own time, when it asks whether there is room again, and the 30 seconds begin anew.
        assert await passes_until(clock, lambda: not server.connections, 600) >= 30
        writer.transport.abort()


async def test_a_running_server_takes_a_renewed_certificate(tmp_path: Path) -> None:
    """New connections see it without a restart; what lasts is not touched."""
    clock = VirtualClock()
    clock.set_wall(NOW)
    async with (
        tls.serving(tmp_path, LOCAL, clock) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        served = tmp_path / "tls/server.crt"
        first, before = served.read_bytes(), await _seen(port)
        clock.set_wall(clock.now() + timedelta(days=340))
        async with asyncio.timeout(30):
            while served.read_bytes() == first:
                await clock.advance(3600)
                await asyncio.to_thread(bool)
        async with asyncio.timeout(30):
            while await _seen(port) == before:
                await clock.advance(3600)
        assert await _seen(port) == _certificate(served).serial_number


async def _seen(port: int) -> int:
    """Return the serial number of the certificate that a server shows."""
    pem = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


async def test_a_renewal_that_fails_leaves_what_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A pair that does not belong together is not taken over, and the log says so."""
    certificates.prepare(tmp_path, [], now=NOW)
    own = tmp_path / "own.crt"
    own.write_bytes((tmp_path / "tls/server.crt").read_bytes())
    settings = TLSSettings(host="x", port=0, certificate=own, key=tmp_path / "tls/server.key")
    clock = VirtualClock()
    async with (
        tls.serving(tmp_path, settings, clock) as context,
        listens(hello, SystemClock(), context=context) as (_, port),
    ):
        before = await _seen(port)
        own.write_bytes((tmp_path / "tls/ca.crt").read_bytes())
        async with asyncio.timeout(30):
            while "stays the one it was" not in caplog.text:
                await clock.advance(3600)
                await asyncio.to_thread(bool)
        assert await _seen(port) == before


# --- the process -------------------------------------------------------------------------------------


def test_an_own_certificate_is_served_as_it_is(tmp_path: Path) -> None:
    """Nothing is made beside it, and a kubeconfig embeds the authority that the operator names."""
    maker = tmp_path / "pki"
    maker.mkdir()
    files = certificates.prepare(maker, ["towpath.example.com"], now=datetime.now(UTC))
    options = (f"--tls-cert={files.certificate}", f"--tls-key={files.key}")
    with up(tmp_path, *options) as server:
        port = httpx.URL(server.tls_address).port
        assert port is not None
        authority = maker / "tls/ca.crt"
        assert _served(port, _trusting(authority), "towpath.example.com")
        assert [path.name for path in (tmp_path / "data/tls").iterdir()] == ["served.json"]
        bare = run(tmp_path, "kubeconfig", f"--data={tmp_path / 'data'}")
        assert "certificate-authority-data" not in bare.stdout
        told = run(
            tmp_path,
            "kubeconfig",
            f"--data={tmp_path / 'data'}",
            f"--certificate-authority={authority}",
        )
        assert "certificate-authority-data" in told.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-cert=a.crt"], "--tls-key"),
        (["--listen-tls=none", "--tls-name=x"], "no use"),
        (["--listen-tls=127.0.0.1"], "--listen-tls 127.0.0.1: it must read HOST:PORT"),
        (["--tls-name=a b"], "'a b' is no name"),
        (["--tls-cert=missing.crt", "--tls-key=missing.key"], "missing.crt"),
    ],
    ids=["half a pair", "names for nothing", "no port", "no name", "no file"],
)
def test_wrong_options_are_told(tmp_path: Path, options: list[str], words: str) -> None:
    """In one line."""
    listen = [] if any("--listen-tls" in each for each in options) else ["--listen-tls=127.0.0.1:0"]
    done = run(
        tmp_path, "up", f"--data={tmp_path / 'data'}", "--listen=127.0.0.1:0", *listen, *options
    )
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path) -> None:
    """Another one, or none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        option = f"--listen-tls=127.0.0.1:{taken.getsockname()[1]}"
        done = run(tmp_path, "up", f"--data={tmp_path / 'data'}", "--listen=127.0.0.1:0", option)
    assert done.returncode == 1
    assert "--listen-tls 127.0.0.1:" in done.stderr
    assert "or none" in done.stderr
    assert not (tmp_path / "data").exists()


async def test_the_real_kubectl_speaks_with_the_server(tmp_path: Path) -> None:
    """With nothing but what `towpath kubeconfig` writes."""
    with up(tmp_path):
        kubeconfig = tmp_path / "kubeconfig"
        written = run(
            tmp_path, "kubeconfig", f"--data={tmp_path / 'data'}", f"--output={kubeconfig}"
        )
        assert written.returncode == 0, written.stderr
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        kubectl = Kubectl(kubeconfig, tmp_path)
        assert (await kubectl.run("get", "--raw", "/healthz")).ok() == "ok"
        assert "Server Version: v1." in (await kubectl.run("version")).ok()
