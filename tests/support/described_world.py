"""A world with something behind most routes, written through the API: what schemathesis asks about."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from tests.support.deliveries import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from towpath.store.contract import Document

Names = dict[str, list[str]]
"""Names of objects, by what stands before their place in a path, such as `stages`."""
GIVEN: Final = "TOWPATH_TEST_NAMES"
"""The variable with the `Names`, as JSON, that the server gave."""
PROJECT: Final = "shop"
ALIAS: Final = "calm-otter"
LEAVING: Final = "spare"
"""The Project that may be frozen, removed or deleted: without the other one all else would be a 404."""
SPARES: Final = [f"spare-{number}" for number in range(6)]
"""Of each kind: what requests that delete may have."""
SHARING: Final = {"repo-credentials": "repo-", "api-tokens": "token-"}
"""What is a Secret as others are: its names begin so, lest they are those of the others."""
_KARGO: Final = "kargo.akuity.io/v1alpha1"
_ARGO: Final = "argoproj.io/v1alpha1"
_IMAGE: Final = "registry.invalid/app"
_NOWHERE: Final = {"provider": {"web": {"url": "http://127.0.0.1:1/"}}}


def _of(kind: str, name: str, api: str = _KARGO, *, whole: bool = False, **more: Any) -> Document:
    place = {} if whole else {"namespace": PROJECT}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **more}


def _documents() -> Iterator[Document]:
    yield _of("Project", PROJECT, whole=True)
    yield _of("Project", LEAVING, whole=True)
    yield _of("Secret", "hook", "v1", stringData={"secret": "a long and secret word"})
    yield _of("ProjectConfig", PROJECT, spec={"webhookReceivers": [receiver("github", "hook")]})
    yield _of("ClusterConfig", "cluster", whole=True, spec={})
    steps = {"spec": {"steps": [{"uses": "compose-output", "as": "compose", "config": {"a": "b"}}]}}
    asked = {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {"direct": True}}
    for name in ("main", *SPARES):
        spec = {
            "freightCreationPolicy": "Manual",
            "subscriptions": [{"image": {"repoURL": _IMAGE}}],
        }
        yield _of("Warehouse", name, spec=spec)
    for name in ("dev", "prod", *SPARES):
        yield _of("Stage", name, spec={"requestedFreight": [asked], "promotionTemplate": steps})
    image = {"repoURL": _IMAGE, "tag": "1.0.0", "digest": f"sha256:{'a' * 64}"}
    yield _of("Freight", "any", alias=ALIAS, origin=asked["origin"], images=[image])
    for name in ("settings", *SPARES):
        yield _of("ConfigMap", name, "v1", data={"a": "b"})
    for name in ("smoke", *SPARES):
        yield _of("AnalysisTemplate", name, _ARGO, spec={"metrics": [{"name": "up", **_NOWHERE}]})
    measured = {"metrics": [{"name": "up", **_NOWHERE}]}
    for name in ("smoke", *SPARES):
        yield _of("ClusterAnalysisTemplate", name, _ARGO, whole=True, spec=measured)
    yield _of("AnalysisRun", "smoke", _ARGO, spec=measured)
    yield _of("PromotionTask", "task", spec=steps["spec"])
    yield _of("ClusterPromotionTask", "task", whole=True, spec=steps["spec"])


def make(asking: httpx.Client) -> Names:
    """Make it as the administrator; return the names that the server gave. Raises AssertionError."""

    def ask(method: str, path: str, body: Any = None) -> Any:
        answer = asking.request(method, path, json=body)
        assert answer.is_success, (method, path, answer.text)
        return answer.json()

    written = ask("PUT", "/v1beta1/resources?upsert=true", list(_documents()))["results"]
    wrong = [each["error"] for each in written if "error" in each]
    assert not wrong, wrong
    project = f"/v1beta1/projects/{PROJECT}"
    for place in (project, "/v1beta1/shared", "/v1beta1/system"):
        for name in ("words", *SPARES):
            ask("POST", f"{place}/generic-credentials", {"name": name, "data": {"a": "b"}})
        if place != project:
            for name in ("settings", *SPARES):
                ask("POST", f"{place}/configmaps", {"name": name, "data": {"a": "b"}})
    for place in (project, "/v1beta1/shared"):
        for name in ("main", *SPARES):
            login = {
                "type": "git",
                "repoUrl": f"https://{name}.invalid/a",
                "username": "u",
                "password": "p",
            }
            ask(
                "POST",
                f"{place}/repo-credentials",
                {"name": SHARING["repo-credentials"] + name, **login},
            )
    for name in ("release", *SPARES):
        ask("POST", f"{project}/roles", {"metadata": {"name": name, "namespace": PROJECT}})
        ask("POST", f"{project}/roles/release/api-tokens", {"name": SHARING["api-tokens"] + name})
    [freight] = ask("GET", f"{project}/freight")["groups"][""]["items"]
    moved = ask("POST", f"{project}/stages/dev/promotions", {"freightAlias": ALIAS})
    plan = ask(
        "POST", f"/towpath/v1/projects/{PROJECT}/plan", {"stage": "prod", "freightAlias": ALIAS}
    )
    return {
        "freight": [freight["metadata"]["name"], ALIAS],
        "promotions": [moved["metadata"]["name"]],
        "plan": [plan["id"]],
        "plans": [plan["id"]],
    }


def token_of(asking: httpx.Client, role: str) -> str:
    """Return a token of a role of the Project."""
    path = f"/v1beta1/projects/{PROJECT}/roles/{role}/api-tokens"
    made = asking.post(path, json={"name": f"{role}-for-tests"}).raise_for_status().json()
    return base64.b64decode(made["data"]["token"]).decode()
