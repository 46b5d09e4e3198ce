"""The example from nothing but `towpath up` and kubectl: applied, and promoted to prod by a Promotion that is created."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.kube.conftest import Shop
from tests.support import sandbox, towpath_process
from tests.support.kubectl import Kubectl
from tests.support.sandbox import EXAMPLE, PROJECT, TAGS, WAREHOUSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.sandbox import Sandbox


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sandbox]:
    """The world of the example."""
    with sandbox.running(tmp_path) as found:
        yield found


def _shop(world: Sandbox) -> Shop:
    kubeconfig = world.folder / "kubeconfig"
    done = towpath_process.run(
        world.folder, "kubeconfig", "--data", world.folder / "data", "--output", kubeconfig
    )
    assert done.returncode == 0, done.stderr
    return Shop(PROJECT, Kubectl(kubeconfig, world.folder, timeout=60), world.folder)


def _promotion(stage: str, freight: str) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Promotion",
        "metadata": {"generateName": f"{stage}-", "namespace": PROJECT},
        "spec": {"stage": stage, "freight": freight},
    }


async def _applied(shop: Shop, world: Sandbox) -> None:
    """Apply the example, the Project first: its namespace is there when the rest comes."""
    documents = [
        document
        for path in sorted(EXAMPLE.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]
    projects = [each for each in documents if each["kind"] == "Project"]
    await shop.ok("apply", "-f", "-", stdin=yaml.safe_dump_all(projects))
    await shop.ok("apply", "-f", "-", stdin=yaml.safe_dump(world.credential()))
    printed = await shop.ok("apply", "-f", str(EXAMPLE))
    assert printed.count(" created") == len(documents) - len(projects)


async def test_from_apply_to_prod(world: Sandbox) -> None:
    """Preprod follows by itself; prod when a Promotion is created; what is shut is refused with its gates."""
    shop = _shop(world)
    await _applied(shop, world)
    world.push_image(TAGS[0])
    await shop.ok("annotate", "warehouse", WAREHOUSE, "kargo.akuity.io/refresh=now")
    tag = "jsonpath={.status.freightHistory[0].items.*.images[0].tag}"
    await shop.ok("wait", "stage/preprod", f"--for={tag}={TAGS[0]}", "--timeout=40s")
    await shop.ok("wait", "stage/preprod", "--for=condition=Ready", "--timeout=20s")
    assert (world.tag("preprod"), world.tag("prod")) == (TAGS[0], "2020-01-01_0000-0000000")
    [name] = (await shop.ok("get", "freights", "-o", "name")).split()
    freight = name.partition("/")[2]

    made = await shop.ok("create", "-f", "-", stdin=yaml.safe_dump(_promotion("prod", freight)))
    promotion = made.split()[0].partition("/")[2]
    assert promotion.startswith("prod.")
    await shop.ok(
        "wait",
        f"promotion/{promotion}",
        "--for=jsonpath={.status.phase}=Succeeded",
        "--timeout=40s",
    )
    await shop.ok("wait", "stage/prod", "--for=condition=Ready", "--timeout=20s")
    assert (world.tag("prod"), world.commits()) == (TAGS[0], 3)

    header, *rows = (await shop.ok("get", "stages")).splitlines()
    assert "CURRENT FREIGHT" in header
    assert [row.split()[0] for row in rows] == ["preprod", "prod"]
    assert all("1/1 Fulfilled" in row or freight[:7] in row for row in rows)
    phases = await shop.ok("get", "promotions", "--no-headers")
    assert phases.count("Succeeded") == 2

    generations = "jsonpath={range .items[*]}{.metadata.name}={.metadata.generation} {end}"
    kinds = "projects,warehouses,promotiontasks,stages"
    before = await shop.ok("get", kinds, "-o", generations)
    again = (await shop.ok("apply", "-f", str(EXAMPLE))).splitlines()
    # kubectl calls what it sends a change, and sends a list in which the server has filled in defaults.
    others = [line for line in again if not line.startswith("warehouse.")]
    assert all(line.endswith(" unchanged") for line in others), again
    assert await shop.ok("get", kinds, "-o", generations) == before
    actor = await shop.ok(
        "get", "promotion", promotion,
        "-o", r"jsonpath={.metadata.annotations.kargo\.akuity\.io/create-actor}",
    )  # fmt: skip
    assert actor == "admin"


async def test_a_promotion_whose_gates_are_shut_is_refused(world: Sandbox) -> None:
    """By kubectl as by every other way, with the same words."""
    shop = _shop(world)
    world.git.hook(sandbox.GIT, "pre-receive", "echo closed for repairs >&2; exit 1")
    await _applied(shop, world)
    world.push_image(TAGS[0])
    await shop.ok("annotate", "warehouse", WAREHOUSE, "kargo.akuity.io/refresh=now")
    async with asyncio.timeout(40):
        while not (name := (await shop.ok("get", "freights", "-o", "name")).strip()):
            await shop.ok("get", "stages")  # takes its time
    freight = name.partition("/")[2]
    refused = await shop.refused(
        "create", "-f", "-", stdin=yaml.safe_dump(_promotion("prod", freight))
    )
    assert 'Promotion.kargo.akuity.io "" is invalid: spec.freight' in refused or (
        "is not available to Stage prod" in refused
    )
    assert "verified: not verified in preprod yet" in refused
    missing = await shop.refused(
        "create", "-f", "-", stdin=yaml.safe_dump(_promotion("none", freight))
    )
    assert 'stages.kargo.akuity.io "sandbox-example/none" not found' in missing
