"""What a request has others asked is asked for its Project: one whose servers are silent takes no turns of others."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import TOKEN, client, services
from towpath.artifacts.attached import FreightAttachments
from towpath.artifacts.discoverer import Discoverer
from towpath.clients.http import on_behalf
from towpath.errors import Conflict
from towpath.promotion.plan.planner import Planner
from towpath.released.reporting import ReleaseReporter
from towpath.server.application import ENDPOINTS
from towpath.server.endpoint import Who
from towpath.server.kube.routes import _HANDLERS

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

OURS = f"/towpath/v1/projects/{PROJECT}"
OBJECTS = "/apis/kargo.akuity.io/v1alpha1"


async def test_every_route_of_a_project_works_for_it(tmp_path: Path) -> None:
    """By the path; the others, signing in among them, for the server itself."""
    noted: dict[str, str] = {}

    async def note(request: Request, _: Any) -> Response:
        noted[str(request.headers["x-route"])] = on_behalf.current()
        return JSONResponse({})

    async with running(tmp_path) as world:
        of = services(world)
        for endpoint in ENDPOINTS:
            route = replace(endpoint, handler=note, who=Who.ANYBODY).route(of)
            transport = httpx.ASGITransport(app=Starlette(routes=[route]))
            path = re.sub(r"\{\w+(:path)?\}", "x", endpoint.path.replace("{project}", PROJECT))
            async with httpx.AsyncClient(transport=transport, base_url="http://towpath") as http:
                told = {"x-route": f"{endpoint.method} {endpoint.path}"}
                await http.request(endpoint.method, path, headers=told)
    wanted = {
        f"{each.method} {each.path}": PROJECT if "{project}" in each.path else ""
        for each in ENDPOINTS
    }
    assert noted == wanted
    assert on_behalf.current() == ""


@pytest.mark.parametrize(
    ("path", "whom"),
    [
        (f"{OBJECTS}/namespaces/{PROJECT}/stages", PROJECT),
        (f"{OBJECTS}/stages", ""),
        (f"{OBJECTS}/projects", ""),
    ],
)
async def test_a_path_of_kubernetes_works_for_its_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, whom: str
) -> None:
    """As admission may look at what is written there."""
    noted: list[str] = []

    async def note(*_: Any) -> Response:
        noted.append(on_behalf.current())
        raise Conflict("it was asked")

    monkeypatch.setitem(cast("dict[str, Any]", _HANDLERS), "list", note)
    async with running(tmp_path) as world, client(world, TOKEN) as http:
        assert (await http.get(path)).status_code == 409
    assert noted == [whom]


@pytest.mark.parametrize(
    ("of", "name", "method", "path", "body"),
    [
        (Discoverer, "explain", "POST", "warehouses/main/explain", None),
        (Planner, "_planned", "POST", "plan", {"stage": "test", "freight": "FREIGHT"}),
        (FreightAttachments, "attached", "GET", "freight/FREIGHT/attached", None),
        (
            ReleaseReporter,
            "report",
            "GET",
            "compare?from=freight/FREIGHT&to=freight/FREIGHT",
            None,
        ),
    ],
)
async def test_who_is_asked_is_asked_for_the_project(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    of: type,
    name: str,
    method: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    """Where a look, a plan and what is attached to images begin."""
    noted: list[str] = []

    async def note(*_: Any, **__: Any) -> Any:
        noted.append(on_behalf.current())
        raise Conflict("it was asked")

    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document(), stage_document("test"))
        await world.settled()
        of_it = await world.freight("1.0.0")
        given = {key: value.replace("FREIGHT", of_it) for key, value in (body or {}).items()}
        monkeypatch.setattr(of, name, note)
        async with client(world, TOKEN) as http:
            answer = await http.request(
                method, f"{OURS}/{path.replace('FREIGHT', of_it)}", json=given or None
            )
    assert (answer.status_code, noted) == (409, [PROJECT]), answer.text
