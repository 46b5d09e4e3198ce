"""Pipelines of the shapes that Kargo's example repositories have, from the first look to the last Stage, against stand-ins.

The larger ones: commits and images in one Freight, branches that lead together again and out to several regions, tests that decide
between two ways, charts rendered for each Stage.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import chart_server, git_server, pipeline_world, waiting
from tests.support.argocd_standin import deployment
from tests.support.deliveries import path_of, receiver, secret_document, signed
from tests.support.forges import ForgeServer
from tests.support.pipeline_world import application, git_secret, made, runs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.chart_server import ChartServer
    from tests.support.pipeline_world import PipelineWorld

URL = "https://github.com/you/deploy.git"
JOBS = {"runner": "programs", "programs": {"sh": {"program": "/bin/sh", "seconds": 30}}}
"""What runs the Jobs of verifications."""


def _requested(warehouse: str, *stages: str) -> list[dict[str, Any]]:
    sources: dict[str, Any] = {"stages": list(stages)} if stages else {"direct": True}
    return [{"origin": {"kind": "Warehouse", "name": warehouse}, "sources": sources}]


def _analysis(project: str, name: str) -> dict[str, Any]:
    """Return a template whose Job says what its argument says."""
    container = {
        "name": "test",
        "image": "alpine:latest",
        "command": ["sh", "-c"],
        "args": ["exit {{args.code}}"],
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": name, "namespace": project},
        "spec": {
            "args": [{"name": "code", "value": "0"}],
            "metrics": [
                {
                    "name": "test",
                    "provider": {
                        "job": {
                            "spec": {
                                "backoffLimit": 0,
                                "template": {
                                    "spec": {"containers": [container], "restartPolicy": "Never"}
                                },
                            }
                        }
                    },
                }
            ],
        },
    }


def _phases(world: PipelineWorld, stage: str) -> list[str]:
    """Return the phases of the verifications of what is in a Stage."""
    history = world.read("stage", stage)["status"].get("freightHistory") or [{}]
    return [each["phase"] for each in history[0].get("verificationHistory") or ()]


class TestOneBranchForAll:
    """An image that goes into a folder of each Stage, all on one branch; the last Stage gets it by a pull request that somebody merges.

    The forge tells of that by a webhook.
    """

    PROJECT = "simple"
    IMAGE = "ghcr.io/you/guestbook"
    STAGES = ("dev", "staging", "prod")
    TASK = """\
vars:
  - {name: repository, value: 'https://github.com/you/deploy.git'}
  - {name: branch, value: main}
  - {name: image, value: ghcr.io/you/guestbook}
  - {name: byRequest, value: "false"}
steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.repository }}
      checkout: [{branch: '${{ vars.branch }}', path: ./src}]
  - uses: kustomize-set-image
    as: set-image
    config:
      path: ./src/env/${{ ctx.stage }}
      images: [{image: '${{ vars.image }}', tag: '${{ imageFrom( vars.image ).Tag }}'}]
  - uses: git-commit
    as: commit
    config: {path: ./src, message: "${{ task.outputs['set-image'].commitMessage }}"}
  - uses: git-push
    if: ${{ vars.byRequest != 'true' }}
    config: {path: ./src}
  - uses: git-push
    as: push
    if: ${{ vars.byRequest == 'true' }}
    config: {path: ./src, generateTargetBranch: true}
  - uses: git-open-pr
    as: request
    if: ${{ vars.byRequest == 'true' }}
    config:
      repoURL: ${{ vars.repository }}
      sourceBranch: ${{ task.outputs.push.branch }}
      targetBranch: ${{ vars.branch }}
  - uses: git-wait-for-pr
    if: ${{ vars.byRequest == 'true' }}
    config: {repoURL: '${{ vars.repository }}', prNumber: '${{ task.outputs.request.pr.id }}'}
"""

    def _told(self, world: PipelineWorld) -> str:
        """Have the forge tell of the pull request; return what it is answered."""
        request = {"number": 1, "html_url": "https://github.com/you/deploy/pull/1"}
        repository = {"clone_url": URL, "html_url": URL.removesuffix(".git")}
        body = json.dumps(
            {"action": "closed", "pull_request": request, "repository": repository}
        ).encode()
        address = f"{world.server.address}{path_of('github', project=self.PROJECT)}"
        headers = {**signed(body), "X-GitHub-Event": "pull_request"}
        return httpx.post(address, content=body, headers=headers).text

    def test_from_the_first_look_to_the_last_stage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each Stage's folder has the image when its turn has come, and no other."""
        project = self.PROJECT
        with (
            git_server.serving(tmp_path / "forge") as nothing,
            contextlib.closing(ForgeServer("github", nothing)) as forge,
            pipeline_world.running(
                tmp_path,
                monkeypatch,
                project,
                forges={"github.com": {"api": forge.api}},
                server={"url": "https://towpath.example"},
            ) as world,
        ):
            forge.git, forge.repository = world.git, "deploy.git"
            for tag in ("v0.0.1", "v0.3.0", "latest"):
                world.images.push("you/guestbook", tag)
            web = deployment("guestbook", "0").replace("registry.example/guestbook:0", self.IMAGE)
            world.git.create(
                "deploy.git",
                {
                    "base/kustomization.yaml": "resources: [web.yaml]\n",
                    "base/web.yaml": web,
                    **{
                        f"env/{each}/kustomization.yaml": f"# {each}\nresources: [../../base]\n"
                        for each in self.STAGES
                    },
                },
            )
            world.apply(
                [
                    made(project, "Project", project),
                    git_secret(project, "deploy", URL, world.git),
                    made(
                        project,
                        "Warehouse",
                        "guestbook",
                        {"subscriptions": [{"image": {"repoURL": self.IMAGE}}]},
                    ),
                    made(project, "PromotionTask", "promote", yaml.safe_load(self.TASK)),
                    secret_document(namespace=project),
                    made(
                        project,
                        "ProjectConfig",
                        project,
                        {"webhookReceivers": [receiver("github")]},
                    ),
                    *(
                        made(
                            project,
                            "Stage",
                            stage,
                            {
                                "requestedFreight": _requested(
                                    "guestbook", *self.STAGES[max(place - 1, 0) : place]
                                ),
                                "promotionTemplate": {
                                    "spec": {
                                        "vars": [
                                            {
                                                "name": "byRequest",
                                                "value": str(stage == "prod").lower(),
                                            }
                                        ],
                                        "steps": [{"task": {"name": "promote"}}],
                                    }
                                },
                            },
                        )
                        for place, stage in enumerate(self.STAGES)
                    ),
                ]
            )
            world.towpath("refresh", "warehouse", "guestbook", "--wait")
            [freight] = world.freight()
            name = freight["metadata"]["name"]
            for place, stage in enumerate(self.STAGES):
                if stage == "prod":
                    world.towpath("promote", "--stage", stage, "--freight", name)
                    waiting.until(lambda: forge.requests, lambda: world.towpath("get", "stages"))
                    assert "v0.3.0" in forge.requests[0].title + forge.requests[0].body
                    page = f"(https://towpath.example/p/{project}/promotion/prod."
                    assert page in forge.requests[0].body
                    waiting.until(
                        lambda: "refreshed 1 promotion" in self._told(world),
                        lambda: f"nobody waits: {forge.asked}",
                    )
                    forge.merged(1)  # before or after it has looked again, so it may wait once more
                    self._told(world)
                else:
                    world.towpath("promote", "--stage", stage, "--freight", name, "--wait")
                world.verified(name, stage)
                files = world.tree("deploy.git", "main")
                have = [
                    each
                    for each in self.STAGES
                    if "newTag: v0.3.0" in files[f"env/{each}/kustomization.yaml"]
                ]
                assert have == list(self.STAGES[: place + 1])
                assert files[f"env/{stage}/kustomization.yaml"].startswith(f"# {stage}\n")
            assert world.tree("deploy.git", "main")["base/web.yaml"].strip() == web.strip()


class TestTwoWaysAndThreeRegions:
    """A commit and an image; two ways of which one fails its test; a Stage without steps before three regions."""

    PROJECT = "guestbook"
    IMAGE = "ghcr.io/you/guestbook"
    REGIONS = ("east", "central", "west")
    TASK = """\
vars:
  - {name: repository, value: 'https://github.com/you/deploy.git'}
  - {name: image, value: ghcr.io/you/guestbook}
steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.repository }}
      checkout:
        - {commit: '${{ commitFrom(vars.repository).ID }}', path: ./in}
        - {branch: 'env/${{ ctx.stage }}', create: true, path: ./out}
  - uses: git-clear
    config: {path: ./out}
  - uses: kustomize-set-image
    as: set-image
    config:
      path: ./in/env/${{ ctx.stage }}
      images: [{image: '${{ vars.image }}', tag: '${{ imageFrom(vars.image).Tag }}'}]
  - uses: kustomize-build
    config: {path: './in/env/${{ ctx.stage }}', outPath: ./out}
  - uses: git-commit
    as: commit
    config: {path: ./out, message: "${{ task.outputs['set-image'].commitMessage }}"}
  - uses: git-push
    config: {path: ./out}
  - uses: argocd-update
    if: ${{ vars.inArgoCD == 'true' }}
    config:
      apps:
        - name: guestbook-${{ ctx.stage }}
          sources:
            - {repoURL: '${{ vars.repository }}', desiredRevision: '${{ task.outputs.commit.commit }}'}
"""

    def _documents(self, world: PipelineWorld) -> list[dict[str, Any]]:
        project, warehouse = self.PROJECT, self.PROJECT

        def stage(name: str, *before: str, argocd: str = "false", **more: Any) -> dict[str, Any]:
            template = {
                "vars": [{"name": "inArgoCD", "value": argocd}],
                "steps": [{"task": {"name": "promote"}}],
            }
            spec = {
                "requestedFreight": _requested(warehouse, *before),
                "promotionTemplate": {"spec": template},
                **more,
            }
            return made(project, "Stage", name, spec)

        def tested(code: str) -> dict[str, Any]:
            return {
                "analysisTemplates": [{"name": "test"}],
                "args": [{"name": "code", "value": f"${{{{ quote('{code}') }}}}"}],
            }

        subscriptions = [
            {"image": {"repoURL": self.IMAGE, "semverConstraint": "*"}},
            {"git": {"repoURL": URL, "branch": "main", "includePaths": ["base", "env"]}},
        ]
        return [
            made(project, "Project", project),
            git_secret(project, "deploy", URL, world.git),
            made(project, "Warehouse", warehouse, {"subscriptions": subscriptions}),
            made(project, "PromotionTask", "promote", yaml.safe_load(self.TASK)),
            _analysis(project, "test"),
            stage("dev", argocd="true"),
            stage("staging", "dev", argocd="true"),
            stage("ab-a", "staging", verification=tested("0")),
            stage("ab-b", "staging", verification=tested("1")),
            made(
                project,
                "Stage",
                "prod",
                {"requestedFreight": _requested(warehouse, "ab-a", "ab-b")},
            ),
            *(stage(f"prod-{each}", "prod", argocd="true") for each in self.REGIONS),
        ]

    def test_from_the_first_look_to_the_last_region(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What failed on one way goes on by the other; a change of files alone makes Freight as well."""
        regions = [f"prod-{each}" for each in self.REGIONS]
        stages = ["dev", "staging", "ab-a", "ab-b", *regions]
        web = deployment("guestbook", "0").replace("registry.example/guestbook:0", self.IMAGE)
        with pipeline_world.running(tmp_path, monkeypatch, self.PROJECT, jobs=JOBS) as world:
            for tag in ("v0.1.0", "v0.2.0", "nightly"):
                world.images.push("you/guestbook", tag)
            world.git.create(
                "deploy.git",
                {
                    "README.md": "one\n",
                    "base/kustomization.yaml": "resources: [web.yaml]\n",
                    "base/web.yaml": web,
                    **{
                        f"env/{each}/kustomization.yaml": f"resources: [../../base]\nnameSuffix: -{each}\n"
                        for each in stages
                    },
                },
            )
            for each in ("dev", "staging", *regions):
                name = f"guestbook-{each}"
                world.argocd.put(application(self.PROJECT, name, each, URL, f"env/{each}"))
            world.apply(self._documents(world))
            world.towpath("refresh", "warehouse", self.PROJECT, "--wait")
            [freight] = world.freight()
            name, image = freight["metadata"]["name"], f"{self.IMAGE}:v0.2.0"
            assert freight["images"][0]["tag"] == "v0.2.0"
            assert freight["commits"][0]["branch"] == "main"
            for stage in ("dev", "staging"):
                world.towpath("promote", "--stage", stage, "--freight", name, "--wait")
                runs(world.argocd, f"guestbook-{stage}", image)
                world.verified(name, stage)
            for stage in ("ab-b", "ab-a"):
                world.towpath("promote", "--stage", stage, "--freight", name, "--wait")
            world.verified(name, "ab-a")
            # By the one way it passed; the Stage without steps lets it on to all regions.
            world.verified(name, "prod")
            for stage in regions:
                world.towpath("promote", "--stage", stage, "--freight", name, "--wait")
                runs(world.argocd, f"guestbook-{stage}", image)
                [manifest] = world.tree("deploy.git", f"env/{stage}").values()
                assert f"guestbook-{stage}" in manifest
                assert image in manifest
            assert "ab-b" not in world.read("freight", name)["status"]["verifiedIn"]
            waiting.until(
                lambda: "Failed" in _phases(world, "ab-b"),
                lambda: world.towpath("get", "stages", "-o", "yaml"),
            )
            # What no subscription selects makes no Freight; files below base do.
            world.git.commit("deploy.git", {"README.md": "two\n"})
            world.towpath("refresh", "warehouse", self.PROJECT, "--wait")
            assert len(world.freight()) == 1
            world.git.commit(
                "deploy.git", {"base/web.yaml": web.replace("replicas: 2", "replicas: 3")}
            )
            world.towpath("refresh", "warehouse", self.PROJECT, "--wait")
            newest = next(
                each["metadata"]["name"]
                for each in world.freight()
                if each["metadata"]["name"] != name
            )
            world.towpath("promote", "--stage", "dev", "--freight", newest, "--wait")
            [manifest] = world.tree("deploy.git", "env/dev").values()
            assert "replicas: 3" in manifest


class TestChartsRenderedForStages:
    """A commit and an image; values are set, a chart is rendered to the branch of each Stage, some take Freight by themselves."""

    PROJECT = "charts"
    IMAGE = "public.ecr.aws/nginx/nginx"
    STAGES = ("test", "uat", "prod")
    TASK = """\
vars:
  - {name: repository, value: "${{ secret('manifests').repoURL }}"}
  - {name: image, value: public.ecr.aws/nginx/nginx}
  - {name: branch, value: 'stage/${{ ctx.stage }}'}
  - {name: out, value: ./out}
steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.repository }}
      checkout:
        - {commit: '${{ commitFrom(vars.repository).ID }}', path: ./src}
        - {branch: '${{ vars.branch }}', create: true, path: '${{ vars.out }}'}
  - uses: git-clear
    config: {path: '${{ vars.out }}'}
  - uses: yaml-update
    as: values
    config:
      path: ./src/charts/web/values.yaml
      updates:
        - {key: image.name, value: '${{ vars.image }}:${{ imageFrom(vars.image).Tag }}'}
  - uses: helm-template
    config:
      path: ./src/charts/web
      releaseName: web
      valuesFiles: ['./src/charts/web/stages/${{ ctx.stage }}/values.yaml']
      outPath: ${{ vars.out }}
  - uses: git-commit
    as: commit
    config: {path: '${{ vars.out }}', message: '${{ task.outputs.values.commitMessage }}'}
  - uses: git-push
    as: push
    config: {path: '${{ vars.out }}'}
  - uses: argocd-update
    config:
      apps:
        - name: ${{ ctx.project }}-${{ ctx.stage }}
          sources:
            - {repoURL: '${{ vars.repository }}', desiredRevision: '${{ task.outputs.push.commit }}'}
"""

    def _files(self) -> dict[str, str | bytes]:
        web = deployment().replace("registry.example/web:1", "{{ .Values.image.name }}")
        return {
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "charts/web/values.yaml": "replicas: 1\nimage:\n  name: none  # set by promotions\n",
            "charts/web/templates/web.yaml": web.replace(
                "replicas: 2", "replicas: {{ .Values.replicas }}"
            ),
            **{
                f"charts/web/stages/{each}/values.yaml": f"replicas: {place + 1}\n"
                for place, each in enumerate(self.STAGES)
            },
        }

    def _documents(self, world: PipelineWorld) -> list[dict[str, Any]]:
        project = self.PROJECT
        policies = [
            {"stageSelector": {"name": "regexp:^(test|uat)$"}, "autoPromotionEnabled": True}
        ]
        subscriptions = [
            {"git": {"repoURL": URL, "branch": "main"}},
            {"image": {"repoURL": self.IMAGE, "semverConstraint": "^1.24.0"}},
        ]
        return [
            made(project, "Project", project),
            made(project, "ProjectConfig", project, {"promotionPolicies": policies}),
            git_secret(project, "manifests", URL, world.git),
            _analysis(project, "web"),
            made(project, "PromotionTask", "promo-process", yaml.safe_load(self.TASK)),
            *(
                made(
                    project,
                    "Stage",
                    stage,
                    {
                        "requestedFreight": _requested(
                            "web", *self.STAGES[max(place - 1, 0) : place]
                        ),
                        "promotionTemplate": {
                            "spec": {"steps": [{"task": {"name": "promo-process"}}]}
                        },
                        "verification": {"analysisTemplates": [{"name": "web"}]},
                    },
                )
                for place, stage in enumerate(self.STAGES)
            ),
            made(project, "Warehouse", "web", {"subscriptions": subscriptions}),
        ]

    def test_from_the_first_look_to_the_last_stage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first two Stages take it by themselves once it is verified; the last one is promoted to."""
        with pipeline_world.running(tmp_path, monkeypatch, self.PROJECT, jobs=JOBS) as world:
            for tag in ("1.24.0", "1.25.1", "2.0.0"):
                world.images.push("nginx/nginx", tag)
            world.git.create("deploy.git", self._files())
            for stage in self.STAGES:
                name = f"{self.PROJECT}-{stage}"
                world.argocd.put(
                    application(self.PROJECT, name, stage, URL, f"stage/{stage}", "web/templates")
                )
            world.apply(self._documents(world))
            world.towpath("refresh", "warehouse", "web", "--wait")
            [freight] = world.freight()
            name = freight["metadata"]["name"]
            for stage in ("test", "uat"):
                world.verified(name, stage)
            world.towpath("promote", "--stage", "prod", "--freight", name, "--wait")
            world.verified(name, "prod")
            for place, stage in enumerate(self.STAGES):
                runs(world.argocd, f"{self.PROJECT}-{stage}", f"{self.IMAGE}:1.25.1")
                [manifest] = world.tree("deploy.git", f"stage/{stage}").values()
                assert f"replicas: {place + 1}" in manifest
            log = world.tree("deploy.git", "main")
            assert "name: none" in log["charts/web/values.yaml"], (
                "promotions leave the source as it is"
            )


class TestAChartOfChartsInArgoCD:
    """An image and a chart of a repository; a chart of each Stage depends on it, and Argo CD gets commit and tag with the update."""

    PROJECT = "umbrella"
    IMAGE = "ghcr.io/you/web"
    STAGES = ("test", "uat", "prod")
    TASK = """\
vars:
  - {name: repository, value: 'https://github.com/you/deploy.git'}
  - {name: image, value: ghcr.io/you/web}
steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.repository }}
      checkout: [{branch: main, path: ./src}]
  - uses: helm-update-chart
    as: chart
    config:
      path: ./src/env/${{ ctx.stage }}
      charts:
        - repository: ${{ vars.charts }}
          name: web
          version: ${{ chartFrom(vars.charts, "web").Version }}
  - uses: git-commit
    as: commit
    config: {path: ./src, message: "${{ task.outputs.chart?.commitMessage ?? 'Nothing new' }}"}
  - uses: git-push
    as: push
    config: {path: ./src}
  - uses: argocd-update
    as: update
    config:
      apps:
        - name: ${{ ctx.project }}-${{ ctx.stage }}
          sources:
            - repoURL: ${{ vars.repository }}
              desiredRevision: ${{ task.outputs.commit.commit }}
              updateTargetRevision: true
              helm:
                images: [{key: web.image.tag, value: '${{ imageFrom(vars.image).Tag }}'}]
"""

    def _chart(self, replicas: int) -> dict[str, str]:
        """Return the files of a version of the chart that others depend on."""
        web = deployment().replace(
            "registry.example/web:1", f"{self.IMAGE}:{{{{ .Values.image.tag }}}}"
        )
        return {
            "values.yaml": "image: {tag: none}\n",
            "templates/c.yaml": web.replace("replicas: 2", f"replicas: {replicas}"),
        }

    def _offer(self, charts: ChartServer, *versions: str) -> None:
        """Have the repository offer versions, each with as many replicas as its second number says."""
        entries = []
        for version in versions:
            data = chart_server.archive("web", version, self._chart(int(version.split(".")[1])))
            charts.files[f"/charts/web-{version}.tgz"] = data
            entries.append({"name": "web", "version": version, "urls": [f"web-{version}.tgz"]})
        charts.index({"web": entries})

    def _names(self, world: PipelineWorld) -> list[str]:
        place = world.git.path("deploy.git")
        return git_server.git(place, "ls-tree", "-r", "--name-only", "main").split("\n")

    def _documents(self, world: PipelineWorld, charts: str) -> list[dict[str, Any]]:
        project = self.PROJECT
        subscriptions = [
            {"image": {"repoURL": self.IMAGE, "constraint": "^1.0.0"}},
            {"chart": {"repoURL": charts, "name": "web", "semverConstraint": "^1.0.0"}},
        ]
        template = {
            "vars": [{"name": "charts", "value": charts}],
            "steps": [{"task": {"name": "promote"}}],
        }
        return [
            made(project, "Project", project),
            git_secret(project, "deploy", URL, world.git),
            made(project, "Warehouse", "web", {"subscriptions": subscriptions}),
            made(project, "PromotionTask", "promote", yaml.safe_load(self.TASK)),
            *(
                made(
                    project,
                    "Stage",
                    stage,
                    {
                        "requestedFreight": _requested(
                            "web", *self.STAGES[max(place - 1, 0) : place]
                        ),
                        "promotionTemplate": {"spec": template},
                    },
                )
                for place, stage in enumerate(self.STAGES)
            ),
        ]

    def test_from_the_first_look_to_the_last_stage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each Application is at the commit that its Stage made, with chart and tag of the Freight; then comes a newer chart."""
        project = self.PROJECT
        with (
            chart_server.serving() as charts,
            pipeline_world.running(
                tmp_path, monkeypatch, project, egress={"allow": [f"127.0.0.1:{charts.port}"]}
            ) as world,
        ):
            self._offer(charts, "1.3.0", "2.0.0")
            for tag in ("1.0.0", "1.4.2", "2.0.0-rc.1"):
                world.images.push("you/web", tag)
            dependency = f"- {{name: web, repository: '{charts.url}', version: 1.0.0}}"
            world.git.create(
                "deploy.git",
                {
                    f"env/{each}/Chart.yaml": f"apiVersion: v2\nname: {each}\nversion: 0.1.0\ndependencies:\n{dependency}\n"
                    for each in self.STAGES
                },
            )
            for stage in self.STAGES:
                name = f"{project}-{stage}"
                world.argocd.put(application(project, name, stage, URL, "main", f"env/{stage}"))
            world.apply(self._documents(world, charts.url))

            def promoted(freight: str, stage: str) -> dict[str, Any]:
                """Promote, and return the Application's only source once it runs."""
                world.towpath("promote", "--stage", stage, "--freight", freight, "--wait")
                world.verified(freight, stage)
                name = f"{project}-{stage}"
                runs(world.argocd, name, f"{self.IMAGE}:1.4.2")
                there = world.argocd.application(name)
                source: dict[str, Any] = there["spec"]["source"]
                head = world.git.head("deploy.git")
                assert source["targetRevision"] == there["status"]["sync"]["revision"] == head
                return source

            world.towpath("refresh", "warehouse", "web", "--wait")
            [freight] = world.freight()
            assert freight["charts"][0]["version"] == "1.3.0"
            for place, stage in enumerate(self.STAGES):
                source = promoted(freight["metadata"]["name"], stage)
                assert source["helm"]["parameters"] == [{"name": "web.image.tag", "value": "1.4.2"}]
                files = self._names(world)
                have = [each for each in self.STAGES if f"env/{each}/charts/web-1.3.0.tgz" in files]
                assert have == list(self.STAGES[: place + 1])
            self._offer(charts, "1.3.0", "1.5.0", "2.0.0")
            world.towpath("refresh", "warehouse", "web", "--wait")
            newest = next(
                each["metadata"]["name"]
                for each in world.freight()
                if each["charts"][0]["version"] == "1.5.0"
            )
            promoted(newest, "test")
            files = self._names(world)
            assert "env/test/charts/web-1.5.0.tgz" in files
            assert "env/test/charts/web-1.3.0.tgz" not in files
            assert "env/uat/charts/web-1.3.0.tgz" in files
