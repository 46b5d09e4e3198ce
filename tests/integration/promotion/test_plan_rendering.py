"""What a plan says of what steps render: the objects that differ, wherever the files are copied before they are pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import rendering
from tests.support.planning import URL, planned, planning, promoted, serving, staged, where
from tests.support.serving import client
from towpath.promotion.doors.rendering import Renderers
from towpath.promotion.plan import rendered_objects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer

KUSTOMIZATION = "namePrefix: p-\nnamespace: shop\nresources: [web.yaml, old.yaml]\n"
WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n"
OLD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\ndata: {a: b}\n"
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "replicas: 1\n",
    "chart/templates/web.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: {{ .Values.replicas }}\n"
    ),
}
FILES = {"env/kustomization.yaml": KUSTOMIZATION, "env/web.yaml": WEB, "env/old.yaml": OLD, **CHART}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with a kustomization and a chart, and an empty branch for what they render to."""
    with serving(tmp_path / "server", FILES) as found:
        found.commit("app.git", {"README": "rendered\n"}, branch="rendered")
        yield found


def _steps(*render: dict[str, Any]) -> list[dict[str, Any]]:
    """Return steps that render into a folder, and copy that to a branch of its own."""
    checkout = [
        {"path": "./src", "branch": "main"},
        {"path": "./out", "branch": "rendered"},
    ]
    return [
        {"uses": "git-clone", "config": {"repoURL": URL, "checkout": checkout}},
        *render,
        {"uses": "git-clear", "config": {"path": "./out"}},
        {"uses": "copy", "config": {"inPath": "./built", "outPath": "./out/env"}},
        {"uses": "git-commit", "config": {"path": "./out", "message": "rendered"}},
        {"uses": "git-push", "config": {"path": "./out"}},
    ]


BUILD = {"uses": "kustomize-build", "config": {"path": "./src/env", "outPath": "./built"}}
TEMPLATE = {
    "uses": "helm-template",
    "config": {
        "path": "./src/chart",
        "outPath": "./built/all.yaml",
        "releaseName": "shop",
        "namespace": "shop",
    },
}


def _objects(plan: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the objects that differ: kind, namespace, name, change."""
    [variant] = plan["variants"]
    assert variant["result"] == "Succeeded", variant["steps"]
    assert variant["notes"] == []
    return [
        (each["kind"], each["namespace"], each["name"], each["change"])
        for each in variant["objects"]
    ]


async def test_objects_that_kustomize_builds(tmp_path: Path, server: GitServer) -> None:
    """Added at first; then changed and removed, with their lines, and those that stay as they are not at all."""
    async with planning(tmp_path / "world", server, rendering=rendering.both()) as world:
        await staged(world, *_steps(BUILD))
        plan = await planned(world)
        assert _objects(plan) == [
            ("ConfigMap", "shop", "p-old", "added"),
            ("Deployment", "shop", "p-web", "added"),
        ]
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        assert _objects(await planned(world)) == []
        server.commit(
            "app.git",
            {
                "env/kustomization.yaml": KUSTOMIZATION.replace(", old.yaml", ""),
                "env/web.yaml": WEB.replace("1}", "2}"),
            },
        )
        plan = await planned(world)
        assert _objects(plan) == [
            ("ConfigMap", "shop", "p-old", "removed"),
            ("Deployment", "shop", "p-web", "changed"),
        ]
        [_, changed] = plan["variants"][0]["objects"]
        assert (changed["apiVersion"], changed["added"], changed["removed"]) == ("apps/v1", 1, 1)
        [push] = plan["variants"][0]["pushes"]
        assert push["objects"] == [each["id"] for each in plan["variants"][0]["objects"]]
        async with client(world) as api:
            found = (await api.get(f"{where(plan)}/objects/{changed['id']}")).json()
            assert "-  replicas: 1\n+  replicas: 2\n" in found["patch"]
            assert (await api.get(f"{where(plan)}/objects/o99")).status_code == 404


async def test_objects_that_helm_renders(tmp_path: Path, server: GitServer) -> None:
    """Of a stream in one file each object is told of by itself; where its template lies is no difference."""
    helm = Renderers(helm=rendering.helm(), kustomize=None)
    async with planning(tmp_path / "world", server, rendering=helm) as world:
        await staged(world, *_steps(TEMPLATE))
        plan = await planned(world)
        assert _objects(plan) == [("Deployment", "", "web", "added")]
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        web = CHART["chart/templates/web.yaml"]
        more = "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
        server.commit(
            "app.git", {"chart/templates/web.yaml": None, "chart/templates/all.yaml": web + more}
        )
        assert _objects(await planned(world)) == [("Service", "", "web", "added")]


async def test_what_no_step_renders_is_no_object(tmp_path: Path, server: GitServer) -> None:
    """Files that are written or copied otherwise are told of as files alone."""
    async with planning(tmp_path / "world", server, rendering=rendering.both()) as world:
        copied = {"uses": "copy", "config": {"inPath": "./src/env", "outPath": "./built"}}
        await staged(world, *_steps(copied))
        plan = await planned(world)
        assert _objects(plan) == []
        assert {each["path"] for each in plan["variants"][0]["files"]} > {"env/web.yaml"}


async def test_too_much_is_not_compared(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan says so, and has its files all the same."""
    monkeypatch.setattr(rendered_objects, "_MOST_BYTES", 100)
    async with planning(tmp_path / "world", server, rendering=rendering.both()) as world:
        await staged(world, *_steps(BUILD))
        [variant] = (await planned(world))["variants"]
        assert variant["objects"] == []
        assert variant["notes"] == [
            "the objects that are rendered for rendered are not compared: they have more than 100 bytes together"
        ]
        assert len(variant["files"]) == 3
