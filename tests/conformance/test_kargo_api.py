"""Our routes against Kargo's own description of its API: what is there, what is said not to be, what is ours."""

from __future__ import annotations

from tests.support import kargo_api
from towpath.server import api
from towpath.server.api.unbuilt import UNBUILT

OURS = {("GET", "/v1beta1/cluster-config")}
"""What Kargo does not describe, and its CLI asks for."""


def _built() -> set[tuple[str, str]]:
    return {(each.method, kargo_api.same(each.path)) for each in api.ENDPOINTS}


def _unbuilt() -> set[tuple[str, str]]:
    return {(method, kargo_api.same(path)) for method, path in UNBUILT}


def test_every_route_is_there_or_is_said_not_to_be() -> None:
    """One that is neither would answer 404, which reads like a missing object."""
    described = set(kargo_api.operations())
    assert described - _built() - _unbuilt() == set()


def test_what_is_said_not_to_be_there_is_not() -> None:
    """And is a route of Kargo's."""
    assert len(UNBUILT) == len(_unbuilt())
    assert _unbuilt() & _built() == set()
    assert _unbuilt() - set(kargo_api.operations()) == set()


def test_no_other_routes_are_called_kargos() -> None:
    """Ours are under `/towpath/v1`."""
    assert _built() - set(kargo_api.operations()) == OURS
