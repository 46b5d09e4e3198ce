"""Both types find releases on servers that run, say what is wrong, and go on where they were."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from shop_subscriptions.bucket import BucketType
from shop_subscriptions.http_listing import HttpListingType

from towpath.artifacts.discoverer import DiscoveryFailed
from towpath.artifacts.findings import Findings
from towpath.testing.subscriptions import look, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = {"accessKeyID": "AKIDEXAMPLE", "secretAccessKey": "not-so-secret"}
PAGE = 2


class Server:
    """A web server: a bucket of some objects, and pages as the test has them."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.pages: dict[str, tuple[str, str]] = {}
        self.signed = False
        self.asked: list[tuple[str, int]] = []
        self.port = 0

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"127.0.0.1:{self.port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, str, str]:
        """Return status, content type and body for a request."""
        place = urlsplit(handler.path)
        if place.path != "/releases":
            kind, body = self.pages.get(place.path, ("", ""))
            if not kind:
                return 404, "text/plain", ""
            known = handler.headers.get("If-None-Match") == etag(body)
            return (304, kind, "") if known else (200, kind, body)
        login = handler.headers.get("Authorization", "")
        if self.signed and not login.startswith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260501/eu-central-1/s3/"
        ):
            return 403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        assert asked["list-type"] == "2"
        keys = [key for key in sorted(self.keys) if key.startswith(asked.get("prefix", ""))]
        start = int(asked.get("continuation-token", "0"))
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-05-01T12:00:00.000Z</LastModified>"
            f"<ETag>&quot;{len(key)}&quot;</ETag><Size>{len(key)}</Size></Contents>"
            for key in keys[start : start + PAGE]
        )
        more = (
            f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>"
            if start + PAGE < len(keys)
            else ""
        )
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        body = f'<?xml version="1.0"?><ListBucketResult xmlns="{space}">{contents}{more}</ListBucketResult>'
        return 200, "application/xml", body


def etag(body: str) -> str:
    """Return what a page is called by."""
    return f'"{len(body)}"'


@pytest.fixture
def server() -> Iterator[Server]:
    """Run one."""
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = made.answer(self)
            made.asked.append((self.path, status))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            if kind.startswith(("text/html", "application/json")):
                self.send_header("ETag", etag(body))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        made.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        listening.shutdown()
        thread.join(10)


def bucket(server: Server, **more: Any) -> dict[str, Any]:
    """Return the configuration of a subscription to the bucket."""
    return {
        "endpoint": f"http://{server.address}",
        "bucket": "releases",
        "region": "eu-central-1",
        "prefix": "web/app-",
        "suffix": ".tgz",
        **more,
    }


def test_configurations_are_checked() -> None:
    """When a Warehouse is written: with the path of each field."""
    right = {"endpoint": "https://s3.example", "bucket": "releases"}
    assert problems(BucketType(), right) == []
    assert problems(HttpListingType(), {"url": "https://downloads.example/"}) == []
    [wrong] = problems(BucketType(), {**right, "bukcet": "x"})
    assert "spec.subscriptions[0].bucket.config.bukcet" in wrong
    assert "bucket" in wrong
    assert len(problems(HttpListingType(), {"url": "ftp://downloads.example/"})) == 1


def test_a_bucket_is_listed_page_by_page(server: Server) -> None:
    """The newest first; other objects are none of ours."""
    server.keys = [
        "web/app-1.2.0.tgz",
        "web/app-1.10.0.tgz",
        "web/app-1.9.0.tgz.sha256",
        "web/app-latest.tgz",
        "db/app-9.9.9.tgz",
        "web/app-2.0.0-rc.1.tgz",
    ]
    found = asyncio.run(look(BucketType(), bucket(server), allow=[server.address]))
    assert found.versions == ["2.0.0-rc.1", "1.10.0", "1.2.0"]
    assert found.references[1].metadata == {
        "key": "web/app-1.10.0.tgz",
        "etag": "18",
        "lastModified": "2026-05-01T12:00:00.000Z",
        "size": 18,
    }
    assert len(server.asked) == 3
    within = bucket(server, constraint="^1.0.0")
    fewer = asyncio.run(look(BucketType(), within, allow=[server.address], limit=1))
    assert fewer.versions == ["1.10.0"]


def test_a_bucket_that_asks_for_a_key(server: Server) -> None:
    """Without the right one nobody asks again before the Secret changes."""
    server.signed = True
    server.keys = ["web/app-1.2.0.tgz"]
    for config in (bucket(server), bucket(server, secret="key")):
        with pytest.raises(DiscoveryFailed, match=r"secret|Secret key") as refused:
            asyncio.run(look(BucketType(), config, allow=[server.address]))
        assert refused.value.is_refused
    signed = look(
        BucketType(), bucket(server, secret="key"), allow=[server.address], secrets={"key": KEY}
    )
    assert asyncio.run(signed).versions == ["1.2.0"]


def test_a_page_of_links(server: Server) -> None:
    """It is not sent again while it is the same, unless somebody asks by hand."""
    links = "".join(
        f'<a href="{each}">x</a>'
        for each in ("../", "?C=M", "manual-1.0.0.pdf", "manual-1.1.0.pdf", "notes.txt")
    )
    server.pages["/manuals/"] = ("text/html; charset=utf-8", f"<html><body>{links}</body></html>")
    config = {"url": f"http://{server.address}/manuals/", "prefix": "manual-", "suffix": ".pdf"}
    findings = Findings()
    for manual in (False, False, True):
        found = asyncio.run(
            look(
                HttpListingType(), config, allow=[server.address], findings=findings, manual=manual
            )
        )
        assert found.versions == ["1.1.0", "1.0.0"]
        assert found.references[0].metadata == {"url": f"{config['url']}manual-1.1.0.pdf"}
    assert [status for _, status in server.asked] == [200, 304, 200]


def test_a_list_in_json(server: Server) -> None:
    """Folders are no releases."""
    listed = [{"name": "app-1.0.0", "type": "file"}, {"name": "app-2.0.0", "type": "directory"}]
    server.pages["/list"] = ("application/json", json.dumps(listed))
    config = {"url": f"http://{server.address}/list", "prefix": "app-"}
    assert asyncio.run(look(HttpListingType(), config, allow=[server.address])).versions == [
        "1.0.0"
    ]


@pytest.mark.parametrize(
    ("page", "said", "waits"),
    [
        (("application/json", "{}"), "", False),
        (("application/json", '["a"]'), "no list of files", False),
        (("application/json", "[" * 100_000), "no list of files", False),
        (None, "404", True),
    ],
)
def test_what_is_no_list(server: Server, page: Any, said: str, waits: bool) -> None:
    """It is said with the subscription, and what is waited for."""
    if page is not None:
        server.pages["/list"] = page
    config = {"url": f"http://{server.address}/list"}
    if not said:
        assert asyncio.run(look(HttpListingType(), config, allow=[server.address])).versions == []
        return
    with pytest.raises(DiscoveryFailed, match=f"http-listing under-test.*{said}") as refused:
        asyncio.run(look(HttpListingType(), config, allow=[server.address]))
    assert refused.value.is_refused is waits


def test_files_that_are_no_releases_are_told(server: Server) -> None:
    """Some of them, since a prefix is soon written wrong; a range that cannot be read is final."""
    server.keys = ["web/app-1.2.0.tgz", "web/readme"]
    found = asyncio.run(
        look(BucketType(), bucket(server, prefix="web/", suffix=".zip"), allow=[server.address])
    )
    assert found.versions == []
    assert (
        "none of the 2 files is a release; there are web/app-1.2.0.tgz, web/readme"
        in found.notes[0]
    )
    with pytest.raises(DiscoveryFailed, match=r"config\.constraint") as refused:
        asyncio.run(look(BucketType(), bucket(server, constraint="new"), allow=[server.address]))
    assert refused.value.is_final


def test_this_machine_is_not_reached(server: Server) -> None:
    """By a type of ours as little as by any other."""
    with pytest.raises(DiscoveryFailed, match=r"127\.0\.0\.1"):
        asyncio.run(look(BucketType(), bucket(server)))
