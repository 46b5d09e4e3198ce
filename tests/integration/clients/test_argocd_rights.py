"""The ready manifests of least rights: all that is done is allowed by them, and they allow no more."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from tests.support.argocd_answers import Asked, Stream, application, listed, scripted
from tests.support.argocd_ways import kubernetes, manifests, rest, taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.argocd_answers import Answer
    from towpath.clients.argocd import ArgoCD

_KUBERNETES = re.compile(
    r"/apis?/(?:(?P<group>[^/]+\.[^/]+)/)?v[^/]+/namespaces/argocd/(?P<resource>[a-z]+)(/.*)?"
)
_VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}


async def everything(api: ArgoCD, stream: Stream) -> None:
    """Do all that can be done."""
    await api.get("argocd", "web")
    await api.find("argocd", "a=b")
    await api.project("argocd", "canal")
    await api.patch(
        "argocd", "web", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}
    )
    await api.patch("argocd", "web", {"spec": {"project": "x"}, "operation": {"sync": {}}})
    await api.patch("argocd", "web", {"operation": None})
    await api.event(application("web"), "OperationStarted", "began")
    stream.end()
    watch = api.watch("")
    await taken(watch, 3)
    async for _ in watch:
        pass


def answering(
    stream: Stream, needed: set[tuple[str, ...]], needs: Callable[[Asked], tuple[str, ...]]
) -> Callable[[Asked], Answer]:
    """Answer everything, and note which rights it takes."""

    def answer(asked: Asked) -> Answer:
        needed.add(needs(asked))
        if asked.query.get("watch") or "/stream/" in asked.path:
            return 200, stream
        if asked.path.endswith("/applications"):
            return 200, listed(application("web"))
        return 200, application("web", 4)

    return answer


async def test_the_role_in_the_cluster_is_what_is_used() -> None:
    """Every right, and none besides."""
    needed: set[tuple[str, ...]] = set()

    def needs(asked: Asked) -> tuple[str, ...]:
        found = _KUBERNETES.fullmatch(asked.path)
        assert found, asked.path
        is_list = found[3] is None
        reads = "watch" if asked.query.get("watch") else "list" if is_list else "get"
        return found["group"] or "", found["resource"], _VERBS.get(asked.method, reads)

    stream = Stream()
    async with scripted() as server, kubernetes(server, namespaces=("argocd",)) as api:
        server.answer = answering(stream, needed, needs)
        await everything(api, stream)
    role = next(each for each in manifests("kubernetes.yaml") if each["kind"] == "Role")
    allowed = {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert needed == allowed


async def test_the_policy_of_argo_cds_own_api_is_what_is_used() -> None:
    """Every right, and none besides."""
    needed: set[tuple[str, ...]] = set()
    verbs = {"GET": "get", "PATCH": "update", "POST": "sync", "DELETE": "sync"}

    def needs(asked: Asked) -> tuple[str, ...]:
        resource = "projects" if "/projects/" in asked.path else "applications"
        return resource, verbs[asked.method]

    stream = Stream()
    async with scripted() as server, rest(server) as api:
        server.answer = answering(stream, needed, needs)
        await everything(api, stream)
    text = next(
        each["data"]["policy.towpath.csv"]
        for each in manifests("rest.yaml")
        if each["metadata"]["name"] == "argocd-rbac-cm"
    )
    lines = [[part.strip() for part in line.split(",")] for line in text.splitlines()]
    assert {(line[2], line[3]) for line in lines if line[0] == "p"} == needed
    assert all(fnmatch.fnmatchcase("canal/web", line[4]) for line in lines if line[0] == "p")
    assert ["g", "towpath", "role:towpath"] in lines


def test_the_account_and_its_token_belong_together() -> None:
    """In one namespace, by one name."""
    by_kind = {each["kind"]: each for each in manifests("kubernetes.yaml")}
    name = by_kind["ServiceAccount"]["metadata"]["name"]
    assert {each["metadata"]["namespace"] for each in by_kind.values()} == {"argocd"}
    assert by_kind["RoleBinding"]["subjects"] == [
        {"kind": "ServiceAccount", "name": name, "namespace": "argocd"}
    ]
    assert by_kind["RoleBinding"]["roleRef"]["name"] == by_kind["Role"]["metadata"]["name"]
    annotations = by_kind["Secret"]["metadata"]["annotations"]
    assert annotations == {"kubernetes.io/service-account.name": name}
    assert manifests("rest.yaml")[0]["data"] == {f"accounts.{name}": "apiKey"}
