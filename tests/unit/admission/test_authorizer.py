"""The one decision, on a store's roles and bindings, and what admission makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, project_document, running
from tests.support.rights import JO, RBAC, STAGES, binding, made, role, rule
from towpath.admission import default_roles, quotas, requester
from towpath.admission.authorizer import Authorizer
from towpath.errors import Forbidden, Invalid
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import AUTHENTICATED, Attributes, User

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Query


async def test_rights_come_and_go_with_bindings(tmp_path: Path) -> None:
    """At once; in the namespace of a RoleBinding, everywhere by one of the cluster."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        decides = Authorizer(world.store)
        assert not (await decides.allowed(JO, "get", STAGES)).allowed
        await made(world, role("r", rule("get")), binding("b", "r"))
        found = await decides.allowed(JO, "get", STAGES)
        assert found.allowed
        assert (
            found.reason == f'RBAC: allowed by RoleBinding "b/{PROJECT}" of Role "r" to User "jo"'
        )
        elsewhere = Attributes("kargo.akuity.io", "stages", "other", "prod")
        with pytest.raises(Forbidden, match='User "jo" cannot get resource "stages"'):
            await decides.authorize(JO, "get", elsewhere)
        await world.writer.delete(Ref(scheme.ROLE_BINDING, PROJECT, "b"), USER)
        assert not (await decides.allowed(JO, "get", STAGES)).allowed
        await made(
            world,
            role("cr", rule("get"), kind="ClusterRole"),
            binding("cb", "cr", kind="ClusterRoleBinding", role_kind="ClusterRole"),
        )
        await decides.authorize(JO, "get", elsewhere)
        assert [each.verbs for each in await decides.rules_for(JO, "other")] == [["get"]]


async def test_aggregated_roles_hold_what_they_select(tmp_path: Path) -> None:
    """As the ClusterRoles with those labels are at that moment."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        selector = {"clusterRoleSelectors": [{"matchLabels": {"part": "of"}}]}
        await made(
            world,
            role("all", kind="ClusterRole", aggregationRule=selector),
            binding("b", "all", role_kind="ClusterRole"),
        )
        decides = Authorizer(world.store)
        assert not (await decides.allowed(JO, "get", STAGES)).allowed
        labelled = {"labels": {"part": "of"}}
        await made(world, role("part", rule("get"), kind="ClusterRole", metadata=labelled))
        assert (await decides.allowed(JO, "get", STAGES)).allowed


async def test_default_roles_are_made_once_and_completed(tmp_path: Path) -> None:
    """A second time nothing is written; rules that somebody took away come back unless they said not to."""
    async with running(tmp_path) as world:
        await default_roles.ensure(world.store, actor="test")
        revision = world.store.revision()
        await default_roles.ensure(world.store, actor="test")
        assert world.store.revision() == revision
        anybody = User("anybody", (AUTHENTICATED,))
        await Authorizer(world.store).authorize(anybody, "get", "/apis/kargo.akuity.io")
        for name, annotation, left in (("view", None, True), ("edit", "false", False)):
            ref = Ref(scheme.CLUSTER_ROLE, "", name)

            def emptied(
                document: dict[str, Any], annotation: str | None = annotation
            ) -> dict[str, Any]:
                document["rules"] = []
                if annotation is not None:
                    document["metadata"]["annotations"] = {
                        "rbac.authorization.kubernetes.io/autoupdate": annotation
                    }
                return document

            await world.store.patch(ref, emptied, actor="test")
            await default_roles.ensure(world.store, actor="test")
            assert bool((await world.store.get(ref)).document["rules"]) is left


async def test_roles_and_bindings_are_well_formed(tmp_path: Path) -> None:
    """Every fault at once, with its field; the role of a binding never changes."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        with pytest.raises(Invalid) as wrong:
            await made(
                world, role("r", {"verbs": [], "nonResourceURLs": ["/x"]}, {"verbs": ["get"]})
            )
        assert {cause.path for cause in wrong.value.causes} == {
            "rules[0].verbs", "rules[0].nonResourceURLs", "rules[1].apiGroups", "rules[1].resources",
        }  # fmt: skip
        bad = binding("b", "r")
        bad["subjects"] = [{"kind": "ServiceAccount", "name": "a"}, {"kind": "Robot", "name": "b"}]
        bad["roleRef"]["kind"] = "Stage"
        with pytest.raises(Invalid) as unbound:
            await made(world, bad)
        assert {cause.path for cause in unbound.value.causes} == {
            "roleRef.kind", "subjects[1].kind",
        }  # fmt: skip
        of_all = binding("b", "r", kind="ClusterRoleBinding", role_kind="ClusterRole")
        of_all["subjects"] = [{"kind": "ServiceAccount", "name": "a"}]
        with pytest.raises(Invalid) as homeless:
            await made(world, of_all)
        assert [cause.path for cause in homeless.value.causes] == ["subjects[0].namespace"]
        await made(world, role("r", rule("get")), binding("b", "r"))
        with pytest.raises(Invalid, match="cannot change roleRef"):
            await world.writer.update(binding("b", "other"), USER)


async def test_grants_are_bounded_by_what_one_holds(tmp_path: Path) -> None:
    """By role and by binding, unless one may escalate or bind."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await made(
            world,
            role("r", rule("get")),
            role("more", rule("delete")),
            binding("b", "r"),
        )
        jo = requester.of(JO)
        with pytest.raises(Forbidden, match=r"attempting to grant .* held: delete stages"):
            await world.writer.create(binding("c", "more"), jo)
        await made(world, role("binder", rule("bind", "roles", RBAC)), binding("d", "binder"))
        await world.writer.create(binding("c", "more"), jo)
        await world.writer.create(role("own", rule("get")), jo)


async def test_what_is_not_there_yet_is_bound_by_nobody_without_bind(tmp_path: Path) -> None:
    """What it will grant is not known; who may `bind` it may, in a namespace and in all."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        own = role("own", rule("*", "rolebindings", RBAC), kind="ClusterRole")
        own["rules"].append(rule("*", "clusterrolebindings", RBAC))
        to_jo = {"kind": "ClusterRoleBinding", "role_kind": "ClusterRole"}
        await made(world, own, binding("own", "own", **to_jo))
        jo = requester.of(JO)
        for wanted in (
            binding("b", "none"),
            binding("b2", "none", role_kind="ClusterRole"),
            binding("b", "none", **to_jo),
        ):
            with pytest.raises(Forbidden, match='"none" does not exist'):
                await world.writer.create(wanted, jo)
            await made(world, wanted)
            wanted["subjects"].append({"kind": "User", "name": "mo"})
            with pytest.raises(Forbidden, match='"none" does not exist'):
                await world.writer.update(wanted, jo)
        binds = role("binds", rule("bind", "roles", RBAC), kind="ClusterRole")
        await made(world, binds, binding("binds", "binds", **to_jo))
        await world.writer.create(binding("c", "none"), jo)


async def test_a_role_made_again_under_its_binding_grants_no_more_than_its_maker_holds(
    tmp_path: Path,
) -> None:
    """The binding is still there; what it gives is bounded by who makes the role."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        roles = role("roles", rule("create", "roles", RBAC), rule("get"))
        await made(world, roles, binding("roles", "roles"), binding("b", "gone"))
        jo = requester.of(JO)
        with pytest.raises(Forbidden, match="held: delete stages"):
            await world.writer.create(role("gone", rule("delete")), jo)
        await world.writer.create(role("gone", rule("get")), jo)


async def test_gathering_roles_takes_all_rights(tmp_path: Path) -> None:
    """Such a role holds whatever others will hold; and so does a label by which a role is gathered."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await default_roles.ensure(world.store, actor="test")
        own = role("own", rule("*", "clusterroles", RBAC), kind="ClusterRole")
        own["rules"][0]["verbs"] = ["create", "update", "patch", "get"]
        to_jo = {"kind": "ClusterRoleBinding", "role_kind": "ClusterRole"}
        await made(world, own, binding("own", "own", **to_jo))
        jo = requester.of(JO)
        selector = {"clusterRoleSelectors": [{"matchLabels": {"part": "of"}}]}
        with pytest.raises(Forbidden, match=r"held: \* \*"):
            await world.writer.create(role("all", kind="ClusterRole", aggregationRule=selector), jo)
        with pytest.raises(Forbidden, match=r"held: \* \*"):
            await world.writer.update({**own, "aggregationRule": selector}, jo)
        admin = (await world.store.get(Ref(scheme.CLUSTER_ROLE, "", "cluster-admin"))).document
        admin["metadata"]["labels"]["part"] = "of"
        with pytest.raises(Forbidden, match=r"held: \* \*"):
            await world.writer.update(admin, jo)


@pytest.mark.parametrize("terms", [101, 1_800])
async def test_selectors_of_roles_are_bounded(tmp_path: Path, terms: int) -> None:
    """Each becomes a query at every question of rights."""
    async with running(tmp_path) as world:
        labels = {f"k{number}": "v" for number in range(terms)}
        for selectors in ([{"matchLabels": labels}], [{"matchLabels": {"a": "b"}}] * terms):
            rule_ = {"clusterRoleSelectors": selectors}
            with pytest.raises(Invalid, match="at most 100"):
                await made(world, role("all", kind="ClusterRole", aggregationRule=rule_))


@pytest.mark.parametrize("kind", ["Role", "RoleBinding", "ServiceAccount"])
async def test_a_project_has_so_many_that_decide_about_rights_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """All that may mean a caller are looked through for a request; what there is can be changed, and controllers go on."""
    monkeypatch.setattr(quotas, "MOST_RIGHTS", 3)

    def one(name: str) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "elsewhere"}
        if kind == "ServiceAccount":
            return {"apiVersion": "v1", "kind": kind, "metadata": metadata}
        found = role(name, rule("get")) if kind == "Role" else binding(name, "r")
        return {**found, "metadata": metadata}

    async with running(tmp_path) as world:
        await made(
            world, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}}
        )
        await made(world, *map(one, "abc"))
        with pytest.raises(Forbidden, match=f"exceeded quota: a Project has at most 3 {kind}s"):
            await made(world, one("d"))
        changed = one("a")
        changed["metadata"]["labels"] = {"a": "b"}
        await world.writer.update(changed, USER)
        controller = requester.Requester("controller:x", is_controller=True)
        await world.writer.create(one("d"), controller)


async def test_a_role_is_no_product_of_hundreds_of_words(tmp_path: Path) -> None:
    """It would be compared part by part with what its maker holds: millions of parts are a few words. Repetitions are one."""
    verbs, resources, groups = (
        [f"{word}{n}" for n in range(many)] for word, many in (("v", 100), ("r", 50), ("g", 3))
    )
    async with running(tmp_path) as world:
        await world.apply(project_document())
        wide = {"apiGroups": groups, "resources": resources, "verbs": verbs}
        with pytest.raises(Invalid, match=r"15,000 combinations .* at most 10,000"):
            await made(world, role("wide", wide))
        named = {**rule("get"), "resourceNames": [f"n{n}" for n in range(101)]}
        named["resources"] = [f"r{n}" for n in range(100)]
        with pytest.raises(Invalid, match=r"10,100 combinations"):
            await made(world, role("named", named))
        older = role("older", wide)
        await world.store.create(older, actor="an older version")
        await world.writer.update({**older, "rules": [{**wide, "verbs": verbs[1:]}]}, USER)
        again = {"apiGroups": ["a"] * 100, "resources": ["b"] * 100, "verbs": ["get"] * 100}
        await made(world, role("repeated", again))


async def test_whom_bindings_mean_is_read_once_for_all_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every Stage of a Project, until a binding is written."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await made(world, role("r", rule("promote")), binding("b", "r"))
        decides = Authorizer(world.store)
        scanned: list[str] = []
        plain = world.store.scan

        def counted(query: Query, **more: Any) -> Any:
            scanned.append(query.kind.name)
            return plain(query, **more)

        monkeypatch.setattr(world.store, "scan", counted)
        stages = [Attributes("kargo.akuity.io", "stages", PROJECT, f"s{each}") for each in range(9)]
        for each in stages:
            assert "User/jo" in await decides.who_may("promote", each)
        assert sorted(scanned) == ["ClusterRoleBinding", "RoleBinding"]
        await made(world, binding("b2", "r", user="ada"))
        found = await decides.who_may("promote", stages[0])
        assert {"User/ada", "User/jo"} <= set(found)
        await world.store.delete(Ref(scheme.ROLE_BINDING, PROJECT, "b"), actor="test")
        assert "User/jo" not in await decides.who_may("promote", stages[0])
