"""What the pages show of promotion windows can be read, and means what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from towpath.resources.project_config import ProjectConfig
from towpath.resources.structs import view
from towpath.rules.promotion_windows import written
from towpath.rules.promotion_windows.calendar import NO_CLUSTER_WINDOWS, calendar
from towpath.rules.promotion_windows.recurrence import read

DOCS = Path(__file__).parents[4] / "docs"
PAGES = ("reference/promotion-windows.md", "how-to/freeze-releases.md")


def _configs() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for page in PAGES:
        text = (DOCS / page).read_text("utf-8")
        blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
        found += [(page, yaml.safe_load(block)) for block in blocks]
    return found


@pytest.mark.parametrize(("page", "config"), _configs())
def test_each_window_can_be_read(page: str, config: dict[str, Any]) -> None:
    """Admission finds nothing wrong with it."""
    assert list(written.errors(config["spec"], is_clusterwide=False)) == [], page


def test_the_weekend_is_shut_and_the_week_is_open() -> None:
    """As the how-to says: from Friday afternoon to Monday morning, on the clock in Paris."""
    (config,) = (found for page, found in _configs() if page == PAGES[1])
    shop = calendar("shop", {}, view(ProjectConfig, config), NO_CLUSTER_WINDOWS).of("prod-eu", {})
    friday = datetime(2026, 6, 5, 13, 59, tzinfo=UTC)  # 15:59 in Paris
    assert shop.opening(friday).is_open
    assert shop.opening(friday).changes_at == datetime(2026, 6, 5, 14, tzinfo=UTC)
    saturday = shop.opening(datetime(2026, 6, 6, 12, tzinfo=UTC))
    assert not saturday.is_open
    assert saturday.changes_at == datetime(2026, 6, 8, 6, tzinfo=UTC)
    assert not shop.opening(datetime(2026, 12, 29, 12, tzinfo=UTC)).is_open
    assert shop.of("test", {}).windows == ()


def test_rules_of_the_page_can_be_read() -> None:
    """Each in the tables and in the text."""
    text = (DOCS / PAGES[0]).read_text("utf-8")
    rules = re.findall(r"`(FREQ=[^`]+)`", text)
    assert len(rules) > 4
    for rule in rules:
        assert read(rule, "20260101T090000Z", "20260101T170000Z").rule is not None
