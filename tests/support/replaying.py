"""Recorded requests of kubectl, sent again to a running server.

The recordings (tests/e2e/kube/recorded, one file per version of kubectl) are made by `python -m tools.oracle.recording`.
They are sent in their order, from an empty server on; `resourceVersion` is filled in from what the last answer about
the same path said, as kubectl does.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import waiting

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).resolve().parents[1] / "e2e/kube/recorded"
_WATCH_SECONDS = 3
_TABLE = "as=Table"
_NAMELESS = "READ"
_IN_JSON_PATCH = re.compile(rb'("path":"/metadata/resourceVersion","value":)"[0-9]+"')
"""What kubectl read just before; at another server it is another revision."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request and what it was answered when it was recorded."""

    command: str
    """The kubectl command that made it."""
    method: str
    path: str
    """With its query."""
    accept: str
    content_type: str
    body: bytes
    status: int
    type: str
    """Media type of the answer, without parameters."""
    kind: str
    """Of the answer; `watch` for a stream."""

    def __str__(self) -> str:
        return f"kubectl {self.command}: {self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that was not answered as it was when it was recorded."""

    request: Recorded
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.request}\n  recorded: {self.expected}\n  now: {self.got}"


def versions() -> list[str]:
    """Return the versions of kubectl there are recordings of."""
    return sorted(path.stem.removeprefix("kubectl-") for path in FOLDER.glob("kubectl-*.jsonl"))


def recorded(version: str) -> list[Recorded]:
    """Return the requests of a version, in their order."""
    lines = (FOLDER / f"kubectl-{version}.jsonl").read_text("utf-8").splitlines()
    return [_recorded(json.loads(line)) for line in lines]


def _recorded(told: dict[str, Any]) -> Recorded:
    return Recorded(**{**told, "body": base64.b64decode(told["body"])})


async def replay(client: httpx.AsyncClient, requests: Iterable[Recorded]) -> list[Wrong]:
    """Send every request; return those whose answer has another status, media type or kind."""
    read: dict[str, str] = {}
    found = []
    for request in requests:
        status, media_type, document = await _settled(client, request, read)
        kind = _kind(document)
        if request.kind == "watch" and status == httpx.codes.OK:
            kind = "watch"
        expected = (request.status, request.type, request.kind)
        if (status, media_type, kind) != expected:
            told = document.get("message", "") if isinstance(document, dict) else ""
            found.append(Wrong(request, str(expected), f"{(status, media_type, kind)} {told}"))
        elif (problem := _shape(request, document)) is not None:
            found.append(Wrong(request, "a well-formed answer", problem))
        if isinstance(document, dict) and isinstance(document.get("metadata"), dict):
            version = document["metadata"].get("resourceVersion")
            if version:
                read[request.path.partition("?")[0]] = version
    return found


async def _settled(
    client: httpx.AsyncClient, request: Recorded, read: dict[str, str]
) -> tuple[int, str, Any]:
    """Send a request; a GET whose object was gone when it was recorded is asked again until it is."""
    waits = request.method == "GET" and request.status == httpx.codes.NOT_FOUND
    got: list[tuple[int, str, Any]] = []

    async def settled() -> bool:
        got[:] = [await _sent(client, request, read)]
        return not waits or got[0][0] == request.status

    await waiting.until_async(settled)
    return got[0]


async def _sent(
    client: httpx.AsyncClient, request: Recorded, read: dict[str, str]
) -> tuple[int, str, Any]:
    about = request.path.partition("?")[0]
    version = read.get(about, "0")
    headers = {"Accept": request.accept or "*/*"}
    if request.content_type:
        headers["Content-Type"] = request.content_type
    sent = client.build_request(
        request.method,
        request.path.replace(f"resourceVersion={_NAMELESS}", f"resourceVersion={version}"),
        headers=headers,
        content=_IN_JSON_PATCH.sub(
            rb'\g<1>"%s"' % version.encode(),
            request.body.replace(
                f'"resourceVersion":"{_NAMELESS}"'.encode(),
                f'"resourceVersion":"{version}"'.encode(),
            ),
        ),
    )
    if request.kind != "watch":
        got = await client.send(sent)
        return got.status_code, _media_type(got), _document(got.text)
    got = await client.send(sent, stream=True)
    try:
        if got.status_code != httpx.codes.OK:
            await got.aread()
            return got.status_code, _media_type(got), _document(got.text)
        try:
            async with asyncio.timeout(_WATCH_SECONDS):
                async for line in got.aiter_lines():
                    return got.status_code, _media_type(got), _document(line)
        except TimeoutError:
            pass
        return got.status_code, _media_type(got), None
    finally:
        await got.aclose()


def _shape(request: Recorded, document: Any) -> str | None:
    """Return what is wrong with the shape of an answer, None if nothing is."""
    if request.kind == "watch":
        if document is not None and document.keys() != {"type", "object"}:
            return f"an event has {sorted(document)}"
        return None
    if request.kind == "Status":
        wanted = {"kind", "apiVersion", "metadata", "status"}
        return None if wanted <= document.keys() else f"a Status has {sorted(document)}"
    if request.kind == "Table" and _TABLE in request.accept:
        widths = {len(row["cells"]) for row in document.get("rows") or []}
        columns = len(document["columnDefinitions"])
        return None if widths <= {columns} else f"rows of {widths} cells, {columns} columns"
    is_of_objects = "/v1" in request.path.partition("?")[0]  # and not what discovery answers
    if request.kind.endswith("List") and is_of_objects and isinstance(document.get("items"), list):
        return (
            None if "resourceVersion" in document["metadata"] else "a list has no resourceVersion"
        )
    return None


def _kind(document: Any) -> str:
    return str(document.get("kind", "")) if isinstance(document, dict) else ""


def _media_type(got: httpx.Response) -> str:
    return str(got.headers.get("content-type", "")).partition(";")[0]


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
