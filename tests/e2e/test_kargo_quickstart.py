"""A pipeline of the shape that Kargo's quickstart has, from the first look to the last Stage, against stand-ins for its hosts.

One task for all Stages: the image goes into a Kustomize base, what is built goes to a branch of the Stage's own, and Argo CD is
told the commit.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import argocd_thread, git_server, registry, rendering, towpath_process, waiting
from tests.support.argocd_standin import deployment
from towpath.demo import argo_cd
from towpath.demo.argocd.installation_settings import GitPlace

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer

URL = "https://github.com/you/gitops.git"
IMAGE = "public.ecr.aws/nginx/nginx"
STAGES = ("test", "uat", "prod")
PROJECT = "kargo-demo"
TASK = """\
vars:
  - {name: gitopsRepo, value: 'https://github.com/you/gitops.git'}
  - {name: imageRepo, value: public.ecr.aws/nginx/nginx}
steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.gitopsRepo }}
      checkout:
        - {branch: main, path: ./src}
        - {branch: 'stage/${{ ctx.stage }}', create: true, path: ./out}
  - uses: git-clear
    config: {path: ./out}
  - uses: kustomize-set-image
    as: update
    config:
      path: ./src/base
      images:
        - {image: '${{ vars.imageRepo }}', tag: '${{ imageFrom(vars.imageRepo).Tag }}'}
  - uses: kustomize-build
    config: {path: './src/stages/${{ ctx.stage }}', outPath: ./out}
  - uses: git-commit
    as: commit
    config: {path: ./out, message: '${{ task.outputs.update.commitMessage }}'}
  - uses: git-push
    config: {path: ./out}
  - uses: argocd-update
    config:
      apps:
        - name: kargo-demo-${{ ctx.stage }}
          sources:
            - {repoURL: '${{ vars.gitopsRepo }}', desiredRevision: '${{ task.outputs.commit.commit }}'}
"""


def _files() -> dict[str, str | bytes]:
    """Return a base, and a folder for each Stage."""
    web = deployment(tag="0").replace("registry.example/web:0", f"{IMAGE}:1.26.0")
    return {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": web,
        **{
            f"stages/{stage}/kustomization.yaml": f"resources: [../../base]\nnamespace: kargo-demo-{stage}\n"
            for stage in STAGES
        },
    }


def _documents(git: GitServer) -> list[dict[str, Any]]:
    """Return Project, Secret, Warehouse, task and Stages, one after the other."""

    def made(kind: str, name: str, spec: dict[str, Any] | None = None) -> dict[str, Any]:
        metadata = {"name": name} | ({} if kind == "Project" else {"namespace": PROJECT})
        found = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": metadata}
        return found | ({"spec": spec} if spec else {})

    def requested(place: int) -> list[dict[str, Any]]:
        sources = {"stages": [STAGES[place - 1]]} if place else {"direct": True}
        return [{"origin": {"kind": "Warehouse", "name": PROJECT}, "sources": sources}]

    subscription = {"repoURL": IMAGE, "semverConstraint": "^1.26.0", "discoveryLimit": 5}
    steps = [{"task": {"name": "demo-promo-process"}, "as": "promo-process"}]
    return [
        made("Project", PROJECT),
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "metadata": {
                "name": "repo",
                "namespace": PROJECT,
                "labels": {"kargo.akuity.io/cred-type": "git"},
            },
            "stringData": {"repoURL": URL, "username": git.user, "password": git.password},
        },
        made("Warehouse", PROJECT, {"subscriptions": [{"image": subscription}]}),
        made("PromotionTask", "demo-promo-process", yaml.safe_load(TASK)),
        *(
            made(
                "Stage",
                stage,
                {
                    "requestedFreight": requested(place),
                    "promotionTemplate": {"spec": {"steps": steps}},
                },
            )
            for place, stage in enumerate(STAGES)
        ),
    ]


def _application(stage: str) -> dict[str, Any]:
    """Return what Argo CD's ApplicationSet makes of a Stage."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"kargo-demo-{stage}",
            "namespace": "argocd",
            "annotations": {"kargo.akuity.io/authorized-stage": f"{PROJECT}:{stage}"},
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": URL, "targetRevision": f"stage/{stage}", "path": "."},
            "destination": {
                "server": "https://kubernetes.default.svc",
                "namespace": f"kargo-demo-{stage}",
            },
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
        },
    }


def _runs(argocd: ThreadedArgoCD, stage: str, tag: str) -> None:
    """Return once an image runs in a Stage: that it was synced is known a little before."""

    def status() -> dict[str, Any]:
        return argocd.application(f"kargo-demo-{stage}").get("status") or {}

    waiting.until(
        lambda: (status().get("summary") or {}).get("images") == [f"{IMAGE}:{tag}"],
        lambda: json.dumps(status()),
    )


def test_from_the_first_look_to_the_last_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest image of the range comes to run in all three, one after the other, and a newer one after it."""
    path = f"{rendering.kustomize().program.parent}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    with (
        registry.serving(tmp_path / "registry") as images,
        git_server.serving(tmp_path / "git") as git,
        argocd_thread.serving(
            tmp_path / "argocd",
            git={"https://github.com/you/": GitPlace(f"{git.url}/", git.user, git.password)},
        ) as argocd,
    ):
        for tag in ("1.25.5", "1.26.3", "1.27.0", "2.0.0", "latest"):
            images.push("nginx/nginx", tag)
        git.create("gitops.git", _files())
        for stage in STAGES:
            argocd.put(_application(stage))
        kubeconfig = tmp_path / "kubeconfig"
        argocd.do(lambda installation: argo_cd.write_kubeconfig(installation, kubeconfig))
        config = {
            "registries": {"public.ecr.aws": {"mirrors": [images.url]}},
            "git": {"insteadOf": {f"{git.url}/": ["https://github.com/you/"]}},
            "argocd": {
                "connections": {
                    "here": {"projects": [PROJECT], "kubernetes": {"kubeconfig": str(kubeconfig)}}
                }
            },
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(_documents(git)))
        with towpath_process.up(tmp_path, config=tmp_path / "config.yaml") as server:

            def towpath(*words: str) -> str:
                done = subprocess.run(
                    [*towpath_process.COMMAND, *words],
                    env=towpath_process.environment(
                        tmp_path,
                        TOWPATH_SERVER=server.address,
                        TOWPATH_TOKEN=server.token,
                        TOWPATH_PROJECT=PROJECT,
                    ),
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=90,
                )
                assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
                return done.stdout

            def freight() -> dict[str, str]:
                listed = json.loads(towpath("get", "freight", "-o", "json"))
                return {
                    each["images"][0]["tag"]: each["metadata"]["name"]
                    for each in listed.get("items", [listed])
                }

            towpath("apply", "-f", str(tmp_path / "all.yaml"))
            towpath("refresh", "warehouse", PROJECT, "--wait")
            assert list(freight()) == ["1.27.0"]
            for newest in ("1.27.0", "1.28.0"):
                if newest not in freight():
                    images.push("nginx/nginx", newest)
                    towpath("refresh", "warehouse", PROJECT, "--wait")
                name = freight()[newest]
                for place, stage in enumerate(STAGES):
                    if place:
                        before = STAGES[place - 1]

                        def available(before: str = before, name: str = name) -> bool:
                            found = json.loads(towpath("get", "freight", name, "-o", "json"))
                            return before in (found.get("status") or {}).get("verifiedIn", {})

                        waiting.until(available, lambda: towpath("get", "stages", "-o", "yaml"))
                    towpath("promote", "--stage", stage, "--freight", name, "--wait")
                    _runs(argocd, stage, newest)
                    tree = git_server.git(
                        git.path("gitops.git"), "ls-tree", "--name-only", f"stage/{stage}"
                    )
                    assert tree.split() != []
                    assert "base" not in tree.split()
