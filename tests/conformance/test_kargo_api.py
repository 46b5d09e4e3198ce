"""Our routes against Kargo's own description of its API: what is there, and what is ours."""

from __future__ import annotations

from tests.support import kargo_api
from towpath.server import api

_PROJECT = "/v1beta1/projects/{}"
OURS = {
    ("GET", "/v1beta1/cluster-config"),
    ("GET", f"{_PROJECT}/promotion-requests"),
    ("GET", f"{_PROJECT}/promotion-requests/{{}}"),
    ("GET", f"{_PROJECT}/targets"),
    ("GET", f"{_PROJECT}/targets/{{}}"),
}
"""What Kargo's description does not have: what its CLI asks for all the same, and the four routes that came after it."""


def _built() -> set[tuple[str, str]]:
    return {(each.method, kargo_api.same(each.path)) for each in api.ENDPOINTS}


def test_every_route_is_there() -> None:
    """One that is not would answer 404, which reads like a missing object."""
    assert set(kargo_api.operations()) - _built() == set()


def test_no_other_routes_are_called_kargos() -> None:
    """Ours are under `/towpath/v1`."""
    assert _built() - set(kargo_api.operations()) == OURS
