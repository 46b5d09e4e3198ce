"""docs/how-to/see-what-was-released.md: its notes are written by the rules, its expressions can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from towpath import expressions
from towpath.expressions.registered import IN_STEPS
from towpath.rules.released import notes, report
from towpath.rules.released.report import ReleasedArtifact, ReleaseReport

PAGE = Path(__file__).resolve().parents[4] / "docs" / "how-to" / "see-what-was-released.md"


def test_the_notes_of_the_page_are_those_of_the_rules() -> None:
    """Line by line."""
    commits = [
        report.commit(
            "8f3c2d1" + "0" * 33,
            "SHOP-12 Baskets survive a restart",
            "Ada <a@example.com>",
            "2026-03-01T00:00:00Z",
        ),
        report.commit(
            "77aa01b" + "0" * 33, "Tidy up", "Grace <g@example.com>", "2026-02-28T00:00:00Z"
        ),
    ]
    found = ReleaseReport(
        artifacts=[
            ReleasedArtifact(
                kind="image",
                name="ghcr.io/example/shop",
                change="changed",
                before="1.4.0",
                after="1.5.0",
                commits=commits,
            ),
            ReleasedArtifact(
                kind="chart",
                name="https://charts.example/web",
                change="changed",
                before="2.0.0",
                after="2.1.0",
                unknown="charts do not say which commit they were made of",
            ),
        ]
    )
    written = re.search(r"```\n(image .*?)\n```", PAGE.read_text(), re.DOTALL)
    assert written is not None
    assert notes.text(found) == written[1]


def test_the_expressions_of_the_page_can_be_read() -> None:
    """With the functions that steps have."""
    written = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert written is not None
    document: dict[str, Any] = yaml.safe_load(written[1])
    texts = [each["value"] for each in document["vars"]]
    texts += list(document["steps"][0]["config"].values())
    assert len(texts) == 5
    for text in texts:
        expressions.template(text, IN_STEPS)
