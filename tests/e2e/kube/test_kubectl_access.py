"""Who may do what, with real tokens of ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.kube.conftest import Shop, listed, stage, task

if TYPE_CHECKING:
    from tests.e2e.kube.conftest import Server

NEVER = "--request-timeout=10s"


async def speaking_as(shop: Shop, server: Server, account: str) -> Shop:
    """Return the Project as seen with a token of one of its accounts, and with no other credential."""
    (await shop.run("wait", f"serviceaccount/{account}", "--for=jsonpath={.metadata.uid}")).ok()
    token = (await shop.ok("create", "token", account)).strip()
    kubeconfig = shop.folder / f"{account}.kubeconfig"
    text = server.kubeconfig.read_text().replace(server.running.token, token)
    assert token in text
    kubeconfig.write_text(text)
    return Shop(shop.name, type(shop.kubectl)(kubeconfig, shop.folder), shop.folder)


async def test_a_viewer_sees_the_project_and_changes_nothing(server: Server, shop: Shop) -> None:
    """No Secrets, no other Project, nothing of the cluster."""
    await shop.apply(stage("dev"))
    viewer = await speaking_as(shop, server, "kargo-viewer")
    assert await viewer.ok("get", "stages", "-o", "name") == "stage.kargo.akuity.io/dev\n"
    user = f"system:serviceaccount:{shop.name}:kargo-viewer"
    for arguments, words in (
        (("get", "secrets"), f'User "{user}" cannot list resource "secrets" in API group "" in the namespace "{shop.name}"'),
        (("get", "stages", "-A"), 'cannot list resource "stages" in API group "kargo.akuity.io" at the cluster scope'),
        (("get", "stages", "-n", "default"), "cannot list resource"),
        (("delete", "stage", "dev"), 'cannot delete resource "stages"'),
        (("label", "stage", "dev", "a=b"), 'cannot patch resource "stages"'),
    ):  # fmt: skip
        assert words in await viewer.refused(*arguments)
    refused = await viewer.refused("apply", "-f", "-", stdin=listed(task("t")))
    assert "is forbidden" in refused
    assert (await viewer.run("auth", "can-i", "get", "stages.kargo.akuity.io")).out == "yes\n"
    assert (await viewer.run("auth", "can-i", "create", "stages.kargo.akuity.io")).out == "no\n"
    may = await viewer.ok("auth", "can-i", "--list")
    assert "stages.kargo.akuity.io" in may
    who = await viewer.ok("auth", "whoami")
    assert user in who
    assert "system:serviceaccounts" in who


async def test_promoting_takes_the_verb_promote(server: Server, shop: Shop) -> None:
    """By a manifest as by any other way; the promoter is let as far as what there is to promote."""
    await shop.apply(stage("dev"))
    promotion = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Promotion",
        "metadata": {"generateName": "p-"},
        "spec": {"stage": "dev", "freight": "none"},
    }
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "creator"},
        "rules": [
            {"apiGroups": ["kargo.akuity.io"], "resources": ["promotions"], "verbs": ["create"]}
        ],
    }
    await shop.apply(role)
    await shop.ok("create", "serviceaccount", "creator")
    await shop.ok(
        "create",
        "rolebinding",
        "creator",
        "--role=creator",
        f"--serviceaccount={shop.name}:creator",
    )
    creator = await speaking_as(shop, server, "creator")
    refused = await creator.refused("create", "-f", "-", stdin=listed(promotion))
    assert 'stages.kargo.akuity.io "dev" is forbidden' in refused
    assert 'cannot promote resource "stages"' in refused
    promoter = await speaking_as(shop, server, "kargo-promoter")
    further = await promoter.refused("create", "-f", "-", stdin=listed(promotion))
    assert "forbidden" not in further
    assert f'freights.kargo.akuity.io "{shop.name}/none" not found' in further
    assert (
        await promoter.run("auth", "can-i", "promote", "stages.kargo.akuity.io/dev")
    ).out == "yes\n"


async def test_nobody_grants_what_they_do_not_hold(server: Server, shop: Shop) -> None:
    """Not by a role, nor by binding one; what they hold they may grant."""
    await shop.ok("create", "serviceaccount", "boss")
    account = f"--serviceaccount={shop.name}:boss"
    await shop.ok("create", "rolebinding", "boss", "--clusterrole=admin", account)
    admin = await speaking_as(shop, server, "boss")
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "more"},
        "rules": [rule],
    }
    refused = await admin.refused("create", "-f", "-", stdin=listed(role))
    assert "attempting to grant RBAC permissions not currently held" in refused
    assert "get pods" in refused
    bound = await admin.refused(
        "create", "rolebinding", "all", "--clusterrole=cluster-admin", "--user=jo"
    )
    assert "not currently held" in bound
    held = {**rule, "apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["promote"]}
    await admin.apply({**role, "rules": [held]})
    assert await admin.ok("create", "rolebinding", "more", "--role=more", "--user=jo")
    asked = await shop.run("auth", "can-i", "promote", "stages.kargo.akuity.io", "--as=jo")
    assert asked.out == "yes\n"
    other = await shop.run("auth", "can-i", "delete", "stages.kargo.akuity.io", "--as=jo")
    assert other.out == "no\n"
    as_somebody = await admin.refused("get", "stages", "--as=jo")
    assert 'cannot impersonate resource "users"' in as_somebody


async def test_a_token_ends_with_its_account(server: Server, shop: Shop) -> None:
    """One of that name that is made anew is another."""
    await shop.ok("create", "serviceaccount", "gone")
    gone = await speaking_as(shop, server, "gone")
    assert "is forbidden" in await gone.refused("get", "stages", NEVER)
    await shop.ok("delete", "serviceaccount", "gone")
    assert "does not exist any more" in await gone.refused("get", "stages", NEVER)
    await shop.ok("create", "serviceaccount", "gone")
    assert "does not exist any more" in await gone.refused("get", "stages", NEVER)
    short = await shop.refused("create", "token", "gone", "--duration=10s")
    assert "may not specify a duration less than 10 minutes" in short
