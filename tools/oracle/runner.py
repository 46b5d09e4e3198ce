"""Runs a transcript against a server and keeps every answer."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tools.oracle.transcript import Step, Transcript, filled

if TYPE_CHECKING:
    from tools.oracle.servers import Server

WATCH_SECONDS = 10
FORGOTTEN_AFTER = 400
"""Changes, of which our server is told to keep fewer."""
FORGET = "FORGET"
"""The method of a step that is no request: what was is forgotten; its target is an object to write to."""
PROJECT_LABEL = "kargo.akuity.io/project"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one step."""

    step: str
    status: int
    """0: the request got no answer."""
    media_type: str
    warnings: tuple[str, ...]
    body: Any
    """A document, the list of a watch's events, or text."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "status": self.status,
            "type": self.media_type,
            "warnings": list(self.warnings),
            "body": self.body,
        }


async def run(transcript: Transcript, server: Server) -> list[Answer]:
    """Return the answers to every step, in a namespace made for it."""
    namespace = transcript.namespace
    known = {
        "ns": namespace,
        "core": f"/api/v1/namespaces/{namespace}",
        "kargo": f"/apis/kargo.akuity.io/v1alpha1/namespaces/{namespace}",
        "argo": f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}",
        "rbac": f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}",
    }
    answers = []
    async with server.client() as client:
        await client.post(
            "/api/v1/namespaces",
            json={
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": namespace, "labels": {PROJECT_LABEL: "true"}},
            },
        )
        for step in transcript.steps:
            if step.method == FORGET:
                await _forget(client, server, filled(step.target, known))
                continue
            answer = await _ask(client, step, known)
            answers.append(answer)
            for name, path in step.keep.items():
                known[name] = _part(answer.body, path)
    return answers


async def _forget(client: httpx.AsyncClient, server: Server, path: str) -> None:
    """Make revisions old: write an object often enough, and have a real server's database forget what was."""
    for number in range(FORGOTTEN_AFTER):
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": path.rpartition("/")[2]},
            "data": {"number": str(number)},
        }
        got = await client.patch(
            path,
            params={"fieldManager": "m"},
            content=json.dumps(body),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        got.raise_for_status()
    if server.database:
        async with httpx.AsyncClient(base_url=server.database, trust_env=False) as database:
            asked = {"key": base64.b64encode(b"x").decode()}
            newest = (await database.post("/v3/kv/range", json=asked)).json()["header"]["revision"]
            done = {"revision": newest, "physical": True}
            (await database.post("/v3/kv/compaction", json=done)).raise_for_status()


async def _ask(client: httpx.AsyncClient, step: Step, known: dict[str, str]) -> Answer:
    body = filled(step.body, known)
    content = body if isinstance(body, str | None) else json.dumps(body)
    request = client.build_request(
        step.method,
        filled(step.target, known),
        headers=filled(step.headers, known),
        content=content,
    )
    try:
        if step.is_watch:
            return await _watch(client, request, step)
        return _answer(step, got := await client.send(request), _document(got.text))
    except httpx.HTTPError as error:
        return Answer(step.name, 0, "", (), f"{type(error).__name__}: {error}")


async def _watch(client: httpx.AsyncClient, request: httpx.Request, step: Step) -> Answer:
    got = await client.send(request, stream=True)
    lines: list[Any] = []
    try:
        async with asyncio.timeout(WATCH_SECONDS):
            if got.status_code != httpx.codes.OK:
                await got.aread()
                return _answer(step, got, _document(got.text))
            lines.extend([_document(line) async for line in got.aiter_lines()])
    except TimeoutError:
        lines.append(f"not ended after {WATCH_SECONDS} s")
    finally:
        await got.aclose()
    return _answer(step, got, lines)


def _answer(step: Step, got: httpx.Response, body: Any) -> Answer:
    media_type = got.headers.get("content-type", "").partition(";")[0].strip()
    return Answer(
        step.name, got.status_code, media_type, tuple(got.headers.get_list("warning")), body
    )


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _part(document: Any, path: str) -> str:
    """Return what stands at a dotted path, as text; a text that finds nothing where there is none."""
    for key in path.split("."):
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return "missing"
    return "missing" if document is None else str(document)
