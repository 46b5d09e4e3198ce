"""Words of the query that say yes or no: one reader, for whoever decides on rights and whoever answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import Request

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.errors import BadRequest
from towpath.resources.scheme import SCHEME
from towpath.server import requests
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message

    from towpath.store.contract import Document

YES = ("1", "t", "T", "true", "TRUE", "True", "tRuE")
NO = ("", "0", "f", "F", "false", "FALSE", "False")
NEITHER = ("yes", "no", "on", "2", "tru", "true ", "ja", "\x00", "\uff11", "true,false")
READER: list[Document] = [
    {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "reader", "namespace": PROJECT},
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader"},
        "rules": [{"verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "reader",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": PROJECT}],
    },
]
"""An account that may read everything and watch nothing."""


def _request(query: bytes) -> Request:
    return Request({"type": "http", "query_string": query, "headers": []})


@pytest.mark.parametrize(("words", "said"), [(YES, True), (NO, False)], ids=["true", "false"])
def test_words_that_say_yes_or_no(words: tuple[str, ...], said: bool) -> None:
    """As Go reads them, in any case."""
    assert [requests.flag(_request(f"a={word}".encode()), "a") for word in words] == [said] * len(
        words
    )


def test_what_is_not_said_and_what_is_said_twice() -> None:
    """Nothing is no; the first of several counts, as in Go."""
    assert not requests.flag(_request(b""), "a")
    assert requests.flag(_request(b"a=true&a=false"), "a")
    assert not requests.flag(_request(b"a=false&a=true"), "a")


@pytest.mark.parametrize("word", NEITHER)
def test_what_is_neither_is_refused(word: str) -> None:
    """And named."""
    request = Request({"type": "http", "query_string": _query(word), "headers": []})
    with pytest.raises(BadRequest, match=r"a: .* is neither true nor false"):
        requests.flag(request, "a")


def _query(word: str) -> bytes:
    from urllib.parse import urlencode

    return urlencode({"a": word}).encode()


def _paths() -> Iterator[str]:
    """Yield every path that is read: of the REST API, and of the Kubernetes API for every kind."""
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and endpoint.rights:
            path = endpoint.path.replace("{project}", PROJECT)
            yield path.replace("{name}", "main" if "warehouses" in path else "dev")
    for kind in SCHEME:
        base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        yield f"{base}/{kind.plural}"
        if kind.namespaced:
            yield f"{base}/namespaces/{PROJECT}/{kind.plural}"


async def _begun(application: ASGIApp, path: str, query: str, token: str) -> tuple[int, str]:
    """Return status and media type of an answer, which is then given up."""
    begun: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    gone, has_asked = asyncio.Event(), False

    async def receive() -> Message:
        nonlocal has_asked
        if has_asked:
            await gone.wait()
            return {"type": "http.disconnect"}
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and not begun.done():
            headers = dict(message["headers"])
            begun.set_result((message["status"], headers.get(b"content-type", b"").decode()))

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
        "root_path": "",
    }
    answering = asyncio.ensure_future(application(scope, receive, send))
    await asyncio.wait((begun, answering), return_when=asyncio.FIRST_COMPLETED)
    gone.set()
    await answering
    return begun.result()


async def test_no_spelling_watches_without_the_right_to(tmp_path: Path) -> None:
    """Every path that can be read, every spelling: 403 for yes, 400 for what is neither, and never a stream."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"), *READER)
        await world.settled()
        application = serving.served(world)
        token = await serving.account_token(world, PROJECT, "reader")
        wrong = []
        for path in _paths():
            for word in ("1", "TRUE", "true&watch=false"):
                found = await _begun(application, path, f"watch={word}", token)
                if found[0] != 403:
                    wrong.append((path, word, *found))
            for word in ("yes",):
                found = await _begun(application, path, f"watch={word}", token)
                if found[0] != 400:
                    wrong.append((path, word, *found))
            for word in ("False", "false&watch=true"):
                status, kind = await _begun(application, path, f"watch={word}", token)
                if status == 403 or "event-stream" in kind:
                    wrong.append((path, word, status, kind))
        assert not wrong
