"""What people do with kubectl that changes nothing: get, watch, wait, describe, explain, events, discovery."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.e2e.kube.conftest import stage, task

if TYPE_CHECKING:
    from tests.e2e.kube.conftest import Server, Shop


def columns(line: str) -> list[str]:
    """Return the words of a line of a table."""
    return line.split()


async def test_get_in_every_form(shop: Shop) -> None:
    """Tables, wide ones, names, YAML, JSON, JSONPath, columns of one's own."""
    await shop.apply(stage("dev"), stage("prod"), task("t", labels={"tier": "web"}))
    header, *rows = (await shop.ok("get", "stages")).splitlines()
    assert header.split() == [
        "NAME",
        "SHARD",
        "CURRENT",
        "FREIGHT",
        "HEALTH",
        "READY",
        "STATUS",
        "AGE",
    ]
    assert [columns(row)[0] for row in rows] == ["dev", "prod"]
    assert (await shop.ok("get", "stage", "dev", "-o", "name")) == "stage.kargo.akuity.io/dev\n"
    assert "requestedFreight:" in await shop.ok("get", "stage", "dev", "-o", "yaml")
    listed = await shop.get("stages")
    assert [item["metadata"]["name"] for item in listed["items"]] == ["dev", "prod"]
    path = "jsonpath={.items[*].metadata.name}"
    assert await shop.ok("get", "stages", "-o", path) == "dev prod"
    own = await shop.ok("get", "stages", "-o", "custom-columns=N:.metadata.name,K:.kind")
    assert own.splitlines()[1].split() == ["dev", "Stage"]
    assert "tier=web" in await shop.ok("get", "promotiontasks", "--show-labels")
    wide = await shop.ok("get", "rolebindings", "-o", "wide")
    assert "SERVICEACCOUNTS" in wide.splitlines()[0]
    several = await shop.ok("get", "stages,promotiontasks", "-o", "name")
    assert several.split() == [
        "stage.kargo.akuity.io/dev",
        "stage.kargo.akuity.io/prod",
        "promotiontask.kargo.akuity.io/t",
    ]
    missing = await shop.refused("get", "stage", "none")
    assert missing == 'Error from server (NotFound): stages.kargo.akuity.io "none" not found\n'
    assert "No resources found" in (await shop.run("get", "freights")).err
    assert 'doesn\'t have a resource type "barns"' in await shop.refused("get", "barns")


async def test_selecting_sorting_and_paging(shop: Shop) -> None:
    """By labels, by fields, over all namespaces, some at a time."""
    await shop.apply(*(task(f"t{number}", labels={"n": str(number % 2)}) for number in range(5)))
    assert (await shop.ok("get", "promotiontasks", "-l", "n=1", "-o", "name")).count("\n") == 2
    assert (await shop.ok("get", "promotiontasks", "-l", "n in (0,1),n!=1", "-o", "name")).count(
        "\n"
    ) == 3
    selected = await shop.ok(
        "get", "promotiontasks", "--field-selector", "metadata.name=t3", "-o", "name"
    )
    assert selected == "promotiontask.kargo.akuity.io/t3\n"
    wrong = await shop.refused("get", "promotiontasks", "--field-selector", "spec.x=1")
    assert "metadata.name, metadata.namespace" in wrong, "it says which fields can be selected by"
    pages = await shop.ok("get", "promotiontasks", "--chunk-size=2")
    assert [columns(row)[0] for row in pages.splitlines()[1:]] == [f"t{n}" for n in range(5)]
    everywhere = await shop.ok("get", "promotiontasks", "-A")
    assert columns(everywhere.splitlines()[0])[0] == "NAMESPACE"
    assert any(columns(row)[:2] == [shop.name, "t1"] for row in everywhere.splitlines())
    backwards = await shop.ok("get", "promotiontasks", "--sort-by=.metadata.name", "--no-headers")
    assert [columns(row)[0] for row in backwards.splitlines()] == [f"t{n}" for n in range(5)]


async def test_watching_shows_rows_as_they_change(shop: Shop) -> None:
    """With the kind of event where that is asked for."""
    await shop.apply(task("t"))
    lines = shop.kubectl.lines(
        f"--namespace={shop.name}", "get", "promotiontasks", "-w", "--output-watch-events"
    )
    async with asyncio.timeout(20):
        assert columns(await anext(lines)) == ["EVENT", "NAME", "AGE"]
        assert columns(await anext(lines))[:2] == ["ADDED", "t"]
        await shop.apply(task("u"))
        assert columns(await anext(lines))[:2] == ["ADDED", "u"]
        await shop.apply(task("u", "two"))
        assert columns(await anext(lines))[:2] == ["MODIFIED", "u"]
        await shop.ok("delete", "promotiontask", "u")
        assert columns(await anext(lines))[:2] == ["DELETED", "u"]
        await lines.aclose()


async def test_waiting(shop: Shop) -> None:
    """For a condition that a controller sets, for a value, for an end, and in vain."""
    await shop.apply(stage("dev"), task("t"))
    for arguments in (
        (f"project/{shop.name}", "--for=condition=Ready"),
        ("promotiontask/t", "--for=jsonpath={.spec.steps[0].uses}=fail"),
    ):
        assert "condition met" in await shop.ok("wait", *arguments, "--timeout=15s")
    waiting = asyncio.create_task(
        shop.run("wait", "promotiontask/t", "--for=delete", "--timeout=15s")
    )
    await shop.ok("delete", "promotiontask", "t")
    (await waiting).ok()
    vain = await shop.refused("wait", "stage/dev", "--for=condition=Nothing", "--timeout=1s")
    assert "timed out waiting for the condition" in vain


async def test_describe_tells_of_events(shop: Shop) -> None:
    """Those about the object, found by its four fields; `kubectl events` and `get events` tell of them as well."""
    await shop.apply(stage("dev"))
    found = await shop.get("stage", "dev")
    about = {
        "apiVersion": found["apiVersion"],
        "kind": "Stage",
        "name": "dev",
        "namespace": shop.name,
        "uid": found["metadata"]["uid"],
    }
    for name, involved in (("e1", about), ("e2", {**about, "name": "prod", "uid": "other"})):
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name},
            "involvedObject": involved,
            "reason": "Looked",
            "message": f"somebody looked at {involved['name']}",
            "type": "Normal",
            "firstTimestamp": "2026-01-01T00:00:00Z",
            "lastTimestamp": "2026-01-01T00:00:00Z",
            "count": 1,
        }
        await shop.apply(event)
    described = await shop.ok("describe", "stage", "dev")
    assert "Requested Freight:" in described
    assert "somebody looked at dev" in described
    assert "somebody looked at prod" not in described
    header, *rows = (await shop.ok("get", "events")).splitlines()
    assert header.split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert any("stage/dev" in row for row in rows)
    for_one = await shop.ok("events", "--for", "stage/dev")
    assert "somebody looked at dev" in for_one
    assert "somebody looked at prod" not in for_one


async def test_explain_knows_every_field(server: Server) -> None:
    """Those of metadata and of lists too, with what they are for."""
    for path, words in (
        ("stage", ["KIND:       Stage", "spec\t<Object>"]),
        ("stage.spec.requestedFreight.sources", ["autoPromotionOptions", "requiredSoakTime"]),
        ("stage.metadata.labels", ["map[string]string", "Keys and values that objects"]),
        ("warehouses.spec.subscriptions", ["<[]"]),
        ("secret", ["stringData"]),
        ("rolebinding.roleRef", ["-required-"]),
    ):
        told = (await server.kubectl.run("explain", path)).ok()
        for word in words:
            assert word in told, f"explain {path}"
    wrong = await server.kubectl.run("explain", "stage.spec.nothing")
    assert 'field "nothing" does not exist' in wrong.err


async def test_discovery_is_what_kubectl_expects(server: Server) -> None:
    """Resources, versions, the server's version, definitions of custom kinds."""
    resources = (await server.kubectl.run("api-resources", "--no-headers")).ok()
    named = {columns(line)[0] for line in resources.splitlines()}
    assert {"stages", "freights", "promotions", "secrets", "events", "leases"} <= named
    verbs = (await server.kubectl.run("api-resources", "-o", "wide")).ok()
    assert "create,delete,deletecollection,get,list,patch,update,watch" in verbs
    versions = (await server.kubectl.run("api-versions")).ok().split()
    assert {"v1", "kargo.akuity.io/v1alpha1", "authorization.k8s.io/v1"} <= set(versions)
    assert "Server Version: v1." in (await server.kubectl.run("version")).ok()
    definitions = (await server.kubectl.run("get", "crd", "-o", "name")).ok()
    assert "customresourcedefinition.apiextensions.k8s.io/stages.kargo.akuity.io" in definitions
    assert (await server.kubectl.run("get", "--raw", "/readyz")).ok() == "ok"


async def test_short_names_and_plurals(shop: Shop) -> None:
    """As Kargo's CRDs have them."""
    await shop.apply(
        task("t"), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    )
    for word in ("promotask", "promotasks", "promotiontask", "promotiontasks.kargo.akuity.io"):
        assert await shop.ok("get", word, "-o", "name") == "promotiontask.kargo.akuity.io/t\n"
    assert await shop.ok("get", "cm", "-o", "name") == "configmap/c\n"
