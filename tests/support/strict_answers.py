"""Every answer that a test's client gets is read by a strict decoder, as Kargo's description and our own document have it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx

from tests.support import decoding, kargo_api
from towpath.server import openapi
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from towpath.server.endpoint import Endpoint


class StrictTransport(httpx.ASGITransport):
    """Calls an application, and fails where an answer that is no error is not what is described."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer. Raises AssertionError."""
        response = await super().handle_async_request(request)
        kind = response.headers.get("content-type", "").partition(";")[0]
        path = request.url.raw_path.decode().partition("?")[0]
        if request.method != "HEAD" and response.is_success and kind:
            told = _media(request.method, path, response.status_code)
            assert not told or kind in told, (request.method, path, kind, told)
        if request.method != "HEAD" and response.is_success and kind == "application/json":
            text = await response.aread()
            wrong = faults(request.method, path, response.status_code, json.loads(text))
            assert not wrong, (request.method, path, wrong[:10])
        return response


def faults(method: str, path: str, status: int, answer: Any) -> list[str]:
    """Return what is refused of an answer, of whichever API; nothing of what neither describes."""
    found = []
    if kargo_api.is_there() and (template := kargo_api.described(method, path)):
        found += [
            each
            for each in kargo_api.faults(method, template, status, answer)
            if not _is_ours(method, template, each)
        ]
    row = next((each for each in ENDPOINTS if each.method == method and _fits(each, path)), None)
    if row is not None:
        responses = _document()["paths"][row.path][method.lower()]["responses"]
        if str(status) not in responses:
            return [*found, f"the status {status} is not in our document"]
        content = responses[str(status)].get("content", {}).get("application/json")
        if content:
            found += decoding.faults(content["schema"], answer, _document())
    return found


def _is_ours(method: str, template: str, fault: str) -> bool:
    """Whether a fault is one of ours on purpose, on routes where Kargo's clients take unknown keys."""
    if template == "/v1beta1/resources":
        return bool(re.search(r"results\[\d+\]\.(warnings|unchanged): unknown$", fault))
    if template.startswith("/v1beta1/projects") and fault.endswith(".spec: unknown"):
        return True  # the older form of a Project's policies: clients pass over unknown keys of Projects
    if "analysis-" in template and ".provider." in fault:
        return fault.endswith(": unknown")  # Argo's own schema is newer, and has `basicAuth`
    if template.endswith("/promotions/downstream"):
        return method == "POST" and "the status 207" in fault
    return False


def _media(method: str, path: str, status: int) -> list[str]:
    """Return the content types that our document has for an answer; none of what it does not describe."""
    row = next((each for each in ENDPOINTS if each.method == method and _fits(each, path)), None)
    if row is None:
        return []
    responses = _document()["paths"][row.path][method.lower()]["responses"]
    return list(responses.get(str(status), {}).get("content", ()))


@cache
def _document() -> dict[str, Any]:
    return openapi.document(ENDPOINTS)


def _fits(row: Endpoint, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(row.path)), path) is not None
