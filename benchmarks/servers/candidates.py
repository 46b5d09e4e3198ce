"""The servers: `python -m benchmarks.servers.candidates NAME PORT CERTIFICATE KEY` runs one until it is killed.

All answer with `application`. Without a certificate (`-`) they speak plain HTTP.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

FOLDER: Final = Path(__file__).resolve().parents[2] / ".tools/http-servers"
"""Where those lie that Towpath does not run on."""
INSTALL: Final = "uv pip install --target .tools/http-servers hypercorn granian httptools uvloop h2"
LARGE_BYTES: Final = 64 << 20
_PIECE: Final = bytes(64 << 10)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer five bytes; at `/large` 64 MiB, a piece at a time, each when the server takes it."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
    size = LARGE_BYTES if scope["path"] == "/large" else 5
    headers = [(b"content-length", b"%d" % size), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if size == 5:
        await send({"type": "http.response.body", "body": b"hello"})
        return
    for _ in range(LARGE_BYTES // len(_PIECE)):
        await send({"type": "http.response.body", "body": _PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _ours(port: int, files: tuple[str, str] | None) -> None:
    import ssl

    from towpath.app import event_loop, listening
    from towpath.clock import SystemClock

    async def run() -> None:
        context = None
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            context.set_alpn_protocols(["http/1.1"])

        async def end() -> None:
            return

        listening.allow_files()
        with listening.listening("127.0.0.1", port, "--listen") as door:
            async with listening.serving(
                application,
                [listening.Listener(door, context)],
                SystemClock(),
                limits=listening.limits(),
                end=end,
            ):
                await asyncio.Event().wait()

    event_loop.run(run())


def _uvicorn(http: str, loop: str) -> Callable[[int, tuple[str, str] | None], None]:
    def run(port: int, files: tuple[str, str] | None) -> None:
        import uvicorn

        more: dict[str, Any] = {}
        if files:
            more = {"ssl_certfile": files[0], "ssl_keyfile": files[1]}
        uvicorn.run(
            "benchmarks.servers.candidates:application",
            port=port,
            http=http,
            loop=loop,
            log_level="critical",
            lifespan="off",
            timeout_keep_alive=120,
            **more,
        )

    return run


def _hypercorn(port: int, files: tuple[str, str] | None) -> None:
    from hypercorn.asyncio import serve  # type: ignore[import-not-found]
    from hypercorn.config import Config  # type: ignore[import-not-found]

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 120
    if files:
        config.certfile, config.keyfile = files
    asyncio.run(serve(application, config))


def _granian(port: int, files: tuple[str, str] | None) -> None:
    from granian import Granian  # type: ignore[import-not-found]
    from granian.constants import Interfaces  # type: ignore[import-not-found]

    more: dict[str, Any] = {}
    if files:
        more = {"ssl_cert": Path(files[0]), "ssl_key": Path(files[1])}
    Granian(
        "benchmarks.servers.candidates:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        log_enabled=False,
        **more,
    ).serve()


CANDIDATES: Final[dict[str, Callable[[int, tuple[str, str] | None], None]]] = {
    "towpath": _ours,
    "uvicorn, h11": _uvicorn("h11", "asyncio"),
    "uvicorn, httptools, uvloop": _uvicorn("httptools", "uvloop"),
    "hypercorn": _hypercorn,
    "granian": _granian,
}


if __name__ == "__main__":
    _name, _port, _certificate, _key = sys.argv[1:]
    CANDIDATES[_name](int(_port), None if _certificate == "-" else (_certificate, _key))
