"""A real server, a Promotion that fails and its retry, by REST and by the command line; killed where it begins, too."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import towpath_process
from tests.support.pipeline import PROJECT, project_document, stage_document, warehouse_document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.towpath_process import Running

_FREIGHT = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "Freight",
    "metadata": {"namespace": PROJECT},
    "alias": "blue-boat",
    "origin": {"kind": "Warehouse", "name": "main"},
    "images": [{"repoURL": "registry.example/app", "tag": "1.0.0"}],
}
_STEPS = [
    {"uses": "compose-output", "as": "one", "config": {"a": 1}},
    {"uses": "fail", "as": "two", "config": {"message": "says ${{ outputs.one.a }}"}},
]


def _towpath(folder: Path, server: Running, *words: str | Path) -> tuple[int, str]:
    done = towpath_process.run(
        folder,
        *words,
        TOWPATH_SERVER=server.address,
        TOWPATH_TOKEN=server.token,
        TOWPATH_PROJECT=PROJECT,
    )
    return done.returncode, done.stdout + done.stderr


def _call(server: Running, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{server.address}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _promotion(folder: Path, server: Running, name: str) -> Any:
    code, told = _towpath(folder, server, "get", "promotions", name, "-o", "json")
    assert code == 0, told
    return json.loads(told)


def test_a_retry_is_asked_for_told_and_survives_its_process(tmp_path: Path) -> None:
    """Whoever goes on reuses what the earlier one put out, and runs none of its steps again."""
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = _STEPS
    manifest = tmp_path / "all.yaml"
    manifest.write_text(
        yaml.safe_dump_all([project_document(), warehouse_document(), stage, _FREIGHT])
    )
    with towpath_process.up(tmp_path, TOWPATH_KILL_AT="promotion.after-reuse") as server:
        assert _towpath(tmp_path, server, "apply", "-f", manifest)[0] == 0
        promote = ("promote", "--stage", "dev", "--freight", "blue-boat", "--wait")
        code, told = _towpath(tmp_path, server, *promote, "-o", "name")
        assert code == 2, told
        first = next(word for word in told.split() if "promotion.kargo.akuity.io/" in word)
        first = first.rpartition("/")[2]
        made = _call(
            server,
            "POST",
            f"/towpath/v1/projects/{PROJECT}/promotions/{first}/retry",
            {"fromStep": "two"},
        )
        assert server.process.wait(60) == -9
    second = made["metadata"]["name"]
    with towpath_process.up(tmp_path) as server:
        code, told = _towpath(tmp_path, server, "logs", second, "--follow")
        assert f"retries Promotion {first} from step two" in told
        assert f"taken from Promotion {first}" in told
        status = _promotion(tmp_path, server, second)["status"]
        assert status["message"] == "failed: says 1"
        assert "startedAt" not in status["stepExecutionMetadata"][0]
        code, told = _towpath(tmp_path, server, "explain", f"promotion/{second}")
        assert f"Retries Promotion {first} from step two" in told
        code, told = _towpath(
            tmp_path, server, "history", "dev", "--of", "promotions", "-o", "json"
        )
        assert code == 0, told
        tried = {each["name"]: each["retries"] for each in json.loads(told)["items"]}
        assert tried == {first: None, second: {"promotion": first, "fromStep": "two"}}
        code, told = _towpath(tmp_path, server, "retry", second, "--wait")
        assert code == 2, told
        assert "it begins at step two" in told
        assert "failed: says 1" in told
        code, told = _towpath(tmp_path, server, "retry", first, "--from-step", "two")
        assert code == 1, told
        assert "of the Stage has begun since" in told
        code, told = _towpath(tmp_path, server, "retry", f"promotion/{first}", "--wait")
        assert code == 2, told
        assert "it begins at step one: it begins at its first step and not at step two" in told
