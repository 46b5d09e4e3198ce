"""`helm-update-chart`: what becomes of Chart.yaml and of its lock, for every case beside the checkout."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.shared import cases
from towpath import errors
from towpath.documents.chart import DependencyVersion, lock_changes, set_versions


def _comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def _edited(case: dict[str, Any]) -> str | None:
    wanted = [
        DependencyVersion(each["repository"], each["name"], each["version"])
        for each in case["in"]["charts"]
    ]
    try:
        return set_versions(
            case["in"]["chartYAML"].encode(), wanted, source="Chart.yaml"
        ).data.decode()
    except errors.BadRequest:
        return None


def test_charts() -> None:
    """helm-chart-update.jsonl: upstream loses comments behind a version; ours stay."""
    wrong = []
    for case in cases("helm-chart-update"):
        if case["op"] == "helm_lock_changes":
            if lock_changes(case["in"]["before"], case["in"]["after"]) != case["want"]:
                wrong.append(case["id"])
            continue
        after = _edited(case)
        if case.get("error") or after is None:
            if (after is None) != bool(case.get("error")):
                wrong.append(case["id"])
        elif yaml.safe_load(after) != yaml.safe_load(case["want"]) or _comments(after) != _comments(
            case["in"]["chartYAML"]
        ):
            wrong.append(case["id"])
    assert wrong == []
