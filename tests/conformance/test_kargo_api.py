"""Our routes against Kargo's own description of its API: what is there, and what is ours."""

from __future__ import annotations

from tests.support import kargo_api
from towpath.server import api

OURS = {("GET", "/v1beta1/cluster-config")}
"""What Kargo does not describe, and its CLI asks for."""


def _built() -> set[tuple[str, str]]:
    return {(each.method, kargo_api.same(each.path)) for each in api.ENDPOINTS}


def test_every_route_is_there() -> None:
    """One that is not would answer 404, which reads like a missing object."""
    assert set(kargo_api.operations()) - _built() == set()


def test_no_other_routes_are_called_kargos() -> None:
    """Ours are under `/towpath/v1`."""
    assert _built() - set(kargo_api.operations()) == OURS
