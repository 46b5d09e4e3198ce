"""`towpath doctor`: what is ill, and what to do about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli import fake_api
from towpath import __version__
from towpath.cli.instance import diagnosis
from towpath.resources.finding import Wellness
from towpath.sdk.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

WAREHOUSES = "/v1beta1/projects/shop/warehouses"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def condition(status: str, message: str = "") -> dict[str, Any]:
    """Return a status whose Ready is so."""
    return {"conditions": [{"type": "Ready", "status": status, "message": message}]}


@pytest.fixture
def well(api: Api) -> Api:
    """A server where nothing is ill."""
    api.answer("GET", "/v1beta1/system/server-version", {"version": __version__})
    api.answer("GET", "/towpath/v1/me", {"actor": "admin", "at": NOW.isoformat()})
    api.answer("GET", "/towpath/v1/argocd", {"items": [{"name": "here", "state": "Watching"}]})
    spec = {"subscriptions": [{"git": {"repoURL": "https://git.example/x.git"}}]}
    main = {"metadata": {"name": "main"}, "spec": spec, "status": condition("True")}
    api.answer("GET", WAREHOUSES, {"items": [main]})
    path = "/towpath/v1/projects/shop/credentials/explain"
    api.answer("GET", path, {"serves": {"namespace": "shop", "name": "deploy-key"}})
    channels = "/apis/ee.kargo.akuity.io/v1alpha1/namespaces/shop/messagechannels"
    api.answer("GET", channels, {"items": []})
    stage = {"metadata": {"name": "prod"}, "status": condition("True")}
    api.answer("GET", "/v1beta1/projects/shop/stages", {"items": [stage]})
    disk = {"what": "disk", "is": "ok", "said": "there is room", "remedy": ""}
    api.answer("GET", "/towpath/v1/doctor", {"items": [disk], "ill": 0})
    api.answer("GET", "/towpath/v1/projects/shop/webhooks", {"items": [{"name": "github"}]})
    api.answer("GET", "/towpath/v1/webhooks", {"items": []})
    return api


def found(api: Api, *projects: str, now: datetime = NOW) -> dict[str, tuple[str, str, str]]:
    """Return what is found, by what it is of."""
    client = Client(api.address, fake_api.TOKEN)
    told = diagnosis.diagnosed(client, list(projects), now.timestamp)
    return {each.what: (each.wellness.value, each.said, each.remedy) for each in told}


def test_a_server_where_all_is_well(well: Api) -> None:
    """Each thing has a line; what a client cannot see is told as that."""
    told = found(well, "shop")
    ill = {what: said for what, said in told.items() if said[0] != "ok"}
    assert ill == {}
    assert told["the server's own look: disk"] == ("ok", "there is room", "")
    assert told["credentials for https://git.example/x.git"][1] == "Secret shop/deploy-key is sent"
    assert {"server", "version", "clock", "sign-in", "stage/prod of shop"} <= set(told)


def test_a_server_that_does_not_tell_how_it_is(well: Api) -> None:
    """An older one, or somebody who may not ask: what helps is said."""
    well.answer("GET", "/towpath/v1/doctor", (403, {"error": "you may not"}))
    told = found(well, "shop")["disk and programs of the server"]
    assert told[0] == "unknown"
    assert "you may not" in told[1]
    assert "doctor --offline" in told[2]


def test_what_the_server_finds_of_itself(well: Api) -> None:
    """Is told as it says it, whatever a newer one may call it."""
    items = [
        {"what": "disk", "is": "ill", "said": "it is full", "remedy": "make room"},
        {"what": "moon", "is": "waning", "said": "", "remedy": ""},
    ]
    well.answer("GET", "/towpath/v1/doctor", {"items": items, "ill": 1})
    told = found(well, "shop")
    assert told["the server's own look: disk"] == ("ill", "it is full", "make room")
    assert told["the server's own look: moon"][0] == "unknown"


def test_what_is_ill_is_told_of_once(well: Api) -> None:
    """A Warehouse, a connection and a receiver that the server names as well; what it alone sees is told of all the same."""
    broken = {"metadata": {"name": "main"}, "status": condition("False", "no such host")}
    well.answer("GET", WAREHOUSES, {"items": [broken]})
    well.answer(
        "GET", "/towpath/v1/argocd", {"items": [{"name": "a", "state": "Down", "error": "x509"}]}
    )
    names = ("warehouse/main of shop", "Argo CD connection a", "warehouse/other of till", "clock")
    items = [{"what": each, "is": "ill", "said": "no", "remedy": "see"} for each in names]
    well.answer("GET", "/towpath/v1/doctor", {"items": items, "ill": 4})
    told = found(well, "shop")
    assert told["warehouse/main of shop"][1] == "no such host"
    own = [what.partition(": ")[2] for what in told if what.startswith("the server's own look")]
    assert own == ["warehouse/other of till", "clock"]


def test_what_is_ill(well: Api) -> None:
    """With the reason, and the command that helps."""
    broken = {"metadata": {"name": "main"}, "status": condition("False", "no such host")}
    well.answer("GET", WAREHOUSES, {"items": [broken]})
    well.answer("GET", "/v1beta1/system/server-version", {"version": "0.0.1"})
    well.answer(
        "GET", "/towpath/v1/argocd", {"items": [{"name": "a", "state": "Down", "error": "x509"}]}
    )
    well.answer("GET", "/v1beta1/projects/shop/stages", (403, {"error": "you may not"}))
    told = found(well, "shop", now=NOW + timedelta(minutes=3))
    assert told["warehouse/main of shop"] == (
        "ill",
        "no such host",
        "towpath refresh warehouse main -p shop --wait",
    )
    assert told["version"][0] == "ill"
    assert told["clock"][:2] == ("ill", "the server's clock is 180 s behind this one")
    assert told["Argo CD connection a"][:2] == ("ill", "Down: x509")
    assert told["Stages of shop"][:2] == ("unknown", "you may not")


@pytest.mark.parametrize(
    ("status", "reason"), [("False", "NoFreight"), ("False", "ActivePromotion"), ("Unknown", "")]
)
def test_what_has_not_been_yet_is_not_ill(well: Api, status: str, reason: str) -> None:
    """A Stage that nothing was promoted to is as it should be."""
    ready = {"type": "Ready", "status": status, "reason": reason, "message": "nothing yet"}
    stage = {"metadata": {"name": "prod"}, "status": {"conditions": [ready]}}
    well.answer("GET", "/v1beta1/projects/shop/stages", {"items": [stage]})
    told = found(well, "shop")["stage/prod of shop"]
    assert told == ("unknown", "nothing yet", "towpath explain prod -p shop")


def test_receivers_of_webhooks(well: Api) -> None:
    """One that cannot listen is ill; one that is silent is worth a look, with the command for it."""
    silent = {"name": "quiet", "warning": "nothing came for 3 days"}
    broken = {"name": "deaf", "warning": "no Secret", "problem": "no Secret"}
    well.answer("GET", "/towpath/v1/projects/shop/webhooks", {"items": [silent, broken]})
    told = found(well, "shop")
    assert told["webhook receiver quiet of shop"] == (
        "unknown",
        "nothing came for 3 days",
        "towpath webhooks receipts quiet -p shop",
    )
    assert told["webhook receiver deaf of shop"][:2] == ("ill", "no Secret")


@pytest.mark.parametrize(("seconds", "wellness"), [(-6, "ill"), (-4, "ok"), (4, "ok"), (6, "ill")])
def test_clocks_may_differ_a_little(well: Api, seconds: int, wellness: str) -> None:
    """By five seconds, in either direction."""
    assert found(well, "shop", now=NOW + timedelta(seconds=seconds))["clock"][0] == wellness


def test_a_server_that_does_not_answer() -> None:
    """Nothing else is asked of it."""
    client = Client("http://127.0.0.1:1", "token")
    (told,) = diagnosis.diagnosed(client, [])
    assert (told.what, told.wellness) == ("server", Wellness.ILL)


def test_all_projects(well: Api) -> None:
    """Where none is named."""
    well.answer("GET", "/v1beta1/projects", {"items": [{"metadata": {"name": "shop"}}]})
    assert "warehouse/main of shop" in found(well)


@pytest.mark.usefixtures("well")
def test_the_command(call: Callable[..., Told]) -> None:
    """Lines, a document, and an exit code."""
    told = call("doctor")
    assert told.code == 1  # the fake's time is not ours
    assert "ok       stage/prod of shop: ready" in told.lines
    assert json.loads(call("doctor", "-o", "json").out)["ill"] == 1
    assert call("doctor", "--offline").code == 1


def test_a_token_that_is_not_taken(well: Api) -> None:
    """The server answers: nobody is told to start it."""
    refused = (401, {"error": "invalid token"})
    well.answer("GET", "/v1beta1/system/server-version", refused)
    ((what, told),) = found(well).items()
    assert (what, told[0], told[2]) == ("sign-in", "ill", "")
    assert "towpath login" in told[1]
