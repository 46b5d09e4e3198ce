"""A request is answered by the route that would answer it if all were tried, and few are tried."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from towpath.server.application import ENDPOINTS
from towpath.server.route_table import RouteTable

PATHS = [
    "/",
    "/healthz",
    "/v1beta1/projects",
    "/v1beta1/projects/",
    "/v1beta1/projects/shop",
    "/v1beta1/projects/shop/stages/dev/promotions",
    "/v1beta1/projects/shop/stages/dev/promotions/downstream",
    "/v1beta1/projects//stages/dev",
    "/v1beta1/projects/shop/freight/f/approve",
    "/towpath/v1/projects/shop/stages/dev/explain",
    "/apis/kargo.akuity.io/v1alpha1/namespaces/shop/stages",
    "/api/v1/namespaces",
    "/v1beta1/nowhere",
    "//",
]


def _table() -> RouteTable:
    async def answer(_: Any) -> Response:
        return PlainTextResponse("")

    paths = [(each.path, each.method) for each in ENDPOINTS]
    paths += [("/healthz", "GET"), ("/apis/{group}/{version}/{rest:path}", "GET")]
    paths += [("/api/{version}/{rest:path}", "POST"), ("/v1beta1/projects/{project}", "PURGE")]
    return RouteTable(Route(path, answer, methods=[method]) for path, method in paths)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "PURGE"])
@pytest.mark.parametrize("path", PATHS)
def test_the_first_route_that_matches_answers(path: str, method: str) -> None:
    """One of another method only where there is none of this one."""
    table = _table()
    scope = {"type": "http", "path": path, "method": method, "root_path": ""}
    matched = [(route.matches(scope)[0], route) for route in table.routes]
    wanted: Route | None = None
    for kind in (Match.PARTIAL, Match.FULL):
        wanted = next((route for match, route in matched if match is kind), wanted)
    match, child = table.matches(scope)
    assert child.get("towpath.route") is wanted
    assert match is (Match.NONE if wanted is None else cast("Route", wanted).matches(scope)[0])


def test_few_are_tried() -> None:
    """Those with the same segments, and those that take any."""
    table = _table()
    tried = table.candidates("/v1beta1/projects/shop/stages/dev/promotions")
    assert len(tried) <= 5 < len(table.routes)
