"""`towpath get argocd`: how connections fare, in every form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

PATH = "/towpath/v1/argocd"
PROD: dict[str, Any] = {
    "name": "prod",
    "by": "kubernetes",
    "state": "Connected",
    "latencyMilliseconds": 4.1,
    "lastEvent": None,
    "applications": 240,
    "projects": ["shop", "team-*"],
    "error": "",
    "default": True,
    "definedBy": "configuration",
    "since": None,
    "namespace": "argocd",
    "url": "https://argocd.example.com",
}
EU = {
    "name": "eu",
    "by": "rest",
    "state": "Down",
    "error": "answered 401\x1b[2J",
    "applications": 0,
}


def test_a_table_of_connections(api: Api, call: Call) -> None:
    """What is in the way stands last; what could move the cursor is shown as an escape."""
    api.answer("GET", PATH, {"items": [PROD, EU]})
    told = call("get", "argocd")
    assert told.code == 0
    assert told.lines == [
        "NAME   BY           STATE       LATENCY   LAST EVENT   APPS   PROJECTS       ERROR",
        "prod   kubernetes   Connected   4.1ms                  240    shop, team-*",
        "eu     rest         Down                               0                     answered 401\\x1b[2J",
    ]
    wide = call("get", "argocd", "-o", "wide", "--no-headers").lines
    assert wide[0].endswith("yes   configuration      argocd   https://argocd.example.com")


def test_other_forms(api: Api, call: Call) -> None:
    """One that is asked for by name is printed by itself."""
    api.answer("GET", PATH, {"items": [PROD]})
    api.answer("GET", f"{PATH}/prod", PROD)
    assert json.loads(call("get", "argocd", "-o", "json").out) == {"items": [PROD]}
    assert json.loads(call("get", "argocd", "prod", "-o", "json").out) == PROD
    assert json.loads(call("get", "argocd/prod", "-o", "json").out) == PROD
    assert call("get", "argocd", "-o", "name").lines == ["argocd/prod"]


def test_one_that_is_missing_and_none_at_all(api: Api, call: Call) -> None:
    """The exit code is 1 for what was named and is not there."""
    api.answer("GET", f"{PATH}/gone", (404, {"error": "there is no Argo CD connection 'gone'"}))
    told = call("get", "argocd", "gone")
    assert (told.code, told.out) == (1, "")
    assert "no Argo CD connection 'gone'" in told.err
    api.answer("GET", PATH, {"items": []})
    told = call("get", "argocd")
    assert (told.code, told.err) == (0, "No Argo CD is connected.\n")
    assert call("get", "argocd", "--stage", "prod").code == 1


def test_an_explanation_tells_what_is_in_the_way(api: Api, call: Call) -> None:
    """And says nothing of a connection that is well."""
    path = "/towpath/v1/projects/shop/stages/prod/explain"
    answer = {
        "stage": "prod",
        "gates": [],
        "freight": "",
        "argocd": {"connection": "eu", "state": "Down", "error": "away"},
    }
    api.answer("GET", path, answer)
    assert "Argo CD connection eu: Down: away" in call("explain", "prod").lines
    answer["argocd"] = {
        "connection": "",
        "state": "",
        "error": "there is no Argo CD connection 'x'",
    }
    assert "Argo CD: there is no Argo CD connection 'x'" in call("explain", "prod").lines
    answer["argocd"] = {"connection": "eu", "state": "Connected", "error": ""}
    assert "Argo CD" not in call("explain", "prod").out
