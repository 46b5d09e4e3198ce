"""Kargo's command line, as it asks: its headers, its bodies, a connection each; every answer read by the strict decoder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx
import yaml

from tests.support import serving
from tests.support.pipeline import running
from tests.support.serving import PASSWORD, TOKEN
from tests.support.sse_reader import SseReader
from tests.support.strict_answers import StrictTransport
from tools.mutants.table import ROOT
from towpath.admission import default_roles

if TYPE_CHECKING:
    from pathlib import Path

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Connection": "close",
    "User-Agent": "OpenAPI-Generator/1.0.0/go",
    "X-Kargo-CLI-Version": "v1.12.0",
}
_OF_WATCHES: Final = (
    (b"accept", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"user-agent", b"Go-http-client/1.1"),
    (b"x-kargo-cli-version", b"v1.12.0"),
)
_JSON: Final = ("application/json", "application/json; charset=utf-8")


async def test_a_day_of_kargos_command_line(tmp_path: Path) -> None:
    """Each request is answered with the status and what the command looks for; the sign-in's token is a JWT that goes on."""
    recorded = yaml.safe_load((ROOT / "tests/fixtures/kargo_cli.yaml").read_text("utf-8"))
    async with running(tmp_path) as world:
        await default_roles.ensure(world.store, actor="test")
        application = serving.served(world)
        token, wrong = TOKEN, []
        for each in recorded:
            if "watch" in each:
                found = await _watched(application, each, token)
            else:
                answer = await _asked(application, each, each.get("bearer", token))
                found = _fault(each, answer)
                if "keeps" in each and not found:
                    token = answer.json()[each["keeps"]]
                    assert token.count(".") == 2
            if found:
                wrong.append(f"{each['command']}: {found}")
            await world.settled()
    assert wrong == []


async def _asked(application: Any, each: dict[str, Any], bearer: str) -> httpx.Response:
    method = next(name for name in _METHODS if name in each)
    headers = dict(_HEADERS)
    if bearer:
        headers["Authorization"] = f"Bearer {bearer.replace('PASSWORD', PASSWORD)}"
    body = b""
    if "text" in each:
        headers["Content-Type"], body = "text/plain", each["text"].encode()
    elif "json" in each:
        headers["Content-Type"], body = "application/json", json.dumps(each["json"]).encode()
    transport = StrictTransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(
            method.upper(), each[method], content=body, headers=headers, follow_redirects=False
        )


def _fault(each: dict[str, Any], answer: httpx.Response) -> str:
    """Return why the command would fail, or do what it should not."""
    if answer.status_code != each["status"]:
        return f"{answer.status_code}: {answer.text[:300]}"
    if answer.status_code >= 300:
        return "" if answer.json().get("error") else f"no error in {answer.text[:300]}"
    if "said" not in each and "keeps" not in each and not answer.content:
        return ""
    if answer.headers.get("content-type") not in _JSON:
        return f"an answer of type {answer.headers.get('content-type')}"
    if "c4n4ry" in answer.text:
        return "a password is shown"
    return _missing(each.get("said", {}), answer.json(), "")


async def _watched(application: Any, each: dict[str, Any], token: str) -> str:
    """Return the same of the first event of a stream."""
    reader = SseReader(application, each["watch"], "watch=true", token, more=_OF_WATCHES)
    try:
        status = await reader.status
        if status != each.get("status", 200):
            return f"{status}: {reader.text[:300]}"
        if status != 200:
            return ""
        event = await reader.next()
        if not reader.text.startswith("data: {") or "\r" in reader.text:
            return f"a frame that is not read: {reader.text[:100]}"
        return _missing(each["said"], event.data, "")
    finally:
        await reader.leave()


def _missing(wanted: Any, found: Any, path: str) -> str:
    """Return where an answer does not have what is looked for; empty if it has all of it."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            if key not in found:
                return f"{path}.{key} is missing"
            if said := _missing(value, found[key], f"{path}.{key}"):
                return said
        return ""
    if isinstance(wanted, list) and isinstance(found, list):
        if len(found) < len(wanted):
            return f"{path} has {len(found)} items"
        pairs = enumerate(zip(wanted, found, strict=False))
        told = (_missing(one, other, f"{path}[{number}]") for number, (one, other) in pairs)
        return next((each for each in told if each), "")
    return "" if wanted == found else f"{path} is {found!r} and not {wanted!r}"
