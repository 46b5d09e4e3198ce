"""The table of routes: who may call, and that all of it is on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import account_token, granted
from tests.support.serving import client as _client
from towpath.promotion.step import Waiting
from towpath.resources.annotations import RETRY_FROM, RETRY_OF
from towpath.server import openapi
from towpath.server.application import ENDPOINTS
from towpath.server.endpoint import Who

if TYPE_CHECKING:
    import httpx

    from towpath.server.endpoint import Endpoint

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "api.md"


def _path(endpoint: Endpoint) -> str:
    return re.sub(r"\{\w+\}", "x", endpoint.path)


@pytest.mark.parametrize(
    "endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}"
)
@pytest.mark.parametrize("token", ["", "wrong"], ids=["anonymous", "wrong token"])
async def test_a_stranger_is_told_nothing(endpoint: Endpoint, token: str) -> None:
    """But by the routes that say that anybody may call."""
    async with _client(None, token) as client:
        answer = await client.request(endpoint.method, _path(endpoint))
    if endpoint.who is Who.SIGNING_IN:
        assert answer.status_code in (400, 403)
    elif endpoint.who is Who.DELIVERING:
        assert answer.status_code == 404
    elif endpoint.who is Who.ANYBODY:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 401
        assert answer.json() == {"error": "invalid token" if token else "no token provided"}


def test_no_route_is_there_twice_and_all_are_on_the_page_with_their_rights() -> None:
    """`docs/reference/api.md`."""
    routes = [f"{each.method} `{each.path}`" for each in ENDPOINTS]
    assert len(routes) == len(set(routes))
    page = PAGE.read_text()
    rows = [f"| {each.method} `{each.path}` | {openapi.who(each)} |" for each in ENDPOINTS]
    assert [row for row in rows if row not in page] == []


_WITHOUT_RIGHTS = {
    "/towpath/v1/overview": "whoever has a token",
    "/towpath/v1/stream": "whoever has a token",
    "/towpath/v1/changes": "whoever has a token",
    openapi.PATH: "whoever has a token",
    "/towpath/v1/history": "whoever has a token: lines of Projects that they may see",
    "/towpath/v1/density": "whoever has a token: it has to say of which Project",
    "/towpath/v1/search": "whoever has a token: it finds what they may see",
    "/towpath/v1/me": "whoever has a token",
    "/towpath/v1/me/can": "whoever has a token: it has to say of which Project",
    "/towpath/v1/me/inbox": "whoever has a token: what they may see",
    "/v1beta1/system/server-config": "whoever has a token",
    "/v1beta1/system/controller-heartbeats": "whoever has a token",
    "/v1beta1/system/server-version": "whoever has a token",
    "/v1beta1/system/public-server-config": "anybody",
}

_ONES_OWN = ("/towpath/v1/me/", "/towpath/v1/session")
"""Where nobody sees or changes what is another's: see test_sessions.py and test_personal_tokens.py."""


@pytest.mark.parametrize("who", ["viewer", "stranger"])
async def test_every_route_asks_for_rights(tmp_path: Path, who: str) -> None:
    """A viewer reads and changes nothing; one from another Project, and one without any right, get nowhere."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.apply({**project_document(), "metadata": {"name": "other"}})
        await world.settled()
        project = PROJECT if who == "viewer" else "other"
        token = await account_token(world, project, "kargo-viewer")
        wrong = []
        async with _client(world, token) as client:
            for endpoint in ENDPOINTS:
                if endpoint.who in (Who.SIGNING_IN, Who.DELIVERING) or endpoint.path.startswith(
                    _ONES_OWN
                ):
                    continue
                path = endpoint.path.replace("{project}", PROJECT).replace("{name}", "dev")
                answer = await client.request(endpoint.method, path)
                is_open = endpoint.path in _WITHOUT_RIGHTS
                # What a viewer may read but is not there, or is no Stage, is another error than 403.
                may = who == "viewer" and (
                    _reads(endpoint)
                    or endpoint.also.startswith("`list` stages, or `get` on single ones")
                )
                if answer.status_code == 404 and "`patch` on it" in endpoint.also:
                    continue  # who may see it may know that it is not there
                if (answer.status_code != 403) != (is_open or may):
                    wrong.append((endpoint.method, path, answer.status_code, answer.text))
        assert not wrong


def _reads(endpoint: Endpoint) -> bool:
    """Whether the stock viewer of a Project has every right that an endpoint asks for."""
    unread = {
        "Secret",
        "PromotionTask",
        "ClusterPromotionTask",
        "ClusterAnalysisTemplate",
        "ClusterConfig",
        "Project",
        "ArgoCDConnection",
    }
    return (
        bool(endpoint.rights)
        and "`patch` on it" not in endpoint.also
        and all(
            right.verb in ("get", "list") and right.kind.name not in unread and not right.namespace
            for right in endpoint.rights
        )
    )


async def test_rights_by_manifest_are_asked_document_by_document(tmp_path: Path) -> None:
    """What one may not is refused, with Kubernetes' words; the others are done."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        name = await world.freight("1.0.0")
        promotion = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Promotion",
            "metadata": {"namespace": PROJECT, "generateName": "p-"},
            "spec": {"stage": "dev", "freight": name},
        }
        documents: list[Any] = []
        for account, code in (("kargo-viewer", 403), ("kargo-promoter", 201)):
            token = await account_token(world, PROJECT, account)
            async with _client(world, token) as client:
                made = await client.post("/v1beta1/resources", json=promotion)
                assert made.status_code == code, made.text
                documents += made.json().get("results", [])
                gone = await client.request(
                    "DELETE", "/v1beta1/resources", json=warehouse_document()
                )
                assert gone.status_code == 403
                assert "cannot delete resource" in gone.json()["error"]
        [document] = documents
        annotations = document["createdResourceManifest"]["metadata"]["annotations"]
        actor = f"kubernetes:system:serviceaccount:{PROJECT}:kargo-promoter"
        assert annotations["kargo.akuity.io/create-actor"] == actor


async def test_promoting_by_api(tmp_path: Path) -> None:
    """Exactly one way to name the Freight; what is refused says why; 201 and the Promotion itself."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
            stage_document("gate", "dev", steps=False),
        )
        name = await world.freight("1.0.0")
        await world.settled()
        base = f"/v1beta1/projects/{PROJECT}"
        async with _client(world) as client:

            async def promote(stage: str, **body: Any) -> httpx.Response:
                return await client.post(f"{base}/stages/{stage}/promotions", json=body)

            for body in ({}, {"freight": name, "freightAlias": "x"}, {"freight": "", "origin": ""}):
                answer = await promote("dev", **body)
                assert (answer.status_code, answer.json()) == (
                    400, {"error": "exactly one of freight, freightAlias and origin must be given"},
                )  # fmt: skip
            shut = await promote("prod", freight=name)
            assert shut.status_code == 400
            assert "verified: not verified in dev yet" in shut.json()["error"]
            assert (await promote("gate", freight=name)).status_code == 400
            assert (await promote("none", freight=name)).status_code == 404
            assert (await promote("dev", freight="none")).status_code == 404
            assert (await promote("dev", origin="Warehouse/none")).status_code == 400
            assert (await promote("dev", origin="main")).status_code == 400
            made = await promote("dev", freight=name, freightAlias="", origin="")
            assert made.status_code == 201
            assert made.json()["spec"]["freight"] == name
            await world.settled()
            found = (await client.get(f"{base}/freight")).json()["groups"][""]["items"]
            assert [each["metadata"]["name"] for each in found] == [name]
            [only] = (await client.get(f"{base}/freight?stage=prod")).json()["groups"][""]["items"]
            assert only["metadata"]["name"] == name
            grouped = (await client.get(f"{base}/freight?groupBy=image_repo")).json()["groups"]
            assert list(grouped) == ["registry.example/app"]
            down = await client.post(
                f"{base}/stages/dev/promotions/downstream", json={"freightAlias": only["alias"]}
            )
            assert down.status_code == 201
            assert [each["spec"]["stage"] for each in down.json()["promotions"]] == ["prod"]
            await world.settled()
            assert await world.held("prod") == name
            last = await client.post(
                f"{base}/stages/prod/promotions/downstream", json={"freight": name}
            )
            assert last.status_code == 404
            told = (await client.get(f"/towpath/v1/projects/{PROJECT}/stages/prod/explain")).json()
            assert told["freight"] == name
            # It is there already, by hand: no policy turns auto-promotion on, and the Warehouse only looks.
            closed = [gate["name"] for gate in told["gates"] if not gate["open"]]
            assert closed == ["policy", "present", "warehouse"]
            log = (
                await client.get(
                    f"/towpath/v1/projects/{PROJECT}/promotions/{made.json()['metadata']['name']}/log"
                )
            ).json()
            assert log["done"] is True
            assert [line["status"] for line in log["lines"]] == [
                "Running",
                "Succeeded",
                "Succeeded",
            ]


async def test_approval_alias_abort_and_verification(tmp_path: Path) -> None:
    """What they change, and what they refuse."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        one, two = await world.freight("1.0.0"), await world.freight("2.0.0")
        base = f"/v1beta1/projects/{PROJECT}"
        async with _client(world) as client:
            for _ in range(2):
                answer = await client.post(f"{base}/freight/{one}/approve?stage=prod")
                assert (answer.status_code, answer.content) == (200, b"")
            assert (await client.post(f"{base}/freight/{one}/approve")).status_code == 400
            assert (await client.post(f"{base}/freight/{one}/approve?stage=x")).status_code == 404
            assert (
                await client.patch(f"{base}/freight/{one}/alias?newAlias=mine")
            ).status_code == 200
            assert (await client.get(f"{base}/freight/mine")).json()["metadata"]["name"] == one
            taken = await client.patch(f"{base}/freight/{two}/alias?newAlias=mine")
            assert taken.status_code == 409
            early = await client.post(f"{base}/stages/prod/verification")
            assert early.status_code == 409
            world.work.outcomes["prod"] = lambda: Waiting(
                waiting_for="ever", wake=["argocd:c/ns/app"]
            )
            made = await client.post(
                f"{base}/stages/prod/promotions", json={"freightAlias": "mine"}
            )
            name = made.json()["metadata"]["name"]
            await world.settled()
            told = (
                await client.get(f"/towpath/v1/projects/{PROJECT}/promotions/{name}/explain")
            ).json()
            assert (told["phase"], told["waitingFor"]) == ("Running", "ever")
            assert told["wokenBy"] == ["argocd:c/ns/app"]
            assert told["step"] == {"alias": "step-1", "uses": "work", "status": "Running"}
            assert (await client.post(f"{base}/promotions/{name}/abort")).status_code == 200
            await world.settled()
            ended = (await client.get(f"{base}/promotions/{name}")).json()
            assert ended["status"]["phase"] == "Aborted"
            assert ended["status"]["message"] == "Promotion terminated by admin"
            assert (await client.post(f"{base}/promotions/{name}/abort")).status_code == 200
            missing = await client.post(f"{base}/promotions/none/abort")
            assert missing.status_code == 404
            events = (await client.get(f"{base}/events")).json()["items"]
            assert {"FreightApproved", "PromotionAborted"} <= {each["reason"] for each in events}


async def test_downstream_asks_for_what_it_does_and_tells(tmp_path: Path) -> None:
    """`promote` on every Stage downstream, before anything is told or done, and the Freight."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            *(stage_document(name, "dev") for name in ("one", "two")),
        )
        name = await world.freight("1.0.0")
        await world.settled()
        token = await granted(
            world,
            ("stages", ["get", "list"], []),
            ("promotions", ["create"], []),
            ("stages", ["promote"], ["one"]),
        )
        path = f"/v1beta1/projects/{PROJECT}/stages/dev/promotions/downstream"
        async with _client(world, token) as client:
            for body in ({"freight": name}, {"freight": "none"}, {"freightAlias": "none"}):
                unseen = await client.post(path, json=body)
                assert unseen.status_code == 403
                assert "freights" in unseen.json()["error"]
        token = await granted(
            world,
            ("stages", ["get", "list"], []),
            ("promotions", ["create"], []),
            ("stages", ["promote"], ["one"]),
            ("freights", ["get"], [name]),
        )
        async with _client(world, token) as client:
            refused = await client.post(path, json={"freight": name})
        assert refused.status_code == 403
        assert 'cannot promote resource "stages"' in refused.json()["error"]
        assert "not verified" not in refused.json()["error"]
        assert await world.promotions("one") == []


async def test_a_right_to_one_freight_is_none_to_what_is_called_like_it(tmp_path: Path) -> None:
    """Aliases are given by those who may patch Freight: the name decides."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        one, two = await world.freight("1.0.0"), await world.freight("2.0.0")
        await world.settled()
        token = await granted(
            world,
            ("freights", ["get", "patch", "delete"], ["nice", two, "dev"]),
            ("freights/status", ["patch"], ["nice"]),
            ("stages", ["get", "promote"], ["dev"]),
            ("promotions", ["list"], []),
        )
        base, ours = f"/v1beta1/projects/{PROJECT}", f"/towpath/v1/projects/{PROJECT}"
        async with _client(world) as client:
            await client.patch(f"{base}/freight/{one}/alias?newAlias=nice")
        async with _client(world, token) as client:
            for method, path in (
                ("GET", f"{base}/freight/nice"),
                ("DELETE", f"{base}/freight/nice"),
                ("PATCH", f"{base}/freight/nice/alias?newAlias=x"),
                ("POST", f"{base}/freight/nice/approve?stage=dev"),
                ("GET", f"{ours}/stages/dev/explain?freight=nice"),
                ("GET", f"{ours}/stages/dev/explain?freight={one}"),
                ("GET", f"{ours}/stages/dev/explain"),
                ("GET", f"{ours}/stages/dev/explain?freight=none"),
            ):
                answer = await client.request(method, path)
                assert answer.status_code == 403, (method, path, answer.text)
            told = await client.get(f"{ours}/stages/dev/explain?freight={two}")
            assert told.json()["freight"] == two


@pytest.mark.parametrize("lacks", ["", "get", "create", "promote"])
@pytest.mark.parametrize("way", ["retry", "manifest"])
async def test_a_retry_takes_every_right_of_a_promotion(
    tmp_path: Path, way: str, lacks: str
) -> None:
    """And that to see what is retried; by its own route and by a Promotion that says it is a retry."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        world.work.fail("dev")
        name = await world.promote("dev", freight)
        await world.settled()
        rules = [("promotions", "get"), ("promotions", "create"), ("stages", "promote")]
        given: list[tuple[str, list[str], list[str]]] = [
            (on, [verb], []) for on, verb in rules if verb != lacks
        ]
        token = await granted(world, ("freights", ["get"], []), *given)
        document = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Promotion",
            "metadata": {
                "namespace": PROJECT,
                "generateName": "p-",
                "annotations": {RETRY_OF: name, RETRY_FROM: "step-1"},
            },
            "spec": {"stage": "dev", "freight": freight, "steps": [{"uses": "work"}]},
        }
        async with _client(world, token) as client:
            if way == "retry":
                path = f"/towpath/v1/projects/{PROJECT}/promotions/{name}/retry"
                answer = await client.post(path, json={})
            else:
                path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/promotions"
                answer = await client.post(path, json=document)
        assert answer.status_code == (403 if lacks else 201), answer.text
        if not lacks:
            assert answer.json()["metadata"]["annotations"][RETRY_FROM] == "step-1"


async def test_approving_by_the_status_takes_promote(tmp_path: Path) -> None:
    """As over REST: a right to write statuses is none to open the way to a Stage."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.freight("1.0.0")
        await world.settled()
        token = await granted(
            world,
            ("freights/status", ["patch"], []),
            ("stages", ["promote"], ["dev"]),
        )
        path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/freights/{name}/status"
        codes = {}
        async with _client(world, token) as client:
            for stage in ("prod", "dev"):
                for body in (
                    {"approvedFor": {stage: {"approvedAt": "2026-01-01T00:00:00Z"}}},
                    {"verifiedIn": {stage: {"verifiedAt": "2026-01-01T00:00:00Z"}}},
                ):
                    answer = await client.patch(
                        path,
                        content=json.dumps({"status": body}),
                        headers={"content-type": "application/merge-patch+json"},
                    )
                    codes[stage, next(iter(body))] = answer.status_code
        assert set(codes.values()) == {200, 403}
        assert all((code == 200) == (stage == "dev") for (stage, _), code in codes.items())


async def test_what_the_status_says_of_a_stage_takes_promote_there(tmp_path: Path) -> None:
    """Else who may promote to the first Stage alone has Freight soaked that others wait with, and it goes on by itself."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.freight("1.0.0")
        await world.settled()
        token = await granted(
            world, ("freights/status", ["patch"], []), ("stages", ["promote"], ["dev"])
        )
        path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/freights/{name}/status"
        long_ago = "2020-01-01T00:00:00Z"

        async def patched(status: dict[str, Any], *given: str) -> int:
            async with _client(world, *given) as client:
                answer = await client.patch(
                    path,
                    content=json.dumps({"status": status}),
                    headers={"content-type": "application/merge-patch+json"},
                )
            return answer.status_code

        before = {"verifiedAt": "2026-01-01T00:00:00Z"}
        for stage in ("uat", "dev"):
            assert await patched({"verifiedIn": {stage: before}}) == 200
        for status in (
            {"verifiedIn": {"uat": {"verifiedAt": long_ago}}},
            {"verifiedIn": {"uat": {"longestSoak": "9999h"}}},
            {"verifiedIn": {"uat": None}},
            {"currentlyIn": {"uat": {"since": long_ago}}},
            {"verifiedIn": None},
        ):
            assert await patched(status, token) == 403, status
        assert await patched({"verifiedIn": {"dev": {"longestSoak": "1h"}}}, token) == 200
        assert await patched({"verifiedIn": {"uat": before}}, token) == 200


async def test_having_a_controller_look_takes_more_than_seeing(tmp_path: Path) -> None:
    """A viewer may not; a promoter may, and may have a Stage verified again."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.freight("1.0.0")
        promotion = await world.promote("dev", name)
        await world.settled()
        base = f"/v1beta1/projects/{PROJECT}"
        paths = [
            f"{base}/stages/dev/refresh",
            f"{base}/warehouses/main/refresh",
            f"{base}/promotions/{promotion}/refresh",
            f"{base}/stages/dev/verification",
        ]
        codes = {}
        for account in ("kargo-viewer", "kargo-promoter"):
            async with _client(world, await account_token(world, PROJECT, account)) as client:
                codes[account] = [(await client.post(path)).status_code for path in paths]
        assert codes["kargo-viewer"] == [403] * 4
        assert codes["kargo-promoter"] == [200, 200, 200, 200]


async def test_what_masters_do_is_recorded_under_their_names(tmp_path: Path) -> None:
    """In the change log and in annotations; `admin` is the one with the token of the data directory."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.freight("1.0.0")
        await world.settled()
        base = f"/v1beta1/projects/{PROJECT}"
        by = {"Impersonate-User": "jo", "Impersonate-Group": "system:masters"}
        as_admin = {"Impersonate-User": "admin", "Impersonate-Group": "system:masters"}
        actors = {}
        async with _client(world) as client:
            for who, headers in (("jo", by), ("other", as_admin), ("admin", {})):
                made = await client.post(
                    f"{base}/stages/dev/promotions", json={"freight": name}, headers=headers
                )
                annotations = made.json()["metadata"]["annotations"]
                [entry] = [
                    each
                    for each in await world.store.log()
                    if each.ref.name == made.json()["metadata"]["name"] and each.verb == "create"
                ]
                actors[who] = (annotations["kargo.akuity.io/create-actor"], entry.actor)
                await world.settled()
        assert actors == {
            "jo": ("kubernetes:jo", "kubernetes:jo"),
            "other": ("kubernetes:admin", "kubernetes:admin"),
            "admin": ("admin", "admin"),
        }
