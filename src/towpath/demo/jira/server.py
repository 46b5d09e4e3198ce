"""Serves a stand-in on loopback: its API, and the board for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.demo.jira import board
from towpath.demo.jira.faults import JiraFaults
from towpath.demo.jira.rest_api import RestApi
from towpath.demo.jira.site import JiraSite
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.loopback import Answer, Request

USER: Final = "towpath@example.com"
TOKEN: Final = "demo-api-token"  # noqa: S105 - of a stand-in on loopback
_READING: Final = ("GET", "HEAD")


class _GoneError(ConnectionAbortedError):
    """The connection is closed without an answer."""


class JiraServer:
    """One stand-in, on a free port of 127.0.0.1 until it is closed."""

    def __init__(
        self,
        site: JiraSite | None = None,
        *,
        is_cloud: bool = True,
        token: str = TOKEN,
        observe: Callable[[Request, int, Any], None] | None = None,
        port: int = 0,
    ) -> None:
        """`observe` is told of each request of the API with its answer, as when a contract is at hand."""
        self.site = site or JiraSite()
        self.faults = JiraFaults()
        self.requests: list[str] = []
        """What was asked of the API, `METHOD PATH`."""
        self.is_cloud = is_cloud
        self._observe = observe
        self._api = RestApi(self.site, self.faults, {USER: token}, is_cloud=is_cloud)
        self._http = Loopback(self._respond, port=port)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def secret(self, name: str, namespace: str) -> dict[str, Any]:
        """Return the Secret for it, as a manifest."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "stringData": {"domain": self.url, "username": USER, "password": TOKEN},
        }

    def close(self) -> None:
        """Stop."""
        self.faults.stop()
        self._http.close()

    def _respond(self, request: Request) -> Answer:
        if not request.path.startswith("/rest/"):
            with self.site.lock:
                return board.respond(self.site, request)
        self.requests.append(f"{request.method} {request.path}")
        self.faults.delay()
        if self.faults.is_away:
            raise _GoneError
        wrong = self.faults.answer()
        if wrong is not None:
            return wrong
        status, document = self._api.respond(request, self.url)
        if self._observe is not None:
            self._observe(request, status, document)
        if self.faults.loses_answers > 0 and request.method not in _READING:
            self.faults.loses_answers -= 1
            raise _GoneError
        body = b"" if document is None else msgspec.json.encode(document)
        headers = {"Content-Type": "application/json;charset=UTF-8", "Cache-Control": "no-store"}
        return status, headers, body + b" " * self.faults.padding_bytes
