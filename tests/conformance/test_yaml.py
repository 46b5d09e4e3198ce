"""`yaml-update`: every case beside the checkout, with what we do better on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tests.support.shared import cases
from towpath import errors
from towpath.documents import key_path
from towpath.documents.yaml import Update, update
from towpath.promotion.step_registry import InvalidConfig, Registered
from towpath.promotion.steps.yaml_update import YamlUpdate, as_go
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from pathlib import Path


class _Context:
    def __init__(self, root: Path) -> None:
        self.directory = WorkDirectory(root)
        self.aside = Aside()
        self.project = "shop"


def test_edits_from_the_field() -> None:
    """field-cases.jsonl: what public reports say edits got wrong. Both readers of PyYAML read the result."""
    wrong = []
    for case in cases("field-cases"):
        if not case["area"].startswith("yaml-update"):
            continue
        (text,) = case["input"]["files"].values()
        updates = [Update(each["key"], each["value"]) for each in case["input"]["updates"]]
        after = update(text.encode(), updates, source="values.yaml").data.decode()
        want = case["want"]
        document = want["parsed_first_document"]
        if document is not None and yaml.safe_load(after) != document:
            wrong.append(case["id"])
        if document is not None and yaml.load(after, Loader=yaml.CSafeLoader) != document:
            wrong.append(case["id"])
        if after != want.get("bytes", after):
            wrong.append(case["id"])
    assert wrong == []


async def test_yaml_update(tmp_path: Path) -> None:
    """step-yaml-update.jsonl: status and output are upstream's.

    The text is ours: only the scalars change, and they read back as what was asked for.
    """
    wrong = []
    for number, case in enumerate(cases("step-yaml-update")):
        root = tmp_path / str(number)
        root.mkdir()
        for name, text in case["files"].items():
            (root / name).write_bytes(text.encode())
        step, output = YamlUpdate(), None
        try:
            config: Any = Registered(step).read(case["config"])
            context: Any = _Context(root)
            outcome = await step.run(context, config)
        except InvalidConfig:
            status = "Failed"
        except errors.TowpathError:
            status = "Errored"
        else:
            status, output = "Succeeded", outcome.output
        want = case["want"]
        if (status, output) != (want["status"], want.get("output")):
            wrong.append(case["id"])
        if status == "Succeeded" and not _only_those(root, case):
            wrong.append(case["id"])
    assert wrong == []


def _only_those(root: Path, case: dict[str, Any]) -> bool:
    """Whether the values asked for are there, and everything else is as it was, line by line."""
    path = case["config"]["path"].removeprefix("../")
    before, after = case["files"][path], (root / path).read_bytes().decode()
    document, wanted = yaml.safe_load(after), yaml.safe_load(before)
    changed = 0
    for each in case["config"]["updates"]:
        parts = key_path.split(each["key"])
        _set(wanted, parts, each["value"])
        changed += 1
    lines = zip(before.split("\n"), after.split("\n"), strict=True)
    return bool(document == wanted) and sum(one != other for one, other in lines) <= changed


def _set(document: Any, parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    if isinstance(document, list):
        document[int(parts[-1])] = value
    else:
        document[parts[-1]] = value


def test_keys_and_how_values_are_told() -> None:
    """yaml-key.jsonl."""
    wrong = []
    for case in cases("yaml-key"):
        given = case["in"]
        try:
            if case["op"] == "split_key":
                found: Any = key_path.split(given["key"])
            else:
                found = as_go(given["value"]) if isinstance(given["value"], str) else given["value"]
        except errors.BadRequest:
            found = None
        if found != (None if case.get("error") else case["want"]):
            wrong.append(case["id"])
    assert wrong == []
