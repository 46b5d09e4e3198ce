"""From a chart repository to the chart of an environment: the page's very lines, and the Warehouses of the examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.support import chart_server, git_server, registry, towpath_process, typed_lines, waiting
from towpath.resources.freight import Freight
from towpath.resources.structs import view
from towpath.rules.freight_name import freight_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "watch-charts.md"
CHART = """apiVersion: v2
name: shop
version: 0.1.0
dependencies:
  - name: web
    repository: https://charts.example.com
    version: 0.9.0 # the front
  - name: db
    repository: oci://ghcr.io/you/charts
    version: 0.1.0
"""


def test_a_chart_travels_to_an_environment(tmp_path: Path) -> None:
    """Two charts, Freight of both under Kargo's name, and `Chart.yaml`, `Chart.lock` and `charts/` at their versions."""
    begin, look = typed_lines.blocks(PAGE)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with (
        registry.serving(tmp_path / "registry") as images,
        git_server.serving(tmp_path / "git") as git,
        chart_server.serving() as charts,
    ):
        charts.marks = "ETag"
        charts.offer(("web", "0.9.0"), ("web", "1.1.0"), ("web", "2.0.0"))
        chart_server.push(images, "you/charts/db", "3.2.1+build.5")
        mine = CHART.replace("https://charts.example.com", charts.url)
        git.create("config.git", {"apps/shop/Chart.yaml": mine})
        (tmp_path / "operator.yaml").write_text(
            f"registries: {{ghcr.io: {{mirrors: ['{images.url}']}}}}\n"
            f"egress: {{allow: ['127.0.0.1:{charts.port}']}}\n"
            f"git: {{insteadOf: {{'{git.url}/': ['https://github.com/you/']}}}}\n"
        )
        with towpath_process.up(
            tmp_path, config=tmp_path / "operator.yaml", data=tmp_path / "towpath-data"
        ) as server:
            typed = begin.replace("token=your-token", f"token='{git.password}'")
            typed = typed.replace("user=you", f"user={git.user}")
            typed = typed.replace("charts=https://charts.example.com", f"charts={charts.url}")
            typed = typed.replace("http://127.0.0.1:8080", server.address)
            typed_lines.output(tmp_path, typed)
            export = next(line for line in typed.splitlines() if line.startswith("export")) + "\n"

            def freight() -> list[dict[str, Any]]:
                listed = json.loads(
                    typed_lines.output(tmp_path, f"{export}towpath get freight -o json")
                )
                items: list[dict[str, Any]] = listed.get("items", [listed])
                return sorted(items, key=lambda each: str(each["metadata"]["creationTimestamp"]))

            [made] = freight()
            assert made["charts"] == [
                {"repoURL": charts.url, "name": "web", "version": "1.1.0"},
                {"repoURL": "oci://ghcr.io/you/charts/db", "version": "3.2.1+build.5"},
            ]
            assert made["metadata"]["name"] == freight_name(view(Freight, made))
            shown = typed_lines.output(tmp_path, export + look)
            told = yaml.safe_load(shown[shown.index("apiVersion: ") :])
            assert [
                each["versions"] for each in told["status"]["discoveredArtifacts"]["charts"]
            ] == [["1.1.0"], ["3.2.1+build.5"]]

            def locked() -> dict[str, str]:
                if "apps/shop/Chart.lock" not in git_server.git(
                    git.path("config.git"), "ls-tree", "-r", "--name-only", "main"
                ):
                    return {}
                lock = yaml.safe_load(git.read("config.git", "apps/shop/Chart.lock", "main"))
                return {each["name"]: each["version"] for each in lock["dependencies"]}

            def said() -> str:
                return typed_lines.output(tmp_path, f"{export}towpath get promotions -o yaml")

            waiting.until(lambda: locked() == {"web": "1.1.0", "db": "3.2.1+build.5"}, said)
            written = git.read("config.git", "apps/shop/Chart.yaml", "main")
            assert "version: 1.1.0 # the front" in written
            files = git_server.git(git.path("config.git"), "ls-tree", "-r", "--name-only", "main")
            assert "apps/shop/charts/web-1.1.0.tgz" in files

            charts.offer(("web", "0.9.0"), ("web", "1.1.0"), ("web", "1.2.0"))
            typed_lines.output(tmp_path, f"{export}towpath refresh warehouse charts --wait")
            assert [each["charts"][0]["version"] for each in freight()] == ["1.1.0", "1.2.0"]
            waiting.until(lambda: locked() == {"web": "1.2.0", "db": "3.2.1+build.5"}, said)


def test_every_strategy_finds_what_it_is_for(tmp_path: Path) -> None:
    """A Warehouse for each way to choose images, commits and charts, as the examples have them."""
    with (
        registry.serving(tmp_path / "registry") as images,
        git_server.serving(tmp_path / "git") as git,
        chart_server.serving() as charts,
    ):
        for day, tag in enumerate(
            (
                "1.2.0",
                "1.10.0",
                "2.0.0",
                "nightly-20260101",
                "nightly-20260301",
                "ab12cd3",
                "0123abc",
                "stable",
            ),
            1,
        ):
            images.push("you/app", tag, created=f"2026-01-{day:02}T00:00:00Z")
        for version in ("1.9.0", "1.10.0"):
            chart_server.push(images, "you/charts/app", version)
        chart_server.push(images, "you/charts/db", "1.0.0-rc.1")
        charts.offer(("web", "1.1.0"), ("web", "2.0.0"))
        git.create("config.git", {"apps/web/values.yaml": "replicas: 1\n"})
        for tag in ("v1.2.0", "v1.10.0", "nightly-20260101"):
            git_server.git(git.path("config.git"), "tag", "-a", "-m", tag, tag, "main")
        (tmp_path / "operator.yaml").write_text(
            f"registries: {{ghcr.io: {{mirrors: ['{images.url}']}}}}\n"
            f"egress: {{allow: ['127.0.0.1:{charts.port}']}}\n"
            f"git: {{insteadOf: {{'{git.url}/': ['https://github.com/you/']}}}}\n"
        )
        for folder in ("strategies", "git-commits"):
            place = tmp_path / folder
            place.mkdir()
            for path in (ROOT / "examples" / folder).glob("*.yaml"):
                if path.name != "pipeline.yaml":
                    text = path.read_text().replace("https://charts.example.com", charts.url)
                    (place / path.name).write_text(text)
        with towpath_process.up(
            tmp_path, config=tmp_path / "operator.yaml", data=tmp_path / "data"
        ) as server:
            begin = (
                f'export TOWPATH_SERVER={server.address} TOWPATH_TOKEN="$(cat data/admin-token)"\n'
            )
            typed_lines.output(
                tmp_path,
                f"{begin}towpath apply -f strategies/ -f git-commits/\n"
                f"echo '{git.password}' | towpath create credentials git -p commit-strategies"
                f" --repo-url https://github.com/you/config.git --username {git.user} --password-stdin",
            )

            def found(project: str) -> dict[str, list[str]]:
                listed = json.loads(
                    typed_lines.output(
                        tmp_path, f"{begin}towpath get warehouses -p {project} -o json"
                    )
                )
                return {
                    each["metadata"]["name"]: [
                        *(
                            reference["tag"]
                            for image in artifacts.get("images", ())
                            for reference in image["references"]
                        ),
                        *(
                            version
                            for chart in artifacts.get("charts", ())
                            for version in chart["versions"]
                        ),
                        *(
                            commit.get("tag") or commit["subject"]
                            for result in artifacts.get("git", ())
                            for commit in result.get("commits", ())
                        ),
                    ]
                    for each in listed["items"]
                    if (artifacts := each.get("status", {}).get("discoveredArtifacts"))
                }

            waiting.until(
                lambda: len(found("my-artifacts")) == 8, lambda: str(found("my-artifacts"))
            )
            assert found("my-artifacts") == {
                "image-versions": ["1.10.0", "1.2.0"],
                "image-names": ["nightly-20260301", "nightly-20260101"],
                "image-builds": ["0123abc", "ab12cd3"],
                "image-digest": ["stable"],
                "chart-of-a-repository": ["1.1.0"],
                "chart-of-a-registry": ["1.0.0-rc.1"],
                "together": ["1.10.0", "1.2.0", "1.10.0", "1.9.0"],
                "by-hand": ["2.0.0", "1.10.0", "1.2.0"],
            }
            there = json.loads(
                typed_lines.output(tmp_path, f"{begin}towpath get freight -p my-artifacts -o json")
            )
            assert {each["origin"]["name"] for each in there["items"]} == set(
                found("my-artifacts")
            ) - {"by-hand"}
            waiting.until(
                lambda: len(found("commit-strategies")) >= 4,
                lambda: str(found("commit-strategies")),
            )
            commits = found("commit-strategies")
            assert commits["newest-from-branch"] == ["Initial commit"]
            assert commits["semver"] == ["v1.10.0", "v1.2.0"]
            assert commits["lexical"] == ["nightly-20260101"]
            assert set(commits["newest-tag"]) == {"v1.2.0", "v1.10.0", "nightly-20260101"}
