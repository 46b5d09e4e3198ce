"""One walk over all routes of all APIs, as whoever might knock: what they are answered, and that nothing else gets out."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.raw_requests import Answer, ask
from towpath.admission import default_roles
from towpath.admission.authorizer import Authorizer
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.scheme import SCHEME
from towpath.rules import rbac
from towpath.server.application import ENDPOINTS
from towpath.server.endpoint import Who
from towpath.server.kube.reviews import REVIEWS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.server.endpoint import Endpoint

CANARY = "c4n4ry"
OTHER = "other"
MISSING = "no-such-name"
STRANGERS = ["nobody", "kargo-admin"]
"""Accounts of the other Project: one without rights, and the one with most."""
_NAMES = {
    "stages": "dev", "warehouses": "main", "promotion-tasks": "task", "analysis-templates": "check",
    "analysis-runs": "run", "targets": "eu", "promotion-requests": "round",
}  # fmt: skip
_METRIC = {"name": CANARY, "provider": {"web": {"url": f"https://{CANARY}.example"}}}


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[tuple[Pipeline, dict[str, str]]]:
    """Run two Projects; one holds the canary in whatever can hold it. Yields names by collection, too."""
    async with running(folder) as world:
        await default_roles.ensure(world.store, actor="test")
        marked = {"annotations": {"note": CANARY}}
        ours = {"namespace": PROJECT, **marked}
        await world.apply(
            project_document(),
            {**project_document(), "metadata": {"name": OTHER}},
            _marked(warehouse_document()),
            _marked(stage_document("dev")),
            _marked(stage_document("prod", "dev")),
            _object("v1", "ConfigMap", {"name": "map", **ours}, data={"a": CANARY}),
            _object("v1", "Secret", {"name": "creds", **ours}, stringData={"repoURL": CANARY}),
            _object("v1", "ServiceAccount", {"name": "bot", **ours}),
            _object("v1", "ServiceAccount", {"name": "nobody", "namespace": OTHER}),
            _object(
                f"{scheme.KARGO}/v1alpha1",
                "PromotionTask",
                {"name": "task", **ours},
                spec={"steps": [{"uses": "work", "config": {"a": CANARY}}]},
            ),
            _object(
                f"{scheme.KARGO}/v1alpha1",
                "Target",
                {"name": "eu", **ours},
                spec={"params": {"a": CANARY}},
            ),
            _object(
                f"{scheme.KARGO}/v1alpha1",
                "PromotionRequest",
                {"name": "round", **ours},
                spec={"stage": "dev", "freight": CANARY, "targets": [{"name": "eu"}]},
            ),
            *(
                _object(
                    scheme.ANALYSIS_RUN.api_version,
                    kind,
                    {"name": name, **ours},
                    spec={"metrics": [_METRIC]},
                )
                for kind, name in (("AnalysisTemplate", "check"), ("AnalysisRun", "run"))
            ),
            _object(
                scheme.MESSAGE_CHANNEL.api_version,
                "MessageChannel",
                {"name": "chat", **ours},
                spec={"http": {"url": f"https://{CANARY}.example/"}},
            ),
            _object(
                scheme.EVENT_ROUTER.api_version,
                "EventRouter",
                {"name": "router", **ours},
                spec={"channels": [{"kind": "MessageChannel", "name": "chat"}], "types": [CANARY]},
            ),
            _object(
                scheme.STAGE_HOOK.api_version,
                "StageHook",
                {"name": "hook", **ours},
                spec={
                    "stageSelector": {"name": CANARY},
                    "events": ["promotion-succeeded"],
                    "steps": [{"uses": "work", "config": {"a": CANARY}}],
                },
            ),
            _object(
                scheme.MESSAGE.api_version,
                "Message",
                {"name": "told", **ours},
                spec={"channel": {"kind": "MessageChannel", "name": "chat"}, "body": CANARY},
            ),
            _object(
                f"{scheme.KARGO}/v1alpha1", "ProjectConfig", {"name": PROJECT, **ours}, spec={}
            ),
        )
        await world.settled()
        freight = await world.freight(f"1.0.0-{CANARY}")
        promotion = await world.promote("dev", freight)
        await world.settled()
        yield world, {**_NAMES, "freight": freight, "promotions": promotion}


def _marked(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "annotations": {"note": CANARY}}}


def _object(version: str, kind: str, metadata: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def _path(endpoint: Endpoint, names: dict[str, str], project: str = PROJECT) -> str:
    """Return a path of an endpoint that names what is there."""
    collection = endpoint.path.partition("{project}/")[2].partition("/")[0]
    path = endpoint.path.replace("{project}", project)
    return path.replace("{name}", names.get(collection, "none"))


def _queries(endpoint: Endpoint, names: dict[str, str]) -> list[str]:
    """Return the queries that change what an endpoint tells."""
    if endpoint.method != "GET":
        return ["", f"?stage=dev&newAlias=x&freight={names['freight']}"]
    if any(each.name == "topics" for each in endpoint.query):
        return [
            "",
            *(
                f"?wait=0&topics={topic}"
                for topic in (f"board:{PROJECT}", f"promotion:{PROJECT}/{names['promotions']}")
            ),
        ]
    return [
        "",
        "?watch=true",
        "?watch=TRUE",
        f"?stage=dev&freight={names['freight']}",
        "?groupBy=image_repo&filter=shop",
    ]


def _bodies(names: dict[str, str]) -> list[bytes]:
    document = _marked(stage_document("dev"))
    return [
        json.dumps({"freight": names["freight"]}).encode(),
        json.dumps(document).encode(),
    ]


def _of_kubernetes(names: dict[str, str]) -> list[tuple[str, str, bytes]]:
    """Return requests about every kind in the Project, and everywhere."""
    found: list[tuple[str, str, bytes]] = []
    named = {
        "stages": "dev", "warehouses": "main", "freights": names["freight"], "secrets": "creds",
        "promotions": names["promotions"], "configmaps": "map", "serviceaccounts": "bot",
        "promotiontasks": "task", "analysistemplates": "check", "analysisruns": "run", "projectconfigs": PROJECT, "roles": "kargo-admin",
        "messagechannels": "chat", "eventrouters": "router", "stagehooks": "hook", "messages": "told",
        "rolebindings": "kargo-admin", "projects": PROJECT, "namespaces": PROJECT,
    }  # fmt: skip
    for kind in SCHEME:
        base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        everywhere = f"{base}/{kind.plural}"
        here = f"{base}/namespaces/{PROJECT}/{kind.plural}" if kind.namespaced else everywhere
        one = f"{here}/{named.get(kind.plural, 'none')}"
        metadata = {"name": "new"} | ({"namespace": PROJECT} if kind.namespaced else {})
        body = json.dumps(_object(kind.api_version, kind.name, metadata)).encode()
        selected = f"fieldSelector=metadata.name%3D{named.get(kind.plural, 'none')}"
        found += [
            *(("GET", f"{path}{query}", b"") for path in {everywhere, here}
              for query in ("", "?watch=TRUE", f"?watch=1&{selected}")),
            ("POST", f"{here}?dryRun=All", body),
            ("DELETE", f"{here}?dryRun=All", b""),
            *((method, f"{one}{query}", body) for method in ("GET", "PUT", "PATCH", "DELETE")
              for query in ("/status", "?dryRun=All")),
            ("POST", f"{one}/token", b"{}"),
            ("PUT", f"{one}/finalize", body),
        ]  # fmt: skip
    return found


async def _walk(
    world: Pipeline, names: dict[str, str], token: str
) -> list[tuple[str, Answer, Endpoint | None]]:
    """Return what a caller is answered on every route."""
    application = serving.served(world)
    found: list[tuple[str, Answer, Endpoint | None]] = []
    for endpoint in ENDPOINTS:
        for query in _queries(endpoint, names):
            for body in _bodies(names) if endpoint.method != "GET" else [b""]:
                target = f"{_path(endpoint, names)}{query}"
                answer = await ask(application, endpoint.method, target, body=body, token=token)
                found.append((f"{endpoint.method} {target} {body[:80]!r}", answer, endpoint))
    kinds = {"PATCH": "application/merge-patch+json"}
    tables = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    for method, target, body in _of_kubernetes(names):
        given = {"content-type": kinds.get(method, "application/json"), **tables}
        answer = await ask(application, method, target, body=body, token=token, headers=given)
        found.append((f"{method} {target}", answer, None))
    return found


@pytest.mark.parametrize("token", ["", "a.b.c"])
async def test_who_has_no_token_is_told_nothing(tmp_path: Path, token: str) -> None:
    """401 on every route but those that say that anybody may call, and the same for what is not there."""
    async with _world(tmp_path) as (world, names):
        revision = world.store.revision()
        for told, answer, endpoint in await _walk(world, names, token):
            if endpoint is not None and endpoint.who is Who.SIGNING_IN:
                assert answer.status in (400, 403), (told, answer.text)
            elif endpoint is not None and endpoint.who is Who.DELIVERING:
                assert answer.status == 404, (told, answer.text)
            else:
                is_open = endpoint is not None and endpoint.is_open
                assert answer.status == (200 if is_open else 401), (told, answer.text)
            assert CANARY not in answer.text
        assert world.store.revision() == revision


@pytest.mark.parametrize("account", STRANGERS)
@pytest.mark.slow
async def test_a_stranger_learns_nothing_and_changes_nothing(
    tmp_path: Path, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever they may do in their own Project."""
    async with _world(tmp_path) as (world, names):
        token = await serving.account_token(world, OTHER, account)
        revision = world.store.revision()
        for told, answer, endpoint in await _walk(world, names, token):
            assert CANARY not in answer.text, told
            assert PROJECT not in answer.text or answer.status in (400, 403, 404, 405), told
            if endpoint is None or isinstance(endpoint.who, Who):
                continue
            assert answer.status == 403, (told, answer.status, answer.text[:300])
        assert world.store.revision() == revision
        assert token not in caplog.text


@pytest.mark.parametrize("account", STRANGERS)
async def test_a_stranger_does_not_learn_what_there_is(tmp_path: Path, account: str) -> None:
    """What is there and what is not are refused alike: objects, and whole Projects."""
    async with _world(tmp_path) as (world, names):
        token = await serving.account_token(world, OTHER, account)
        application = serving.served(world)
        missing = dict.fromkeys(names, MISSING)
        for endpoint in ENDPOINTS:
            if isinstance(endpoint.who, Who) or "{project}" not in endpoint.path:
                continue
            there, project = _path(endpoint, names), f"{PROJECT}x"
            for path, name, of in (
                (_path(endpoint, missing), MISSING, PROJECT),
                (_path(endpoint, names, project), MISSING, project),
            ):
                answers = [
                    await ask(application, endpoint.method, each, token=token, body=b"{}")
                    for each in (there, path)
                ]
                parts = dict(zip(endpoint.path.split("/"), there.split("/"), strict=True))
                named = parts.get("{name}", name)
                told = answers[1].text.replace(of, PROJECT).replace(name, named)
                assert answers[0].status == answers[1].status == 403
                assert answers[0].text == told


@pytest.mark.parametrize("account", ["kargo-viewer", "kargo-promoter", "kargo-admin"])
async def test_routes_ask_for_the_rights_that_they_declare(tmp_path: Path, account: str) -> None:
    """Who lacks one of them is refused; who has them all is not, unless the row says that more is asked."""
    async with _world(tmp_path) as (world, names):
        token = await serving.account_token(world, PROJECT, account)
        stored = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, PROJECT, account))
        user = rbac.account(PROJECT, account, stored.uid)
        decides, application = Authorizer(world.store), serving.served(world)
        for endpoint in sorted(ENDPOINTS, key=lambda each: each.method == "DELETE"):
            path = _path(endpoint, names)
            answer = await ask(application, endpoint.method, path, token=token, body=b"")
            if endpoint.who is Who.ADMIN:
                assert answer.status == 403
            if not endpoint.rights:
                continue
            parts = dict(zip(endpoint.path.split("/"), path.split("/"), strict=True))
            given = {key.strip("{}"): value for key, value in parts.items() if key[:1] == "{"}
            may = [
                (await decides.allowed(user, right.verb, right.on(given))).allowed
                for right in endpoint.rights
            ]
            if not all(may):
                assert answer.status == 403, (endpoint.path, answer.text)
            elif not endpoint.also and answer.status == 403:
                assert "cannot" not in answer.text, (endpoint.path, answer.text)
            assert answer.status < 500


async def test_nobody_speaks_for_others_without_the_right(tmp_path: Path) -> None:
    """The strongest account of another Project may not, on any route."""
    async with _world(tmp_path) as (world, names):
        token = await serving.account_token(world, OTHER, "kargo-admin")
        application = serving.served(world)
        for headers in (
            {"impersonate-user": "admin"},
            {"impersonate-user": "x", "impersonate-group": "system:masters"},
            {"impersonate-user": f"system:serviceaccount:{PROJECT}:kargo-admin"},
        ):
            for endpoint in ENDPOINTS:
                path = _path(endpoint, names)
                answer = await ask(application, endpoint.method, path, token=token, headers=headers)
                if not endpoint.is_open:
                    assert (answer.status, "impersonate" in answer.text) == (403, True), path


@pytest.mark.parametrize("account", ["nobody", "kargo-admin"])
async def test_reviews_tell_of_oneself_alone(tmp_path: Path, account: str) -> None:
    """Of others only to who may ask; one's own rights in a foreign Project are none."""
    async with _world(tmp_path) as (world, _):
        token = await serving.account_token(world, OTHER, account)
        application = serving.served(world)
        body = json.dumps(
            {"spec": {"namespace": PROJECT, "user": "x", "token": "a.b.c",
                      "resourceAttributes": {"verb": "get", "resource": "secrets", "namespace": PROJECT}}}
        ).encode()  # fmt: skip
        for group, version, plural in REVIEWS:
            paths = [f"/apis/{group}/{version}/{plural}"]
            if plural.startswith("local"):
                paths = [f"/apis/{group}/{version}/namespaces/{PROJECT}/{plural}"]
            for path in paths:
                answer = await ask(
                    application, "POST", path, token=token, body=body,
                    headers={"content-type": "application/json"},
                )  # fmt: skip
                assert answer.status == (201 if plural.startswith("self") else 403), path
                assert CANARY not in answer.text
                if plural == "selfsubjectrulesreviews":
                    told = json.loads(answer.text)["status"]["resourceRules"]
                    assert not [rule for rule in told if "stages" in rule["resources"]]
                if plural == "selfsubjectaccessreviews":
                    assert json.loads(answer.text)["status"]["allowed"] is False


async def test_manifests_of_others_are_refused(tmp_path: Path) -> None:
    """Over REST, one document and several; what there is and what not are refused alike."""
    async with _world(tmp_path) as (world, _):
        token = await serving.account_token(world, OTHER, "kargo-admin")
        application, revision = serving.served(world), world.store.revision()
        secret = _object("v1", "Secret", {"name": "creds", "namespace": PROJECT})
        absent = _object("v1", "Secret", {"name": "absent", "namespace": PROJECT})
        project = {**project_document(), "metadata": {"name": PROJECT}}
        binding = _object(
            f"{scheme.RBAC}/v1",
            "ClusterRoleBinding",
            {"name": "mine"},
            roleRef={"apiGroup": scheme.RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
            subjects=[{"kind": "ServiceAccount", "name": "kargo-admin", "namespace": OTHER}],
        )
        for method in ("POST", "PUT", "DELETE"):
            for document in (secret, absent, project, binding):
                answer = await ask(
                    application, method, "/v1beta1/resources?upsert=true", token=token,
                    body=json.dumps(document).encode(),
                )  # fmt: skip
                assert answer.status == 403, (method, document, answer.text)
            both = json.dumps([secret, absent]).encode()
            several = await ask(application, method, "/v1beta1/resources", token=token, body=both)
            said = [item["error"] for item in json.loads(several.text)["results"]]
            assert said[0].replace("creds", "absent") == said[1]
            assert CANARY not in several.text
        assert world.store.revision() == revision
