"""Steps on structured data: every case beside the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import steps
from tests.support.shared import cases
from towpath.promotion.steps.json_parse import JsonParse
from towpath.promotion.steps.json_update import JsonUpdate
from towpath.promotion.steps.kustomize_set_image import KustomizeSetImage
from towpath.promotion.steps.toml_parse import TomlParse
from towpath.promotion.steps.toml_update import TomlUpdate
from towpath.promotion.steps.yaml_merge import YamlMerge
from towpath.promotion.steps.yaml_parse import YamlParse

if TYPE_CHECKING:
    from pathlib import Path

STEPS: dict[str, list[Any]] = {
    "step-json-update": [JsonUpdate()],
    "step-toml-update": [TomlUpdate()],
    "steps-misc": [JsonParse(), YamlParse(), TomlParse()],
}


@pytest.mark.parametrize("file", list(STEPS))
async def test_status_output_and_files(file: str, tmp_path: Path) -> None:
    """Are upstream's, to the byte."""
    by_name = {step.name: step for step in STEPS[file]}
    wrong, seen = {}, set()
    for case in cases(file):
        step = by_name.get(case["step"])
        if step is None:
            continue
        seen.add(step.name)
        root = tmp_path / case["id"]
        root.mkdir()
        steps.put(root, case["files"])
        outcome = await steps.run(step, root, case["config"])
        want = case["want"]
        expected = (want["status"], want.get("terminal", True), want.get("output"))
        if (*steps.said(outcome), outcome.output) != expected:
            wrong[case["id"]] = str(outcome)
        if steps.contents(root) != {**case["files"], **want["changed"]}:
            wrong[case["id"]] = f"{outcome}: {steps.contents(root)}"
    assert wrong == {}
    assert seen == set(by_name)


SAME_MEANING: dict[str, Any] = {
    "step-kustomize-set-image": KustomizeSetImage(),
    "step-yaml-merge": YamlMerge(),
}


@pytest.mark.parametrize("file", list(SAME_MEANING))
async def test_status_output_and_meaning(file: str, tmp_path: Path) -> None:
    """Status and output are upstream's; the file says the same and keeps its comments, its layout is ours."""
    wrong = []
    for case in cases(file):
        root = tmp_path / case["id"]
        root.mkdir()
        steps.put(root, case["files"])
        outcome = await steps.run(
            SAME_MEANING[file],
            root,
            case["config"],
            freight=case.get("freight") or (),
            requests=case.get("requests") or (),
        )
        want = case["want"]
        expected = (want["status"], want.get("terminal", True), want.get("output"))
        if (*steps.said(outcome), outcome.output) != expected:
            wrong.append((case["id"], str(outcome)))
        after = steps.contents(root)
        for path, text in {**case["files"], **want["changed"]}.items():
            if yaml.safe_load(after[path]) != yaml.safe_load(text) or _comments(
                after[path]
            ) != _comments(text):
                wrong.append((case["id"], after[path]))
    assert wrong == []


def _comments(text: str) -> list[str]:
    return sorted(line[line.index("#") :] for line in text.splitlines() if "#" in line)
