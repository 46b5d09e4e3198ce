"""Freight that people make: one artifact of each subscription, whatever way its address is written, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources.freight import Freight
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules.freight_contents import contents_errors

GIT = {"repoURL": "https://git.example/acme/app.git", "id": "abc"}
IMAGE = {"repoURL": "registry.example/app", "tag": "1", "digest": "sha256:1"}
CHART = {"repoURL": "oci://registry.example/chart", "version": "1.0.0"}
WAREHOUSE = view(
    Warehouse,
    {
        "metadata": {"name": "main", "namespace": "shop"},
        "spec": {
            "interval": "5m0s",
            "subscriptions": [
                {"git": {"repoURL": "https://git.example/acme/app"}},
                {"image": {"repoURL": "registry.example/app"}},
                {"chart": {"repoURL": "oci://registry.example/chart"}},
            ],
        },
    },
)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"commits": [GIT], "images": [IMAGE], "charts": [CHART]}, []),
        ({}, ["must hold at least one artifact"]),
        (
            {"commits": [GIT], "images": [IMAGE]},
            ["an artifact of chart oci://registry.example/chart"],
        ),
        (
            {"commits": [GIT], "images": [IMAGE, IMAGE | {"tag": "2"}], "charts": [CHART]},
            ["one artifact of each subscription"],
        ),
        (
            {
                "commits": [GIT, GIT | {"repoURL": "https://git.example/other"}],
                "images": [IMAGE],
                "charts": [CHART],
            },
            ["does not subscribe to it"],
        ),
    ],
)
def test_what_freight_of_people_may_hold(held: dict[str, Any], said: list[str]) -> None:
    """Each thing that is wrong is named."""
    document = {
        "metadata": {"namespace": "shop"},
        "origin": {"kind": "Warehouse", "name": "main"},
        **held,
    }
    found = contents_errors(view(Freight, document), WAREHOUSE)
    assert len(found) == len(said)
    for error, words in zip(found, said, strict=True):
        assert words in error.detail
