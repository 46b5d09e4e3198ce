"""ArgoCDConnections: what they define, what their Secrets must be, and what their status says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.argocd_answers import application
from tests.support.argocd_fake import FakeArgoCD, definition, snapshot
from tests.support.pipeline import Pipeline, running
from towpath import errors
from towpath.argocd.definition import ByKubernetes, ByRest
from towpath.clients.argocd.server_access import ServerAccess
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

PROD = Ref(scheme.ARGOCD_CONNECTION, "", "prod")
SECRET = Ref(scheme.SECRET, "kargo-system-resources", "prod-argocd")
KUBECONFIG = {
    "current-context": "a",
    "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://c.example.com"}}],
    "users": [{"name": "u", "user": {"token": "tok-secret"}}],
}
REST = {"server": "https://argocd.example.com", "token": "tok-secret"}


def secret(values: dict[str, str], label: str = "argocd") -> dict[str, Any]:
    """Return the Secret that a connection names."""
    labels = {"kargo.akuity.io/cred-type": label} if label else {}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET.name, "namespace": SECRET.namespace, "labels": labels},
        "stringData": values,
    }


def connection(by: str = "rest", **more: Any) -> dict[str, Any]:
    """Return an ArgoCDConnection."""
    spec = {"projects": ["shop"], by: {"secretRef": {"name": SECRET.name}, **more.pop("how", {})}}
    return {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "ArgoCDConnection",
        "metadata": {"name": "prod"},
        "spec": spec | more,
    }


async def ready(world: Pipeline) -> tuple[str, str, str]:
    """Return status, reason and message of the condition Ready."""
    await world.settled()
    stored = await world.store.get(PROD)
    found = stored.document["status"]["conditions"][0]
    return found["status"], found["reason"], found["message"]


async def test_a_connection_comes_up_and_says_so(tmp_path: Path) -> None:
    """And when it goes and comes back; its token stands nowhere."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = api = FakeArgoCD()
        await world.apply(secret(REST), connection())
        assert await ready(world) == ("Unknown", "Connecting", "the connection is being opened")
        api.tell(*snapshot(application("a")))
        assert await ready(world) == ("True", "Connected", "Applications are watched")
        api.tell(errors.Unauthenticated("token expired"))
        assert await ready(world) == ("False", "Down", "token expired")
        found = world.argocd.get("prod").definition
        assert isinstance(found.access, ByRest)
        assert found.access.server.bearer.token == "tok-secret"
        assert "tok-secret" not in repr(found)
        assert "tok-secret" not in json.dumps((await world.store.get(PROD)).document)


async def test_a_kubeconfig_is_read_from_the_secret(tmp_path: Path) -> None:
    """With the context and the namespaces that are named."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = FakeArgoCD()
        values = {"kubeconfig": json.dumps(KUBECONFIG)}
        await world.apply(secret(values), connection("kubernetes", how={"namespaces": ["argocd"]}))
        await world.settled()
        found = world.argocd.get("prod").definition.access
        assert isinstance(found, ByKubernetes)
        assert found.namespaces == ("argocd",)
        assert isinstance(found.server, ServerAccess)
        assert found.server.server == "https://c.example.com"


@pytest.mark.parametrize(
    ("values", "label", "by", "said"),
    [
        (
            None,
            "",
            "rest",
            "spec.rest.secretRef: Secret kargo-system-resources/prod-argocd does not exist",
        ),
        (REST, "", "rest", "is not meant for this: label it kargo.akuity.io/cred-type: argocd"),
        (REST, "git", "rest", "is not meant for this"),
        ({"token": "t"}, "argocd", "rest", "has no key server"),
        ({"server": "ftp://x", "token": "t"}, "argocd", "rest", "is not http(s)://HOST"),
        ({"server": "https://a b", "token": "t"}, "argocd", "rest", "leads nowhere"),
        (REST, "argocd", "kubernetes", "has no key kubeconfig"),
        ({"kubeconfig": "{}"}, "argocd", "kubernetes", "no current-context"),
        (
            {
                "kubeconfig": json.dumps(
                    {**KUBECONFIG, "users": [{"name": "u", "user": {"exec": {"command": "id"}}}]}
                )
            },
            "argocd",
            "kubernetes",
            "may name no files and no programs",
        ),
    ],
)
async def test_what_is_wrong_with_it_is_said(
    tmp_path: Path, values: dict[str, str] | None, label: str, by: str, said: str
) -> None:
    """And mended as soon as the Secret is right."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = FakeArgoCD()
        if values is not None:
            await world.apply(secret(values, label))
        await world.apply(connection(by))
        status, reason, message = await ready(world)
        assert (status, reason) == ("False", "Invalid")
        assert said in message
        assert world.argocd.every() == []
        right = REST if by == "rest" else {"kubeconfig": json.dumps(KUBECONFIG)}
        await world.apply(secret(right))
        assert (await ready(world))[1] == "Connecting"


async def test_changes_take_effect(tmp_path: Path) -> None:
    """Another token is used, other Projects are served, and what is deleted is gone."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = FakeArgoCD()
        await world.apply(secret(REST), connection())
        await world.settled()
        await world.apply(secret({**REST, "token": "another"}))
        await world.settled()
        found = world.argocd.get("prod").definition
        assert isinstance(found.access, ByRest)
        assert found.access.server.bearer.token == "another"
        assert world.opener.opened == ["prod", "prod"]
        await world.apply(connection(projects=["bank"]))
        await world.settled()
        assert world.argocd.serving("bank").name == "prod"
        with pytest.raises(errors.NotFound):
            world.argocd.serving("shop")
        await world.store.delete(SECRET, actor="test")
        assert (await ready(world))[1] == "Invalid"
        assert world.argocd.every() == []
        await world.apply(secret(REST))
        await world.settled()
        await world.store.delete(PROD, actor="test")
        await world.settled()
        assert world.argocd.every() == []


async def test_a_secret_is_opened_once_for_each_of_its_revisions(tmp_path: Path) -> None:
    """Each opening is recorded; that a connection comes and goes opens nothing."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = api = FakeArgoCD()
        opened = 0
        reveal = world.store.reveal

        async def counted(ref: Ref, *, actor: str, reason: str) -> Any:
            nonlocal opened
            opened += 1
            assert (actor, reason) == (
                "controller:argocd-connection-controller",
                "Argo CD connection prod",
            )
            return await reveal(ref, actor=actor, reason=reason)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(world.store, "reveal", counted)
            await world.apply(secret(REST), connection())
            await world.settled()
            for _ in range(3):
                api.tell(*snapshot(), errors.Unauthenticated("expired"))
                await world.settled()
                await world.clock.advance(60)
        assert opened == 1


async def test_the_operators_connection_of_that_name_stays(tmp_path: Path) -> None:
    """The object says that the name is taken."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = FakeArgoCD()
        mine = world.argocd.define(definition("prod", "mine"))
        await world.apply(secret(REST), connection())
        status, reason, _ = await ready(world)
        assert (status, reason) == ("False", "NameTaken")
        assert world.argocd.every() == [mine]
        await world.store.delete(PROD, actor="test")
        await world.settled()
        assert world.argocd.every() == [mine]


async def test_two_defaults_of_a_project_are_told_on_both_until_one_is_not(tmp_path: Path) -> None:
    """Whichever of them changes, or goes."""
    async with running(tmp_path) as world:
        other = connection(default=True, projects=["*"])
        other["metadata"] = {"name": "eu"}

        async def told() -> list[str]:
            await world.settled()
            return [
                found["message"].partition(":")[0]
                for name in ("eu", "prod")
                for found in await _conditions(world, name)
                if found["type"] == "AmbiguousDefault"
            ]

        for name in ("eu", "prod"):
            world.opener.there[name] = FakeArgoCD()
        await world.apply(secret(REST), other, connection(default=True))
        both = ["prod is the default for shop too", "eu is the default for shop too"]
        assert await told() == both
        await world.apply({**other, "spec": other["spec"] | {"default": False}})
        assert await told() == []
        await world.apply(other)
        assert await told() == both
        await world.store.delete(PROD, actor="test")
        assert await told() == []


async def _conditions(world: Pipeline, name: str) -> list[dict[str, Any]]:
    ref = Ref(scheme.ARGOCD_CONNECTION, "", name)
    try:
        stored = await world.store.get(ref)
    except errors.NotFound:
        return []
    found: list[dict[str, Any]] = stored.document["status"]["conditions"]
    return found


async def test_tls_is_left_unchecked_only_where_the_secret_says_so_too(tmp_path: Path) -> None:
    """Who may write a connection need not hold the token that it would expose."""
    async with running(tmp_path) as world:
        world.opener.there["prod"] = FakeArgoCD()
        await world.apply(secret(REST))
        await world.apply(connection("rest", how={"insecure": True}))
        status, reason, message = await ready(world)
        assert (status, reason) == ("False", "Invalid")
        assert "spec.rest.insecure" in message
        assert 'add the key insecure with "true" to Secret' in message
        assert world.argocd.every() == []
        await world.apply(secret({**REST, "insecure": "true"}))
        assert (await ready(world))[1] == "Connecting"
