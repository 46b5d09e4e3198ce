"""What people do with kubectl that changes something: apply, diff, create, replace, edit, label, patch, delete."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.e2e.kube.conftest import listed, stage, task

if TYPE_CHECKING:
    from tests.e2e.kube.conftest import Shop


async def test_apply_creates_leaves_alone_and_changes(shop: Shop) -> None:
    """And takes away what the manifest no longer has."""
    first = task("t", labels={"tier": "web", "team": "a"})
    assert await shop.apply(first) == "promotiontask.kargo.akuity.io/t created\n"
    assert await shop.apply(first) == "promotiontask.kargo.akuity.io/t unchanged\n"
    second = task("t", "two", labels={"tier": "web"})
    assert await shop.apply(second) == "promotiontask.kargo.akuity.io/t configured\n"
    found = await shop.get("promotiontask", "t")
    assert found["metadata"]["labels"] == {"tier": "web"}
    assert found["spec"]["steps"][0]["config"] == {"message": "two"}
    assert found["metadata"]["generation"] == 2


async def test_diff_shows_what_apply_would_change(shop: Shop) -> None:
    """Exit code 1 with a difference, 0 without; nothing is changed."""
    await shop.apply(task("t"))
    same = await shop.run("diff", "-f", "-", stdin=listed(task("t")))
    assert (same.code, same.out) == (0, "")
    other = await shop.run("diff", "-f", "-", stdin=listed(task("t", "two")))
    assert other.code == 1
    assert "-      message: one" in other.out
    assert "+      message: two" in other.out
    dry = await shop.apply(task("t", "two"), options=("--dry-run=server",))
    assert dry == "promotiontask.kargo.akuity.io/t configured (server dry run)\n"
    assert (await shop.get("promotiontask", "t"))["spec"]["steps"][0]["config"]["message"] == "one"


async def test_server_side_apply_shares_conflicts_and_takes(shop: Shop) -> None:
    """Kubectl says whom the field belongs to, and how to go on."""
    server_side = ("--server-side",)
    first = task("t", labels={"a": "1"})
    said = await shop.apply(first, options=server_side)
    assert said == "promotiontask.kargo.akuity.io/t serverside-applied\n"
    other = ("--server-side", "--field-manager=other")
    refused = await shop.refused("apply", *other, "-f", "-", stdin=listed(task("t", "two")))
    assert 'Apply failed with 1 conflict: conflict with "kubectl": .spec.steps' in refused
    assert "--force-conflicts" in refused
    await shop.apply(task("t", "two"), options=(*other, "--force-conflicts"))
    await shop.apply({**first, "spec": task("t", "two")["spec"]}, options=server_side)
    await shop.apply(task("t", "two"), options=server_side)
    found = json.loads(
        await shop.ok("get", "promotiontask", "t", "-o", "json", "--show-managed-fields")
    )
    assert "labels" not in found["metadata"], "given up by the one who had applied them"
    assert {entry["manager"] for entry in found["metadata"]["managedFields"]} == {
        "kubectl",
        "other",
    }


async def test_from_client_side_to_server_side(shop: Shop) -> None:
    """Kubectl owns what it had applied before, also with another value."""
    await shop.apply(task("t"))
    said = await shop.apply(task("t", "two"), options=("--server-side",))
    assert said == "promotiontask.kargo.akuity.io/t serverside-applied\n"
    assert await shop.apply(task("t", "two")) == "promotiontask.kargo.akuity.io/t unchanged\n"


async def test_unknown_fields_are_refused_or_warned_of(shop: Shop) -> None:
    """By kubectl's own default they are an error that names the field."""
    wrong = {**task("t"), "bogus": 1}
    refused = await shop.refused("apply", "-f", "-", stdin=listed(wrong))
    assert 'strict decoding error: unknown field "bogus"' in refused
    warned = await shop.run("apply", "--validate=warn", "-f", "-", stdin=listed(wrong))
    assert warned.ok() == "promotiontask.kargo.akuity.io/t created\n"
    assert 'Warning: unknown field "bogus"' in warned.err


async def test_everything_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    """With the path of each field."""
    wrong = stage("Not_A_Name")
    wrong["spec"]["requestedFreight"][0] |= {
        "origin": {"kind": "Barn", "name": "x"},
        "sources": {"direct": "yes"},
    }
    refused = await shop.refused("create", "-f", "-", stdin=listed(wrong))
    assert 'The Stage "Not_A_Name" is invalid' in refused
    for field in (
        "metadata.name",
        "spec.requestedFreight[0].origin.kind",
        "spec.requestedFreight[0].sources.direct",
    ):
        assert f"* {field}: " in refused
    gone = await shop.refused("create", "-f", "-", stdin=listed({**task("t"), "kind": "Nothing"}))
    assert 'no matches for kind "Nothing"' in gone


async def test_create_of_core_kinds_as_protobuf(shop: Shop) -> None:
    """What kubectl sends without asking whether it is understood."""
    for arguments, said in (
        (("secret", "generic", "s", "--from-literal=a=b"), "secret/s"),
        (("configmap", "c", "--from-literal=a=b"), "configmap/c"),
        (("serviceaccount", "a"), "serviceaccount/a"),
        (("role", "r", "--verb=get,list", "--resource=stages.kargo.akuity.io"), "role.rbac.authorization.k8s.io/r"),
        (("rolebinding", "b", "--role=r", f"--serviceaccount={shop.name}:a"), "rolebinding.rbac.authorization.k8s.io/b"),
        (("clusterrole", f"{shop.name}-cr", "--verb=get", "--resource=projects.kargo.akuity.io"), f"clusterrole.rbac.authorization.k8s.io/{shop.name}-cr"),
        (("clusterrolebinding", f"{shop.name}-cb", f"--clusterrole={shop.name}-cr", "--user=jo"), f"clusterrolebinding.rbac.authorization.k8s.io/{shop.name}-cb"),
        (("namespace", f"{shop.name}-more"), f"namespace/{shop.name}-more"),
    ):  # fmt: skip
        assert await shop.ok("create", *arguments) == f"{said} created\n"
    again = await shop.refused("create", "configmap", "c", "--from-literal=a=b")
    assert 'configmaps "c" already exists' in again
    binding = await shop.get("rolebinding", "b")
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "a", "namespace": shop.name}]
    assert (await shop.get("configmap", "c"))["data"] == {"a": "b"}


async def test_secrets_are_written_and_never_read(shop: Shop) -> None:
    """Not in YAML, in the copy that client-side apply keeps, nor after a label or a patch; the value stays."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"password": "hunter2"},
    }
    assert await shop.apply(secret) == "secret/s created\n"
    assert await shop.ok("label", "secret", "s", "tier=db") == "secret/s labeled\n"
    assert await shop.ok("patch", "secret", "s", "-p", '{"metadata":{"annotations":{"a":"b"}}}')
    for form in ("yaml", "json", "jsonpath={.data.password}"):
        shown = await shop.ok("get", "secret", "s", "-o", form)
        assert "hunter2" not in shown
        assert "aHVudGVyMg" not in shown
    assert "password:  16 bytes" in await shop.ok("describe", "secret", "s")
    assert "Opaque   1" in await shop.ok("get", "secrets")
    found = await shop.get("secret", "s")
    assert found["metadata"]["labels"] == {"tier": "db"}
    kept = await shop.ok("get", "secret", "s", "-o", "json")
    replaced = await shop.ok("replace", "-f", "-", stdin=kept)
    assert replaced == "secret/s replaced\n"


async def test_replace_edit_label_annotate(shop: Shop) -> None:
    """Each with its own words when it is done."""
    await shop.ok("create", "-f", "-", stdin=listed(task("t")))
    assert await shop.ok("replace", "-f", "-", stdin=listed(task("t", "two"))) == (
        "promotiontask.kargo.akuity.io/t replaced\n"
    )
    edited = await shop.kubectl.run(
        f"--namespace={shop.name}", "edit", "promotiontask", "t", KUBE_EDITOR="sed -i s/two/three/"
    )
    assert edited.ok() == "promotiontask.kargo.akuity.io/t edited\n"
    assert await shop.ok("label", "promotiontask", "t", "a=b") == (
        "promotiontask.kargo.akuity.io/t labeled\n"
    )
    assert await shop.ok("label", "promotiontask", "t", "a-") == (
        "promotiontask.kargo.akuity.io/t unlabeled\n"
    )
    assert await shop.ok("annotate", "promotiontask", "t", "note=x") == (
        "promotiontask.kargo.akuity.io/t annotated\n"
    )
    found = await shop.get("promotiontask", "t")
    assert found["spec"]["steps"][0]["config"] == {"message": "three"}
    assert found["metadata"]["annotations"]["note"] == "x"
    stale = {**found, "metadata": {**found["metadata"], "resourceVersion": "1"}}
    refused = await shop.refused("replace", "-f", "-", stdin=listed(stale))
    assert "the object has been modified" in refused


async def test_patches_of_each_kind(shop: Shop) -> None:
    """Strategic ones for core kinds only: kubectl says that custom kinds have none."""
    await shop.apply(
        task("t"),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}},
    )
    merge = '{"metadata":{"labels":{"x":"y"}}}'
    assert await shop.ok("patch", "promotiontask", "t", "--type=merge", "-p", merge)
    json_patch = '[{"op":"test","path":"/metadata/labels/x","value":"y"},{"op":"remove","path":"/metadata/labels/x"}]'
    assert await shop.ok("patch", "promotiontask", "t", "--type=json", "-p", json_patch)
    failing = await shop.refused("patch", "promotiontask", "t", "--type=json", "-p", json_patch)
    assert "there is no 'labels'" in failing or "there is no 'x'" in failing
    assert "is not supported by kargo.akuity.io/v1alpha1, Kind=PromotionTask" in await shop.refused(
        "patch", "promotiontask", "t", "-p", merge
    )
    assert await shop.ok("patch", "configmap", "c", "-p", '{"data":{"a":null,"c":"d"}}') == (
        "configmap/c patched\n"
    )
    assert (await shop.get("configmap", "c"))["data"] == {"c": "d"}


async def test_status_is_patched_through_its_subresource(shop: Shop) -> None:
    """And not with the object."""
    request = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionRequest",
        "metadata": {"name": "r"},
        "spec": {"freight": "f", "stage": "s", "targets": [{"name": "t"}]},
    }
    await shop.apply(request)
    running = '{"status":{"phase":"Running"}}'
    plain = await shop.ok("patch", "promotionrequest", "r", "--type=merge", "-p", running)
    assert plain == "promotionrequest.kargo.akuity.io/r patched (no change)\n"
    await shop.ok(
        "patch", "promotionrequest", "r", "--subresource=status", "--type=merge", "-p", running
    )
    assert (
        await shop.ok("get", "promotionrequest", "r", "-o", "jsonpath={.status.phase}") == "Running"
    )
    assert "Running" in await shop.ok("get", "promotionrequest", "r", "--subresource=status")


async def test_delete_in_all_ways(shop: Shop) -> None:
    """By name, by file, by label, all; what has a finalizer is waited for."""
    names = ("a", "b", "c", "d")
    await shop.apply(*(task(name, labels={"n": name}) for name in names))
    deleted = await shop.ok("delete", "promotiontask", "a")
    assert deleted.startswith('promotiontask.kargo.akuity.io "a" deleted')
    assert "deleted" in await shop.ok("delete", "-f", "-", stdin=listed(task("b")))
    assert "deleted" in await shop.ok("delete", "promotiontasks", "-l", "n=c")
    assert "deleted" in await shop.ok("delete", "promotiontasks", "--all")
    assert await shop.ok("get", "promotiontasks", "-o", "name") == ""
    assert "not found" in await shop.refused("delete", "promotiontask", "a")
    assert await shop.ok("delete", "promotiontask", "a", "--ignore-not-found") == ""
    await shop.apply(task("held", finalizers=["example.com/hold"]))
    deleting = asyncio.create_task(shop.run("delete", "promotiontask", "held"))
    async with asyncio.timeout(20):
        marked = await shop.run(
            "wait", "promotiontask/held", "--for=jsonpath={.metadata.deletionTimestamp}"
        )
        marked.ok()
        assert not deleting.done()
        await shop.ok(
            "patch",
            "promotiontask",
            "held",
            "--type=merge",
            "-p",
            '{"metadata":{"finalizers":null}}',
        )
        assert "deleted" in (await deleting).ok()


async def test_dependents_go_stay_or_go_first(shop: Shop) -> None:
    """Background, orphan and foreground."""
    for policy in ("background", "orphan", "foreground"):
        await shop.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}})
        owner = (await shop.get("configmap", "owner"))["metadata"]["uid"]
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner}
        await shop.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": policy, "ownerReferences": [reference]},
            }
        )
        await shop.ok("delete", "configmap", "owner", f"--cascade={policy}")
        if policy == "orphan":
            found = await shop.get("configmap", "orphan")
            assert not found["metadata"].get("ownerReferences")
        else:
            (await shop.run("wait", f"configmap/{policy}", "--for=delete", "--timeout=10s")).ok()


async def test_namespaces_live_and_go_with_all_that_is_in_them(shop: Shop) -> None:
    """Active, then Terminating, then gone; the system's stay."""
    name = f"{shop.name}-space"
    await shop.ok("create", "namespace", name)
    assert "Active" in await shop.ok("get", "namespace", name)
    held = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": name, "finalizers": ["example.com/hold"]},
    }
    (await shop.kubectl.run("apply", "-f", "-", stdin=listed(held))).ok()
    await shop.ok("delete", "namespace", name, "--wait=false")
    assert "Terminating" in await shop.ok("get", "namespace", name)
    more = {**held, "metadata": {"name": "d", "namespace": name}}
    refused = await shop.kubectl.run("create", "-f", "-", stdin=listed(more))
    assert (
        f"unable to create new content in namespace {name} because it is being terminated"
        in refused.err
    )
    released = await shop.kubectl.run(
        "patch",
        "configmap",
        "c",
        "-n",
        name,
        "--type=merge",
        "-p",
        '{"metadata":{"finalizers":null}}',
    )
    released.ok()
    (await shop.run("wait", f"namespace/{name}", "--for=delete", "--timeout=15s")).ok()
    assert "may not be deleted" in await shop.refused("delete", "namespace", "default")
