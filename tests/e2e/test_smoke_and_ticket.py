"""From the version to the ticket: Argo CD deploys it, the smoke test decides, the ticket or the chat hears of it. For two products."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import release_world, towpath_process, waiting
from tests.support.release_world import FAILING, GOOD, NEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.release_world import Outside
    from tests.support.towpath_process import Running

PRODUCTS = ("lms", "shop")
_ENDED = ("Succeeded", "Failed", "Errored", "Aborted")


@dataclass
class World:
    """What a test acts on."""

    server: Running
    outside: Outside

    def request(self, method: str, path: str, document: Any = None) -> httpx.Response:
        """Ask Towpath."""
        return httpx.request(
            method,
            f"{self.server.address}{path}",
            headers={"Authorization": f"Bearer {self.server.token}"},
            json=document,
            timeout=30,
        )

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """Ask Towpath; it must be content."""
        answer = self.request(method, path, document)
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def promote(self, product: str, stage: str, version: str) -> str:
        """Begin a Promotion; return its name."""
        path = f"/v1beta1/projects/{product}/stages/{stage}/promotions"
        return str(self.ask("POST", path, {"freightAlias": f"v{version}"})["metadata"]["name"])

    def promoted(self, product: str, stage: str, version: str) -> None:
        """Take a version to a Stage, and return once the Promotion has succeeded."""
        self.ends(product, self.promote(product, stage, version), "Succeeded")

    def ends(self, product: str, promotion: str, phase: str) -> None:
        """Return once a Promotion has ended, so."""
        path = f"/v1beta1/projects/{product}/promotions/{promotion}"

        def ended() -> str:
            found = (self.ask("GET", path).get("status") or {}).get("phase", "")
            return found if found in _ENDED else ""

        assert waiting.until(ended, lambda: self.shown(path)) == phase, self.shown(path)

    def verification(self, product: str, stage: str) -> dict[str, Any]:
        """Return the newest verification of what a Stage holds."""
        found = self.ask("GET", f"/v1beta1/projects/{product}/stages/{stage}")
        held = (found.get("status") or {}).get("freightHistory") or [{}]
        entry: dict[str, Any] = (held[0].get("verificationHistory") or [{}])[0]
        return entry

    def verified(self, product: str, stage: str, phase: str) -> dict[str, Any]:
        """Return the newest verification of a Stage once it has ended, so."""

        def ended() -> dict[str, Any]:
            entry = self.verification(product, stage)
            return entry if entry.get("phase") not in (None, "", "Pending", "Running") else {}

        path = f"/v1beta1/projects/{product}/stages/{stage}"
        entry = waiting.until(ended, lambda: self.shown(path))
        assert entry["phase"] == phase, entry
        return entry

    def ticket(
        self, product: str, version: str, holds: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Return the ticket of a version once it is as it should be."""

        def found() -> dict[str, Any]:
            there = self.outside.tickets(product).get(version)
            return there if there is not None and holds(there) else {}

        return waiting.until(
            found,
            lambda: json.dumps(self.outside.tickets(product)) + self.shown_runs(product),
        )

    def shown(self, path: str) -> str:
        """Return an object's status, to look at."""
        return json.dumps(self.ask("GET", path).get("status"))[:3000]

    def hook_runs(self, product: str) -> list[dict[str, Any]]:
        """Return the HookRuns of a product."""
        path = f"/apis/towpath.dev/v1alpha1/namespaces/{product}/hookruns"
        return list(self.ask("GET", path)["items"])

    def shown_runs(self, product: str) -> str:
        """Return what became of its HookRuns, to look at."""
        return json.dumps([each.get("status") for each in self.hook_runs(product)])[:3000]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One Towpath, two products, and all that they talk to."""
    folder = tmp_path_factory.mktemp("releases")
    with release_world.outside(folder, PRODUCTS) as outside:
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump(release_world.config(outside, folder)))
        with towpath_process.up(folder, config=config) as server:
            world = World(server, outside)
            for product in PRODUCTS:
                for document in release_world.documents(outside, product):
                    world.ask("PUT", "/v1beta1/resources?upsert=true", document)
            yield world


def _is_in(stage: str) -> Callable[[dict[str, Any]], bool]:
    return lambda ticket: (
        ticket["status"] == f"Released to {stage}"
        and any(f"runs in {stage}" in each for each in ticket["comments"])
    )


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_version_that_passes_goes_through_and_its_ticket_with_it(
    world: World, product: str
) -> None:
    """The ticket is moved once for each Stage, with the version, and told in a comment; prod is promoted by hand."""
    world.promoted(product, "preprod", GOOD)
    entry = world.verified(product, "preprod", "Successful")
    assert entry["analysisRun"]["phase"] == "Successful"
    ticket = world.ticket(product, GOOD, _is_in("preprod"))
    assert ticket["versions"] == [GOOD]
    world.promoted(product, "prod", GOOD)
    world.verified(product, "prod", "Successful")
    ticket = world.ticket(product, GOOD, _is_in("prod"))
    assert len(ticket["comments"]) == 2
    assert world.outside.messages(product) == []


def test_a_version_that_fails_its_smoke_test_stops_and_the_chat_hears_of_it(world: World) -> None:
    """It is deployed and healthy; it does not go to prod, its ticket stays, and the other product hears nothing."""
    world.promoted("lms", "preprod", FAILING)
    entry = world.verified("lms", "preprod", "Failed")
    assert "500" in entry["message"]
    refused = world.request(
        "POST", "/v1beta1/projects/lms/stages/prod/promotions", {"freightAlias": f"v{FAILING}"}
    )
    assert refused.status_code in (403, 409, 400), refused.text
    [message] = waiting.until(
        lambda: world.outside.messages("lms"), lambda: world.shown_runs("lms")
    )
    assert "preprod" in message
    assert world.outside.tickets("lms")[FAILING]["status"] == "To Do"
    assert world.outside.messages("shop") == []
    explained = json.dumps(world.ask("GET", "/towpath/v1/projects/lms/stages/prod/explain"))
    assert "verif" in explained


def test_each_service_away_in_turn_and_back(world: World) -> None:
    """What waits for one of them says so, ends well once it is back, and does nothing twice; the other product goes on."""
    outside = world.outside
    outside.jira.faults.is_away = True
    name = world.promote("shop", "preprod", NEXT)
    path = f"/v1beta1/projects/shop/promotions/{name}"
    waiting.until(lambda: "Jira" in world.shown(path), lambda: world.shown(path))
    outside.argocd.go_away()
    outside.jira.faults.is_away = False
    waiting.until(lambda: '"sync"' in world.shown(path), lambda: world.shown(path))
    outside.service.is_away = True
    outside.argocd.come_back()
    world.ends("shop", name, "Succeeded")
    run = waiting.until(
        lambda: (world.verification("shop", "preprod").get("analysisRun") or {}).get("name"),
        lambda: world.shown("/v1beta1/projects/shop/stages/preprod"),
    )
    measured = f"/apis/argoproj.io/v1alpha1/namespaces/shop/analysisruns/{run}"
    waiting.until(lambda: '"Error"' in world.shown(measured), lambda: world.shown(measured))
    outside.jira.faults.is_away = True
    outside.service.is_away = False
    world.verified("shop", "preprod", "Successful")
    waiting.until(lambda: "Jira" in world.shown_runs("shop"), lambda: world.shown_runs("shop"))
    outside.jira.faults.is_away = False
    ticket = world.ticket("shop", NEXT, _is_in("preprod"))
    assert ticket["comments"] == [each for each in ticket["comments"] if "preprod" in each]
    assert len(ticket["comments"]) == 1


def test_a_chat_that_is_away_hears_of_it_later(world: World) -> None:
    """In order, and once."""
    world.outside.chat.is_away = True
    world.promoted("shop", "preprod", FAILING)
    world.verified("shop", "preprod", "Failed")
    messages = "/apis/towpath.dev/v1alpha1/namespaces/shop/messages"

    def tried() -> bool:
        found = world.ask("GET", messages)["items"]
        return any((each.get("status") or {}).get("attempts") for each in found)

    waiting.until(tried, lambda: json.dumps(world.ask("GET", messages))[:3000])
    assert world.outside.messages("shop") == []
    world.outside.chat.is_away = False
    waiting.until(
        lambda: world.outside.messages("shop"),
        lambda: json.dumps(world.ask("GET", messages))[:3000],
    )
    assert len(world.outside.messages("shop")) == 1
