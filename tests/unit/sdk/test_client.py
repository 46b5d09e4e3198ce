"""The client: addresses, refusals, answers that are none."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli import fake_api
from towpath import errors
from towpath.sdk.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "/v1beta1/system/server-version"


@pytest.fixture
def api() -> Iterator[fake_api.Api]:
    """A server."""
    with fake_api.running() as running:
        yield running


def client(api: fake_api.Api, path: str = "") -> Client:
    """Return a client of it."""
    return Client(api.address + path, fake_api.TOKEN, seconds=5)


@pytest.mark.parametrize(
    "server", ["", "x", "ftp://x", "http://", "http://x:y", "http://x?a=b", "http://[x"]
)
def test_addresses_that_are_none(server: str) -> None:
    """They are told before anything is sent."""
    with pytest.raises(errors.BadRequest, match="must be an address"):
        Client(server, "token")


@pytest.mark.parametrize("token", ["", "a\r\nX: y", "é"])
def test_tokens_that_are_none(token: str) -> None:
    """They never get into a header, nor into the message."""
    with pytest.raises(errors.BadRequest) as caught:
        Client("http://127.0.0.1:1", token)
    assert not token or token not in caught.value.message


def test_a_server_below_a_path(api: fake_api.Api) -> None:
    """The path goes before ours."""
    api.answer("GET", "/kargo" + VERSION, {"version": "1"})
    assert client(api, "/kargo/").version() == {"version": "1"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthenticated),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Expired),
        (413, errors.TooLarge),
        (422, errors.Invalid),
        (429, errors.TooManyRequests),
        (500, errors.TowpathError),
        (501, errors.NotImplemented),
        (503, errors.Unavailable),
        (504, errors.Timeout),
        (302, errors.Unavailable),
    ],
)
@pytest.mark.parametrize(
    "body", [{"error": "the reason"}, b"the reason", b"\xff the reason", b"[" * 100_000]
)
def test_refusals_are_our_errors(
    api: fake_api.Api, status: int, kind: type[errors.TowpathError], body: Any
) -> None:
    """With the server's words, whatever form they have."""
    api.answer("GET", VERSION, (status, body))
    with pytest.raises(kind) as caught:
        client(api).version()
    if status != 302 and (isinstance(body, dict) or b"reason" in body):
        assert "the reason" in caught.value.message


def test_redirects_are_not_followed(api: fake_api.Api) -> None:
    """The token would go with them."""
    api.answer("GET", VERSION, (302, b""))
    with pytest.raises(errors.Unavailable, match="elsewhere"):
        client(api).version()


@pytest.mark.parametrize("answer", [b"<html>", [], None, "text", b"[" * 100_000])
def test_answers_that_are_none(api: fake_api.Api, answer: Any) -> None:
    """Something else listens there."""
    api.answer("GET", VERSION, answer)
    with pytest.raises(errors.Unavailable):
        client(api).version()


def test_answers_for_another_number_of_documents(api: fake_api.Api) -> None:
    """It is not told whose they are."""
    api.answer("PUT", "/v1beta1/resources", {"results": [{}]}, {"results": [{}]})
    with pytest.raises(errors.Unavailable, match="2 documents"):
        client(api).apply([{}, {}])
    with pytest.raises(errors.Unavailable, match="without saying"):
        client(api).apply([{}])


def test_names_stay_names(api: fake_api.Api) -> None:
    """No name can leave its place in the path."""
    for name in ("..", "a/../b", "a?b=c", "a#b", "a b", "é"):
        with pytest.raises(errors.NotFound):
            client(api).get("stages", "shop", name)
        path = api.asked[-1].path
        assert path.startswith("/v1beta1/projects/shop/stages/")
        assert path.count("/") == 5


def test_a_stream_that_is_none(api: fake_api.Api) -> None:
    """A JSON answer to a watch is told as what it is."""
    api.answer("GET", "/v1beta1/projects/p/stages/s", {"kind": "Stage"})
    with pytest.raises(errors.Unavailable, match="a stream was asked for"):
        list(client(api).watch("stages", "p", "s", remaining=lambda: 5.0))


def test_nobody_listens_and_nobody_answers() -> None:
    """Two different things to look at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(errors.Timeout, match="no answer within"):
            Client(address, "token", seconds=0.05).version()
    with pytest.raises(errors.Unavailable, match="is the server running"):
        Client(address, "token").version()


@pytest.mark.parametrize("size", [b"f" * 17, b"-5"])
def test_a_chunk_of_a_size_that_none_can_have(size: bytes) -> None:
    """The answer is given up at once, though the other side keeps the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            other, _ = listening.accept()
            with other:
                other.recv(1 << 16)
                head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                other.sendall(head + size + b"\r\nabc")
                other.recv(1)  # until the caller has gone

        answering = threading.Thread(target=answer)
        answering.start()
        port = listening.getsockname()[1]
        with pytest.raises(errors.Unavailable, match="chunk"):
            Client(f"http://127.0.0.1:{port}", fake_api.TOKEN).objects("stages", "shop")
        answering.join(20)
        assert not answering.is_alive()


def test_a_refusal_without_words(api: fake_api.Api) -> None:
    """Such as that of a proxy, or of another server than is meant: no colon that nothing follows."""
    api.answer("GET", VERSION, (401, b""))
    with pytest.raises(errors.Unauthenticated, match=r"^401 Unauthorized; check TOWPATH_TOKEN"):
        client(api).version()
