"""Charts and kustomizations through the whole product: fetched, rendered by the real programs, committed, pushed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import yaml

from tests.support import chart_server, rendering, sandbox
from tests.support.sandbox import BRANCH, GIT, HOST, PROJECT, TAGS, WAREHOUSE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

UMBRELLA = """\
apiVersion: v2
name: umbrella
version: 0.1.0
dependencies:
- name: web # the shop
  repository: oci://{host}/charts
  version: 1.0.0
"""
STEPS = """\
- uses: git-clone
  config:
    repoURL: https://github.com/test/sandbox.git
    checkout: [{branch: master, path: ./src}]
- uses: helm-update-chart
  as: charts
  config:
    path: ./src/umbrella
    charts: [{repository: oci://us-east1-docker.pkg.dev/charts, name: web, version: ^1.0}]
- uses: helm-template
  config: {path: ./src/umbrella, outPath: ./src/rendered, releaseName: rel, outLayout: flat}
- uses: kustomize-build
  config: {path: ./src/env, outPath: ./src/built}
- uses: git-commit
  config: {path: ./src, message: "${{ outputs.charts.commitMessage }}"}
- uses: git-push
  config: {path: ./src}
"""


def test_a_promotion_renders_what_it_has_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chart of a registry and a base of another repository end up as manifests in one commit."""
    path = f"{rendering.kustomize().program.parent}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    with sandbox.running(tmp_path) as world:
        for version in ("1.0.0", "1.3.0", "2.0.0"):
            chart_server.push(world.registry, "charts/web", version)
        config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\n"
        world.git.create(
            "bases.git", {"a/kustomization.yaml": "resources: [c.yaml]\n", "a/c.yaml": config_map}
        )
        world.git.commit(
            GIT,
            {
                "umbrella/Chart.yaml": UMBRELLA.format(host=HOST),
                "env/kustomization.yaml": (
                    "namespace: prod\nresources: ['https://github.com/test/bases.git//a?ref=main']\n"
                ),
            },
            branch=BRANCH,
        )
        world.apply_example()
        bases = {
            **world.credential(),
            "metadata": {**world.credential()["metadata"], "name": "git-bases"},
        }
        bases["stringData"] = {
            **bases["stringData"], "repoURL": "https://github.com/test/bases.git"
        }  # fmt: skip
        stage = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Stage",
            "metadata": {"name": "rendered", "namespace": PROJECT},
            "spec": {
                "requestedFreight": [
                    {
                        "origin": {"kind": "Warehouse", "name": WAREHOUSE},
                        "sources": {"direct": True},
                    }
                ],
                "promotionTemplate": {"spec": {"steps": yaml.safe_load(STEPS)}},
            },
        }
        world.apply(bases, stage)
        world.push_image(TAGS[0])
        world.refresh("--wait")
        world.settled("preprod", TAGS[0])
        [freight] = world.freight()
        done = world.towpath(
            "promote", "--project", PROJECT, "--stage", "rendered", "--freight", freight["metadata"]["name"],
            "--wait",
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}{done.stderr}{world.state()}"
        read = {
            name: world.git.read(GIT, name, BRANCH)
            for name in (
                "umbrella/Chart.yaml",
                "rendered/configmap-web-1.3.0.yaml",
                "built/prod-configmap-base.yaml",
            )
        }
        assert f"{read['umbrella/Chart.yaml']}\n" == UMBRELLA.format(host=HOST).replace(
            "1.0.0", "^1.0"
        )
        assert "name: 'web-1.3.0'" in read["rendered/configmap-web-1.3.0.yaml"]
        built = yaml.safe_load(read["built/prod-configmap-base.yaml"])
        assert built["metadata"] == {"name": "base", "namespace": "prod"}
        assert world.git.read(GIT, "env/kustomization.yaml", BRANCH).startswith("namespace: prod")
        folders = list((tmp_path / "data/work").glob("*/.*"))
        assert folders == []
