"""A pipeline of the shape that Kargo's quickstart has, from the first look to the last Stage, against stand-ins for its hosts.

One task for all Stages: the image goes into a Kustomize base, what is built goes to a branch of the Stage's own, and Argo CD is
told the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tests.support import pipeline_world
from tests.support.argocd_standin import deployment
from tests.support.pipeline_world import application, git_secret, made, runs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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

    def requested(place: int) -> list[dict[str, Any]]:
        sources = {"stages": [STAGES[place - 1]]} if place else {"direct": True}
        return [{"origin": {"kind": "Warehouse", "name": PROJECT}, "sources": sources}]

    subscription = {"repoURL": IMAGE, "semverConstraint": "^1.26.0", "discoveryLimit": 5}
    steps = [{"task": {"name": "demo-promo-process"}, "as": "promo-process"}]
    return [
        made(PROJECT, "Project", PROJECT),
        git_secret(PROJECT, "repo", URL, git),
        made(PROJECT, "Warehouse", PROJECT, {"subscriptions": [{"image": subscription}]}),
        made(PROJECT, "PromotionTask", "demo-promo-process", yaml.safe_load(TASK)),
        *(
            made(
                PROJECT,
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


def test_from_the_first_look_to_the_last_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest image of the range comes to run in all three, one after the other, and a newer one after it."""
    with pipeline_world.running(tmp_path, monkeypatch, PROJECT) as world:
        for tag in ("1.25.5", "1.26.3", "1.27.0", "2.0.0", "latest"):
            world.images.push("nginx/nginx", tag)
        world.git.create("gitops.git", _files())
        for stage in STAGES:
            name = f"kargo-demo-{stage}"
            world.argocd.put(application(PROJECT, name, stage, URL, f"stage/{stage}"))

        def freight() -> dict[str, str]:
            return {each["images"][0]["tag"]: each["metadata"]["name"] for each in world.freight()}

        world.apply(_documents(world.git))
        world.towpath("refresh", "warehouse", PROJECT, "--wait")
        assert list(freight()) == ["1.27.0"]
        for newest in ("1.27.0", "1.28.0"):
            if newest not in freight():
                world.images.push("nginx/nginx", newest)
                world.towpath("refresh", "warehouse", PROJECT, "--wait")
            name = freight()[newest]
            for place, stage in enumerate(STAGES):
                if place:
                    world.verified(name, STAGES[place - 1])
                world.towpath("promote", "--stage", stage, "--freight", name, "--wait")
                runs(world.argocd, f"kargo-demo-{stage}", f"{IMAGE}:{newest}")
                tree = world.tree("gitops.git", f"stage/{stage}")
                assert tree
                assert not any(path.startswith("base/") for path in tree)
