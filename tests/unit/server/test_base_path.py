"""The base path: what is answered below it, beside it, and what cannot be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import serving
from towpath.errors import BadRequest
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken
from towpath.server.base_path import BasePath

if TYPE_CHECKING:
    from typing import Any


def _client(text: str) -> httpx.AsyncClient:
    nothing: Any = serving._NOTHING
    readiness = Readiness(reason=None)
    base = BasePath.parse(text)
    served = application(nothing, AdminToken(serving.TOKEN), readiness, base)
    return httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://test")


@pytest.mark.parametrize("base", ["/towpath", "/tools/towpath/"])
async def test_everything_lies_below_it(base: str) -> None:
    """Health, routes, the Kubernetes API; a base path that routes begin with as well is cut off once."""
    base = base.rstrip("/")
    async with _client(base) as client:
        assert (await client.get("/healthz")).text == "ok"
        assert (await client.get(f"{base}/healthz")).text == "ok"
        assert (await client.get(f"{base}/readyz")).text == "ok"
        for path in ("/towpath/v1/backup", "/v1beta1/projects", "/nowhere"):
            answer = await client.get(base + path)
            assert (answer.status_code, answer.json()) == (401, {"error": "no token provided"})
        answer = await client.get(f"{base}/api/v1/namespaces")
        assert answer.json()["kind"] == "Status"
        known = {"Authorization": f"Bearer {serving.TOKEN}"}
        answer = await client.get(f"{base}/nowhere", headers=known)
        assert answer.json()["error"].startswith("there is no route /nowhere")


async def test_beside_it_there_is_nothing_but_health() -> None:
    """The bare path leads to what lies below, whatever is asked for; nothing needs a token to be missing."""
    async with _client("/towpath") as client:
        for path in (
            "/",
            "/readyz",
            "/livez",
            "/towpathology",
            "/v1beta1/projects",
            "/api",
            "/metrics",
        ):
            answer = await client.get(path)
            assert (answer.status_code, list(answer.json())) == (404, ["error"])
            assert "/towpath/" in answer.json()["error"]
        answer = await client.get("/towpath?a=1&b=%2F")
        assert answer.status_code == 301
        assert answer.headers["location"] == "/towpath/?a=1&b=%2F"
        assert (await client.get("/towpath")).headers["location"] == "/towpath/"


@pytest.mark.parametrize(
    "text",
    [
        "towpath",
        "//",
        "/a//b",
        "/..",
        "/a/../b",
        "/a b",
        "/a?b",
        "/ä",
        "/%2e",
        "/a\n",
        "/healthz",
        "/" + "a" * 200,
        "//evil.example.com",
    ],
)
def test_what_is_no_base_path_is_refused(text: str) -> None:
    """A redirect to it must stay on this host."""
    with pytest.raises(BadRequest, match="base path"):
        BasePath.parse(text)


@pytest.mark.parametrize(
    ("text", "meant"), [("", ""), ("/", ""), ("/a", "/a"), ("/a.b/c-d/", "/a.b/c-d")]
)
def test_a_slash_at_the_end_says_nothing(text: str, meant: str) -> None:
    """An empty one is the root."""
    assert BasePath.parse(text).text == meant


async def test_no_answer_has_its_type_guessed_by_browsers() -> None:
    """Whatever it is: health, errors of routes and of none, the Kubernetes API, what lies beside the base path, the page."""
    paths = ["/healthz", "/towpath", "/nowhere", "/towpath/"]
    paths += ["/towpath/v1beta1/projects", "/towpath/api/v1/namespaces"]
    async with _client("/towpath") as client:
        for path in paths:
            answer = await client.get(path, headers={"Accept": "text/html"})
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"], path
