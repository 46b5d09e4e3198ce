"""What the HTTP server leans on that no library promises: each is looked at here, so that an update which takes it away is seen.

`docs/explanation/decisions/uvicorn-within-bounds.md` says why it is leaned on at all.
"""

from __future__ import annotations

import ast
import asyncio
import asyncio.sslproto
import inspect
import re
import selectors
import ssl
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h11
import pytest
import uvicorn
from h11._readers import ChunkedReader
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from towpath.app import fairness

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
APP = ROOT / "src/towpath/app"
WATCHED = {
    "h11._readers",
    "_reader",
    "_bytes_in_chunk",
    "_ssl_protocol",
    "_transport",
    "_selector",
}
"""Private names of libraries; a test below looks at each."""


def _defined(tree: ast.AST) -> set[str]:
    """Return the private names that a module defines itself."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _private(text: str) -> bool:
    return text.startswith("_") and not text.startswith("__")


def _foreign(path: Path) -> Iterator[str]:
    """Yield the private names of others that a module uses."""
    tree = ast.parse(path.read_text("utf-8"))
    own = _defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _private(node.attr) and node.attr not in own:
            if ast.unparse(node) != "os._exit":  # the library's page of it says what it is for
                yield node.attr
        elif isinstance(node, ast.ImportFrom) and any(
            map(_private, (node.module or "").split("."))
        ):
            yield node.module or ""
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("getattr", "setattr", "hasattr")
            and isinstance(node.args[1], ast.Constant)
            and _private(str(node.args[1].value))
        ):
            yield str(node.args[1].value)


def test_nothing_else_is_leaned_on() -> None:
    """Whoever leans on one more has to watch it here."""
    found = {name for path in APP.rglob("*.py") for name in _foreign(path)}
    assert found == WATCHED


@pytest.mark.parametrize("name", ["uvicorn", "h11"])
def test_both_are_held_to_the_versions_that_were_looked_at(name: str) -> None:
    """A later minor version is taken on by whoever has run the tests of connections with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [wanted] = [each for each in project["dependencies"] if re.match(rf"{name}\W", each)]
    held = re.fullmatch(rf"{name}>=0\.(\d+)(\.\d+)?,<0\.(\d+)", wanted)
    assert held is not None, wanted
    least, most = int(held[1]), int(held[3])
    assert most == least + 1
    assert metadata.version(name).split(".")[:2] == ["0", str(least)]


def test_the_parser_tells_how_much_of_a_chunk_is_to_come() -> None:
    """Before it has come: `connections` refuses a chunk that says that it is too large."""
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert isinstance(parser.next_event(), h11.Request)
    parser.receive_data(b"ff\r\nabc")
    event = parser.next_event()
    assert isinstance(event, h11.Data)
    assert event.chunk_start
    reader: Any = parser._reader
    assert isinstance(reader, ChunkedReader)
    assert reader._bytes_in_chunk == 0xFF - 3


def test_the_parser_keeps_what_it_was_told_that_is_not_read_yet() -> None:
    """And says in which state the other side is."""
    parser = h11.Connection(h11.SERVER, 64)
    assert parser.their_state is h11.IDLE
    parser.receive_data(b"GET / HT")
    assert parser.trailing_data == (b"GET / HT", False)
    parser.receive_data(b"T" * 64)
    with pytest.raises(h11.RemoteProtocolError) as refused:
        parser.next_event()
    assert refused.value.error_status_hint == 431


async def test_a_connection_of_the_server_has_what_ours_reads() -> None:
    """Its parser, cycle and flow; the cycle's answer; how it is told what cannot be read."""
    config = uvicorn.Config(lambda: None, log_config=None, lifespan="off", ws="none")
    config.load()
    state = ServerState()
    made: Any = H11Protocol(config=config, server_state=state, app_state={})
    assert isinstance(made.conn, h11.Connection)
    assert made.cycle is None
    assert made.connections is state.connections
    assert made.app_state == {}
    assert made.loop is asyncio.get_running_loop()
    assert isinstance(made.conn.their_state, type(h11.IDLE))
    parameters = inspect.signature(RequestResponseCycle.__init__).parameters
    assert {"scope", "conn", "transport", "flow"} <= set(parameters)
    source = inspect.getsource(RequestResponseCycle)
    for name in ("response_started", "response_complete", "self.scope"):
        assert name in source
    assert list(inspect.signature(H11Protocol.send_400_response).parameters) == ["self", "msg"]
    assert inspect.iscoroutinefunction(FlowControl.drain)
    flow: Any = FlowControl(None)  # type: ignore[arg-type]  # it is not read here
    assert flow.read_paused is False


def test_the_server_has_what_ours_replaces() -> None:
    """Its start, its signals, and what it closes at its end."""
    server: Any = uvicorn.Server(uvicorn.Config(lambda: None, log_config=None))
    assert server.started is False
    assert server.should_exit is False
    assert isinstance(server.server_state.connections, set)
    assert inspect.iscoroutinefunction(uvicorn.Server.startup)
    assert callable(uvicorn.Server.capture_signals)
    closing = inspect.getsource(uvicorn.Server)
    assert re.search(r"for \w+ in self\.servers:\s+\w+\.close\(\)", closing)
    assert "wait_closed()" in closing


async def test_tls_lies_over_a_transport_that_can_be_found() -> None:
    """Its buffers are bounded as well; what it reads at once is a number of the class."""
    assert asyncio.sslproto.SSLProtocol.max_size in (256 << 10, 16 << 10)  # ours sets it
    context = ssl.create_default_context()
    loop = asyncio.get_running_loop()
    outer: Any = asyncio.sslproto.SSLProtocol(
        loop, asyncio.Protocol(), context, loop.create_future()
    )
    assert hasattr(outer, "_transport")
    below = asyncio.Transport()
    shown: Any = outer._get_app_transport()
    outer._transport = below
    assert shown._ssl_protocol._transport is below
    shown._closed = True  # there is nothing to close


@pytest.mark.skipif(not hasattr(selectors, "EpollSelector"), reason="this system has no epoll")
def test_the_selector_has_its_epoll_object_where_ours_goes() -> None:
    """A turn of the loop takes some of what is ready."""
    with selectors.EpollSelector() as selector:
        assert selector._selector.fileno() == selector.fileno()  # type: ignore[attr-defined]  # what is looked at
    loop: Any = fairness.event_loop()
    try:
        assert isinstance(loop._selector._selector, fairness._SomeAtOnce)
    finally:
        loop.close()
