"""People of whom claims are made may do what the ServiceAccounts may that are mapped to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from towpath.admission import default_roles, escalation, namespaces, requester
from towpath.admission.authorizer import Authorizer
from towpath.errors import Forbidden
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import AUTHENTICATED, Attributes, User

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

OTHER = "other"
DEV = User("email:dev@x.example", (AUTHENTICATED,), claims={"groups": ("devs", "all")})
ANNOTATION = "rbac.kargo.akuity.io/claims"
STAGES = Attributes("kargo.akuity.io", "stages", PROJECT)


async def mapped(world: Pipeline, name: str, namespace: str = PROJECT, **given: Any) -> None:
    """Map whoever has these claims to an account that is there."""

    def change(document: Document) -> Document:
        noted = document["metadata"].setdefault("annotations", {})
        noted[ANNOTATION] = json.dumps(given)
        return document

    await world.store.patch(Ref(scheme.SERVICE_ACCOUNT, namespace, name), change, actor="test")


async def _made(world: Pipeline) -> None:
    await namespaces.ensure_system(world.store, actor="test")
    await default_roles.ensure(world.store, actor="test")
    await world.apply(project_document(), {**project_document(), "metadata": {"name": OTHER}})
    await world.settled()


async def test_rights_come_and_go_with_the_mapping(tmp_path: Path) -> None:
    """In the account's Project and nowhere else, from the next question on."""
    async with running(tmp_path) as world:
        await _made(world)
        decides = Authorizer(world.store)
        assert not (await decides.allowed(DEV, "list", STAGES)).allowed
        await mapped(world, "kargo-viewer", groups=["devs"])
        found = await decides.allowed(DEV, "list", STAGES)
        assert found.allowed
        assert found.reason.endswith(f'ServiceAccount "kargo-viewer/{PROJECT}"')
        elsewhere = Attributes("kargo.akuity.io", "stages", OTHER)
        assert not (await decides.allowed(DEV, "list", elsewhere)).allowed
        assert not (await decides.allowed(DEV, "promote", STAGES)).allowed
        await mapped(world, "kargo-promoter", groups="all")
        assert (await decides.allowed(DEV, "promote", STAGES)).allowed  # rights add up
        assert await decides.namespaces_of(DEV) == {PROJECT}
        for name in ("kargo-viewer", "kargo-promoter"):
            await mapped(world, name)
        assert not (await decides.allowed(DEV, "list", STAGES)).allowed
        assert await decides.namespaces_of(DEV) == frozenset()


async def test_the_project_itself_is_decided_by_its_own_accounts(tmp_path: Path) -> None:
    """Though it lies in no namespace."""
    async with running(tmp_path) as world:
        await _made(world)
        decides = Authorizer(world.store)
        await mapped(world, "kargo-admin", groups=["devs"])
        for name, may in ((PROJECT, True), (OTHER, False)):
            project = Attributes("kargo.akuity.io", "projects", "", name)
            assert (await decides.allowed(DEV, "delete", project)).allowed is may
        await decides.authorize_somewhere(DEV, ["create"])


@pytest.mark.parametrize(
    ("name", "verb", "resource", "may"),
    [
        ("kargo-viewer", "list", "stages", True),
        ("kargo-viewer", "create", "stages", False),
        ("kargo-admin", "create", "stages", True),
        ("kargo-admin", "update", "secrets", True),
        ("kargo-user", "list", "projects", True),
        ("kargo-user", "list", "stages", False),
        ("kargo-project-creator", "create", "projects", True),
    ],
)
async def test_system_roles_hold_in_every_project(
    tmp_path: Path, name: str, verb: str, resource: str, *, may: bool
) -> None:
    """For those who are mapped to them."""
    async with running(tmp_path) as world:
        await _made(world)
        decides = Authorizer(world.store)
        group = "" if resource == "secrets" else "kargo.akuity.io"
        on = Attributes(group, resource, "" if resource == "projects" else OTHER)
        await mapped(world, name, "kargo", groups=["devs"])
        assert (await decides.allowed(DEV, verb, on)).allowed is may
        await default_roles.ensure(world.store, actor="test")  # at the next start
        assert (await decides.allowed(DEV, verb, on)).allowed is may


async def test_accounts_elsewhere_map_nobody(tmp_path: Path) -> None:
    """But in namespaces that are global by the settings: those hold in all Projects."""
    async with running(tmp_path) as world:
        await _made(world)
        await world.store.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "people"}}, actor="test"
        )
        account = {"name": "leads", "namespace": "people"}
        await world.store.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}, actor="test"
        )
        await mapped(world, "leads", "people", groups=["devs"])
        await world.apply(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "leads"},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "view",
                },
                "subjects": [{"kind": "ServiceAccount", **account}],
            }
        )
        there = replace(STAGES, namespace="people")
        for on in (STAGES, there):
            assert not (await Authorizer(world.store).allowed(DEV, "list", on)).allowed
        assert (await Authorizer(world.store, ["people"]).allowed(DEV, "list", STAGES)).allowed


async def test_nobody_maps_people_to_rights_they_do_not_have(tmp_path: Path) -> None:
    """Not by the annotation either: whoever may write accounts would else be everybody."""
    async with running(tmp_path) as world:
        await _made(world)
        rbac = "rbac.authorization.k8s.io"
        named = {"name": "clerk", "namespace": PROJECT}
        await world.apply(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "Role",
                "metadata": named,
                "rules": [
                    {
                        "apiGroups": [""],
                        "resources": ["serviceaccounts"],
                        "verbs": ["get", "update"],
                    }
                ],
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": named,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "clerk"},
                "subjects": [{"kind": "User", "name": "clerk"}],
            },
        )
        clerk = requester.of(User("clerk", (AUTHENTICATED,)))
        document = await world.get(scheme.SERVICE_ACCOUNT, "kargo-viewer")
        document["metadata"]["annotations"]["note"] = "x"
        await world.writer.update(document, clerk)
        document = await world.get(scheme.SERVICE_ACCOUNT, "kargo-viewer")
        document["metadata"]["annotations"]["rbac.kargo.akuity.io/claim.sub"] = "clerk"
        with pytest.raises(Forbidden, match="permissions not currently held: get configmaps"):
            await world.writer.update(document, clerk)
        administrator = requester.of(DEV)
        await mapped(world, "kargo-admin", groups=["devs"])
        await world.writer.update(document, administrator)


_RBAC = {"apiVersion": "rbac.authorization.k8s.io/v1"}
_READS = [{"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["list"]}]
_CLERK = requester.of(User("clerk", (AUTHENTICATED,)))


async def _reader(world: Pipeline, place: str) -> None:
    """Make an account that reads Stages everywhere, and a clerk who reads them, and writes accounts, in its namespace alone."""
    writes = {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["update"]}
    clerk = {"name": "clerk", "namespace": place}
    reader = {"name": "reader", "namespace": place}
    await world.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": reader},
        {**_RBAC, "kind": "ClusterRole", "metadata": {"name": "reader"}, "rules": _READS},
        {**_RBAC, "kind": "Role", "metadata": clerk, "rules": [writes, *_READS]},
        {
            **_RBAC,
            "kind": "RoleBinding",
            "metadata": clerk,
            "roleRef": {"kind": "Role", "name": "clerk"},
            "subjects": [{"kind": "User", "name": "clerk"}],
        },
        _everywhere("reader", {"kind": "ServiceAccount", **reader}),
    )


def _everywhere(name: str, subject: Document) -> Document:
    role = {"kind": "ClusterRole", "name": "reader"}
    metadata = {"name": name}
    binding = {"kind": "ClusterRoleBinding", "metadata": metadata, "roleRef": role}
    return {**_RBAC, **binding, "subjects": [subject]}


@pytest.mark.parametrize(("place", "may"), [(PROJECT, True), ("kargo", False)])
async def test_people_are_mapped_to_rights_that_are_held_where_they_count(
    tmp_path: Path, place: str, *, may: bool
) -> None:
    """What a Project's account may do everywhere its people may do there; of a global one they may do it everywhere."""
    async with running(tmp_path) as world:
        await _made(world)
        await _reader(world, place)
        document = await world.get(scheme.SERVICE_ACCOUNT, "reader", place)
        noted = document["metadata"].setdefault("annotations", {})
        noted[ANNOTATION] = json.dumps({"groups": ["devs"]})
        if not may:
            with pytest.raises(Forbidden, match="not currently held: list stages"):
                await world.writer.update(document, _CLERK)
            await world.apply(_everywhere("clerk", {"kind": "User", "name": "clerk"}))
        await world.writer.update(document, _CLERK)
        decides = Authorizer(world.store)
        assert (await decides.allowed(DEV, "list", replace(STAGES, namespace=place))).allowed
        elsewhere = replace(STAGES, namespace=OTHER)
        assert (await decides.allowed(DEV, "list", elsewhere)).allowed is not may


async def test_whoever_has_an_account_speak_holds_everywhere_what_it_may_do_everywhere(
    tmp_path: Path,
) -> None:
    """A token has the account's rights, in other Projects as well; who administers the Project speaks for its accounts."""
    async with running(tmp_path) as world:
        await _made(world)
        await _reader(world, PROJECT)
        decides = Authorizer(world.store)
        with pytest.raises(Forbidden, match="not currently held: list stages"):
            await escalation.refuse_account(decides, _CLERK, PROJECT, "reader", "a token")
        await mapped(world, "reader", groups=["devs"])
        with pytest.raises(Forbidden, match="not currently held: list stages"):
            await escalation.refuse_account(
                decides, requester.of(DEV), PROJECT, "reader", "a token"
            )
        await mapped(world, "kargo-admin", groups=["devs"])
        for name in ("kargo-admin", "kargo-promoter", "kargo-viewer"):
            await escalation.refuse_account(decides, requester.of(DEV), PROJECT, name, "a token")
        await mapped(world, "kargo-admin")
        await mapped(world, "kargo-admin", "kargo", groups=["devs"])
        for place, name in (
            ("kargo", "kargo-user"),
            ("kargo", "kargo-admin"),
            (PROJECT, "kargo-admin"),
        ):
            await escalation.refuse_account(decides, requester.of(DEV), place, name, "a token")
        await world.apply(_everywhere("clerk", {"kind": "User", "name": "clerk"}))
        await escalation.refuse_account(decides, _CLERK, PROJECT, "reader", "a token")


async def test_a_program_that_makes_a_project_administers_it(tmp_path: Path) -> None:
    """As a person does who is known by a claim."""
    async with running(tmp_path) as world:
        await namespaces.ensure_system(world.store, actor="test")
        await default_roles.ensure(world.store, actor="test")
        bot = User("system:serviceaccount:kargo:bot", ("system:masters",))
        await world.apply(project_document(), requester=requester.of(bot))
        await world.settled()
        decides = Authorizer(world.store)
        plain = User(bot.name)
        assert (await decides.allowed(plain, "delete", STAGES)).allowed
        assert not (await decides.allowed(USER.user, "x", STAGES)).reason.endswith("bot")


async def test_a_decision_is_cheap_among_many_accounts(tmp_path: Path) -> None:
    """It reads those that are mapped to whoever asks, and what was read is recalled until something is written."""
    async with running(tmp_path) as world:
        await _made(world)
        for number in range(200):
            noted = {ANNOTATION: json.dumps({"sub": [f"user{number}"]})}
            metadata = {"name": f"a{number}", "namespace": PROJECT, "annotations": noted}
            await world.store.create(
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, actor="test"
            )
        store = _Counting(world.store)
        decides = Authorizer(store)
        user = User("sub:user7", claims={"sub": ("user7",)})
        await decides.allowed(user, "get", STAGES)
        assert store.read == 1
        asked = store.asked
        await decides.allowed(user, "get", STAGES)
        assert store.asked == asked


class _Counting:
    """A store that counts the accounts that are read of it, and the questions."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.read = self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def list(self, query: Any, **more: Any) -> Any:
        """Pass it on."""
        page = await self._store.list(query, **more)
        self.asked += 1
        self.read += len(page.items) if query.kind is scheme.SERVICE_ACCOUNT else 0
        return page
