"""A front before each server that a Promotion reaches: it writes down what is asked, and refuses what changes something."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.demo.loopback import Answer, Request

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer"}
)
_READING = ("GET", "HEAD")
_FETCHED = "/git-upload-pack"
_PUSHED = "git-receive-pack"


@dataclass
class Fronts:
    """The fronts of one run."""

    read_only: bool = False
    """Whether what changes something is refused."""
    read: list[str] = field(default_factory=list)
    """What only reads, as `GET http://127.0.0.1:PORT/path`, in the order it came."""
    wrote: list[str] = field(default_factory=list)
    """What changes something, and was let through."""
    refused: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def before(self, upstream: str) -> Iterator[str]:
        """Serve in front of a server; yield the address of the front."""
        with httpx.Client(timeout=60, trust_env=False) as client:

            def respond(request: Request) -> Answer:
                return self._passed(client, upstream, request)

            front = Loopback(respond)
            try:
                yield front.url
            finally:
                front.close()

    def _passed(self, client: httpx.Client, upstream: str, request: Request) -> Answer:
        target = f"{request.path}?{request.query}" if request.query else request.path
        shown = f"{request.method} {upstream}{target}"
        if _only_reads(request):
            self.read.append(shown)
        elif self.read_only:
            self.refused.append(shown)
            return 403, {"Content-Type": "text/plain"}, b"this server is read-only\n"
        else:
            self.wrote.append(shown)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _HOP_BY_HOP
        }
        with client.stream(
            request.method, f"{upstream}{target}", headers=headers, content=request.body
        ) as answer:
            body = b"".join(answer.iter_raw())
            passed = {
                name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP
            }
        if request.method == "HEAD" and "content-length" in answer.headers:
            passed["Content-Length"] = answer.headers["content-length"]
        return answer.status_code, passed, body


def _only_reads(request: Request) -> bool:
    """Whether a request changes nothing. To ask what may be pushed is the beginning of a push."""
    if _PUSHED in request.path or _PUSHED in request.query:
        return False
    return request.method in _READING or request.path.endswith(_FETCHED)
