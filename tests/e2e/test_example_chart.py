"""The chart of the example: what a promotion writes is what its Deployment runs.

Rendered by the few lines below, which know `{{ .Values.a.b }}` and nothing else: it is all that the chart uses.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.support import sandbox
from towpath.demo import chart
from towpath.documents.yaml import Update, update

_EXPRESSION = re.compile(r"\{\{\s*\.Values((?:\.\w+)+)\s*\}\}")
TAG = "2026-11-23_1542-1a2b3c4"


def _rendered(template: str, values: dict[str, Any]) -> dict[str, Any]:
    def value(match: re.Match[str]) -> str:
        found: Any = values
        for part in match[1].strip(".").split("."):
            found = found[part]
        return str(found)

    text = _EXPRESSION.sub(value, template)
    assert "{{" not in text
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@pytest.mark.parametrize("environment", ["preprod", "prod"])
@pytest.mark.parametrize("files", [chart.FILES, sandbox.CHART], ids=["demo", "tests"])
def test_a_promotion_changes_the_image_that_runs(files: dict[str, str], environment: str) -> None:
    """The tag in the values becomes that of the container; nothing else of the Deployment changes."""
    [template] = (
        text for path, text in files.items() if path.endswith("templates/deployment.yaml")
    )
    before = files[f"{environment}/values.yaml"]
    wanted = [Update("general.lmsImageTag", TAG)]
    after = update(before.encode(), wanted, source="values.yaml").data.decode()
    one, other = (_rendered(template, yaml.safe_load(text)) for text in (before, after))
    [container] = other["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(f"/example-container:{TAG}")
    container["image"] = one["spec"]["template"]["spec"]["containers"][0]["image"]
    assert one == other
