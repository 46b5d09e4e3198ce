"""What browsers are handed: the built web UI at every address of it, and the API nowhere."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from towpath.server.page import WebPage
from towpath.server.page.files import INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "assets/index-abc123.js"
_TAKEN = ("api", "apis", "towpath", "v1beta1", "healthz")


def _build(folder: Path, script: str = SCRIPT, text: str = "let a = 1;\n" * 100) -> Path:
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    page = (
        f'<!doctype html><base href="/"><script type="module" src="./{script}"></script>{"x" * 600}'
    )
    (folder / script).write_text(text)
    (folder / "theme.js").write_text("1")
    (folder / INDEX).write_text(page)
    return folder


def _asking(page: WebPage) -> httpx.AsyncClient:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if page.is_for(scope):
            await page(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"the API"})

    transport = httpx.ASGITransport(app=served)
    return httpx.AsyncClient(transport=transport, base_url="http://towpath")


def _page(folder: Path, **options: Any) -> WebPage:
    return WebPage(_TAKEN, folder=folder, **options)


@pytest.mark.parametrize("path", ["/", "/p/shop", "/p/shop?freight=calm-otter", "/p/apis/x"])
async def test_every_address_of_the_ui_is_the_one_page(tmp_path: Path, path: str) -> None:
    """The page finds out by itself what its address asks for."""
    async with _asking(_page(_build(tmp_path))) as asking:
        answer = await asking.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert SCRIPT in answer.text
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/apis/kargo.akuity.io", BROWSER),
        ("GET", "/api", BROWSER),
        ("GET", "/healthz", BROWSER),
        ("GET", "/towpath/v1/overview", BROWSER),
        ("GET", "/no/such/path", {"accept": "application/json"}),
        ("POST", "/p/shop", BROWSER),
        ("DELETE", "/", BROWSER),
    ],
)
async def test_what_is_the_apis_stays_the_apis(
    tmp_path: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    """Its paths whoever asks, every method but GET and HEAD, and what programs ask for that read no HTML."""
    async with _asking(_page(_build(tmp_path))) as asking:
        answer = await asking.request(method, path, headers=headers)
    assert answer.status_code == 418


async def test_files_whose_names_change_are_kept_for_ever(tmp_path: Path) -> None:
    """Those whose names say their contents; the others are asked for again."""
    async with _asking(_page(_build(tmp_path))) as asking:
        hashed, other = (
            await asking.get(f"/{SCRIPT}"),
            await asking.get("/theme.js", headers=BROWSER),
        )
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashed.headers["content-type"].startswith("text/javascript")
    assert other.headers["cache-control"] == "no-cache"


async def test_what_was_packed_at_build_time_is_sent_as_it_is(tmp_path: Path) -> None:
    """Nothing is packed anew, and whoever takes no gzip gets none."""
    packed = gzip.compress(b"packed when it was built", mtime=0)
    (_build(tmp_path) / f"{SCRIPT}.gz").write_bytes(packed)
    async with _asking(_page(tmp_path)) as asking:
        answer = await asking.get(f"/{SCRIPT}", headers={"accept-encoding": "gzip"})
        plain = await asking.get(f"/{SCRIPT}", headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "packed when it was built"
    assert plain.text.startswith("let a = 1;")
    assert plain.headers["vary"] == "Accept-Encoding"


async def test_a_page_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    """Its ETag is enough."""
    async with _asking(_page(_build(tmp_path))) as asking:
        first = await asking.get("/", headers=BROWSER)
        again = await asking.get("/", headers={**BROWSER, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_head_answers_as_get_does(tmp_path: Path) -> None:
    """Without the body."""
    async with _asking(_page(_build(tmp_path))) as asking:
        got, asked = await asking.get("/", headers=BROWSER), await asking.head("/", headers=BROWSER)
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert asked.content == b""


async def test_no_script_and_no_style_may_stand_in_a_page(tmp_path: Path) -> None:
    """The policy that goes with each answer allows files of the build alone."""
    async with _asking(_page(_build(tmp_path))) as asking:
        policy = (await asking.get("/", headers=BROWSER)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_missing_file_is_no_page(tmp_path: Path) -> None:
    """A browser that asks for a script of a build that is gone is not given HTML, which it would try to run."""
    async with _asking(_page(_build(tmp_path))) as asking:
        answer = await asking.get("/assets/gone-1234.js", headers=BROWSER)
    assert answer.status_code == 404
    assert "<" not in answer.text


@pytest.mark.parametrize(
    "path", ["/assets/../../secret", "/assets/%2e%2e/secret", "/..%2fsecret", "/assets/..%5csecret"]
)
async def test_nothing_outside_the_build_is_read(tmp_path: Path, path: str) -> None:
    """Paths are names of files that are known, and no way into folders."""
    (tmp_path / "secret").write_text("c4n4ry")
    async with _asking(_page(_build(tmp_path / "built"))) as asking:
        answer = await asking.get(path, headers=BROWSER)
    assert "c4n4ry" not in answer.text


async def test_the_ui_may_lie_below_a_path(tmp_path: Path) -> None:
    """The page says so to the browser."""
    async with _asking(_page(_build(tmp_path), base="/towpath/")) as asking:
        answer = await asking.get("/", headers=BROWSER)
    assert '<base href="/towpath/"' in answer.text


async def test_without_a_build_a_page_says_what_to_do(tmp_path: Path) -> None:
    """And a server that runs shows the UI as soon as it is built."""
    page = _page(tmp_path / "built")
    async with _asking(page) as asking:
        before = await asking.get("/", headers=BROWSER)
        _build(tmp_path / "built")
        after = await asking.get("/", headers=BROWSER)
    assert before.status_code == 503
    assert "make ui" in before.text
    assert before.headers["cache-control"] == "no-store"
    assert after.status_code == 200


async def test_a_new_build_is_shown_and_the_one_before_stays_for_pages_that_are_open(
    tmp_path: Path,
) -> None:
    """An open page may still ask for a part of it that it has not loaded."""
    folder = tmp_path / "built"
    page = _page(_build(folder))
    async with _asking(page) as asking:
        await asking.get("/", headers=BROWSER)
        (folder / SCRIPT).unlink()
        (folder / INDEX).unlink()
        _build(folder, "assets/index-def456.js")
        shown = await asking.get("/", headers=BROWSER)
        old = await asking.get(f"/{SCRIPT}")
    assert "index-def456" in shown.text
    assert old.status_code == 200
