"""From a commit to the branch of an environment: the page's very lines, on a Git server and a registry that are real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support import git_server, registry, towpath_process, typed_lines, waiting

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "watch-a-git-repository.md"
URL = "https://github.com/you/config.git"


def test_a_commit_travels_to_the_branch_of_an_environment(tmp_path: Path) -> None:
    """Push, Freight, Promotion of that very commit; a commit elsewhere makes no Freight, and an image goes along with one."""
    begin, look = typed_lines.blocks(PAGE)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with (
        registry.serving(tmp_path / "registry") as images,
        git_server.serving(tmp_path / "git") as git,
    ):
        git.create("config.git", {"apps/web/values.yaml": "replicas: 1\n", "README.md": "hello"})
        (tmp_path / "operator.yaml").write_text(
            f"registries: {{ghcr.io: {{mirrors: ['{images.url}']}}}}\n"
            f"git: {{insteadOf: {{'{git.url}/': ['https://github.com/you/']}}}}\n"
        )
        with towpath_process.up(
            tmp_path, config=tmp_path / "operator.yaml", data=tmp_path / "towpath-data"
        ) as server:
            mine = begin.replace("token=your-token", f"token='{git.password}'")
            mine = mine.replace("user=you", f"user={git.user}")
            mine = mine.replace("http://127.0.0.1:8080", server.address)
            typed_lines.output(tmp_path, mine)
            export = next(line for line in mine.splitlines() if line.startswith("export")) + "\n"

            def freight() -> list[dict[str, Any]]:
                listed = json.loads(
                    typed_lines.output(tmp_path, f"{export}towpath get freight -o json")
                )
                items: list[dict[str, Any]] = listed.get("items", [listed])
                return sorted(items, key=lambda each: str(each["metadata"]["creationTimestamp"]))

            first = git.head("config.git")
            [made] = freight()
            [commit] = made["commits"]
            assert (commit["repoURL"], commit["id"], commit["branch"]) == (URL, first, "main")
            assert commit["message"] == "Initial commit"
            told = typed_lines.output(tmp_path, export + look)
            assert f"branchHead: {first}" in told

            def environment() -> str:
                # The branch is there before anything is on it.
                there = git_server.git(
                    git.path("config.git"),
                    "for-each-ref",
                    "--format=%(tree)",
                    "refs/heads/env/test",
                )
                listed = git_server.git(git.path("config.git"), "ls-tree", there) if there else ""
                if "values.yaml" not in listed:
                    return ""
                return git.read("config.git", "values.yaml", "env/test")

            waiting.until(lambda: environment() == "replicas: 1", environment)

            git.commit("config.git", {"README.md": "more"}, message="text")
            git.commit("config.git", {"apps/web/README.md": "more"}, message="text of the app")
            typed_lines.output(tmp_path, f"{export}towpath refresh warehouse config --wait")
            assert len(freight()) == 1
            newest = git.commit(
                "config.git", {"apps/web/values.yaml": "replicas: 2\n"}, message="scale"
            )
            git.commit("config.git", {"README.md": "last"}, message="text again")
            typed_lines.output(tmp_path, f"{export}towpath refresh warehouse config --wait")
            assert {each["commits"][0]["id"] for each in freight()} == {first, newest}
            waiting.until(lambda: environment() == "replicas: 2", environment)

            images.push("you/app", "1.2.3")
            (tmp_path / "both.yaml").write_text(
                "apiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\n"
                "metadata: {name: both, namespace: my-config}\n"
                "spec:\n  subscriptions:\n    - image: {repoURL: ghcr.io/you/app}\n"
                f"    - git: {{repoURL: '{URL}', commitSelectionStrategy: SemVer}}\n"
            )
            git_server.git(git.path("config.git"), "tag", "-a", "-m", "One", "v1.0.0", newest)
            typed_lines.output(
                tmp_path,
                f"{export}towpath apply -f both.yaml\ntowpath refresh warehouse both --wait",
            )
            [both] = [each for each in freight() if each["origin"]["name"] == "both"]
            assert [each["tag"] for each in both["images"]] == ["1.2.3"]
            assert [(each["tag"], each["id"]) for each in both["commits"]] == [("v1.0.0", newest)]
