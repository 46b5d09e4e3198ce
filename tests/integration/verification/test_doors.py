"""The doors of a measurement, against servers on loopback and a real store."""

from __future__ import annotations

import asyncio
import base64
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.noting_server import serving
from tests.support.stores import ACTOR, document, opened
from towpath import errors
from towpath.app import certificates
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.credentials.finder import Credentials
from towpath.resources import scheme
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.shared_namespaces import SHARED
from towpath.verification.doors import EgressHttp, OpenedSecrets
from towpath.verification.known_secrets import KnownSecrets

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Store


async def test_a_request_is_sent_as_it_was_told_and_answered_whatever_the_status() -> None:
    """A request is sent as it was told and answered whatever the status."""
    with serving() as server:
        server.answer = lambda _: (503 if _.method == "GET" else 418, {"X-A": "1"}, b"tea")
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            http = EgressHttp(egress, project="shop")
            answer = await http.request(
                "POST", f"{server.http.url}/a", headers=[("X-B", "1"), ("x-b", "2")], body=b"{}"
            )
    assert (answer.status, answer.body, answer.headers["x-a"]) == (418, b"tea", "1")
    asked = server.asked[0]
    assert (asked.method, asked.body, asked.headers["X-B"]) == ("POST", b"{}", "1, 2")


async def test_addresses_and_sizes_have_bounds() -> None:
    """Addresses and sizes have bounds."""
    with serving() as server:
        server.answer = lambda _: (200, {}, b"x" * 2000)
        async with Egress(clock=SystemClock()) as egress:
            with pytest.raises(errors.Forbidden, match="this machine"):
                await EgressHttp(egress, project="shop").request("GET", server.http.url)
            with pytest.raises(errors.Forbidden, match="this machine"):
                await EgressHttp(egress, project="shop").certificate("localhost", 1)
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            http = EgressHttp(egress, project="shop")
            with pytest.raises(errors.TooLarge):
                await http.request("GET", server.http.url, most_bytes=1000)
            with pytest.raises(errors.BadRequest, match="header"):
                await http.request("GET", server.http.url, headers=[("a b", "c")])
    assert len(server.asked) == 1


@pytest.mark.parametrize("age", [timedelta(), timedelta(days=4000)])
async def test_the_end_of_a_certificate_is_read_of_an_expired_one_too(
    tmp_path: Path, age: timedelta
) -> None:
    """The end of a certificate is read of an expired one too."""
    tmp_path.chmod(0o700)
    files = certificates.prepare(tmp_path, ["localhost"], now=datetime.now(UTC) - age)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)

    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(leave, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with Egress(allow=[f"127.0.0.1:{port}"], clock=SystemClock()) as egress:
            until = await EgressHttp(egress, project="shop").certificate("127.0.0.1", port)
    assert (until > datetime.now(UTC)) is not bool(age)


async def test_a_server_without_tls_shows_no_certificate() -> None:
    """A server without tls shows no certificate."""
    with serving() as server:
        host, _, port = server.where.rpartition(":")
        async with Egress(allow=[server.where], clock=SystemClock()) as egress:
            with pytest.raises(errors.Unavailable, match="TLS"):
                await EgressHttp(egress, project="shop").certificate(host, int(port))
            with pytest.raises(errors.BadRequest, match="no host and port"):
                await EgressHttp(egress, project="shop").certificate(host, 70_000)


async def _secret(store: Store, name: str, namespace: str, label: str) -> None:
    data = {"token": base64.b64encode(f"value-of-{name}".encode()).decode()}
    labels = {CREDENTIAL_TYPE: label} if label else {}
    made = document(scheme.SECRET, name, namespace, labels=labels, data=data)
    await store.create(made, actor=ACTOR)


async def test_secrets_follow_the_rules_of_expressions_and_are_masked(tmp_path: Path) -> None:
    """Secrets follow the rules of expressions and are masked."""
    async with opened(tmp_path) as store:
        await _secret(store, "mine", "shop", "")
        await _secret(store, "all", SHARED, "generic")
        await _secret(store, "git", SHARED, "git")
        known = KnownSecrets()
        secrets = OpenedSecrets(
            store, Credentials(store), known, project="shop", actor="a", reason="b"
        )
        assert await secrets.read("mine") == {"token": "value-of-mine"}
        assert await secrets.read("all", is_shared=True) == {"token": "value-of-all"}
        with pytest.raises(errors.Forbidden, match="generic"):
            await secrets.read("git", is_shared=True)
        for is_shared in (True, False):
            with pytest.raises(errors.NotFound, match="absent does not exist"):
                await secrets.read("absent", is_shared=is_shared)
    assert known.message("value-of-mine value-of-all") == "***** *****"
