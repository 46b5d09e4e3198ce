"""The dashboard of `deploy/grafana` names metrics that there are, with labels that they have, and its panels lie side by side."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DASHBOARD = json.loads((ROOT / "deploy/grafana/towpath.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# A test of a running server holds this page to what it answers.
PAGE = (ROOT / "docs/reference/metrics.md").read_text("utf-8")
KNOWN = set(re.findall(r"`((?:towpath|kargo|process)_[a-z_]+)`", PAGE))
_NAME = re.compile(r"\b(?:towpath|kargo|process)_[a-z_]+")


def _queries() -> list[str]:
    return [target["expr"] for panel in PANELS for target in panel["targets"]]


def _metric(name: str) -> str:
    """Return the metric of a sample: a histogram's samples have names of their own."""
    return re.sub("_(bucket|sum|count)$", "", name)


@pytest.mark.parametrize("query", _queries())
def test_every_metric_is_there(query: str) -> None:
    """A histogram is asked by its buckets, a counter by how fast it grows, a gauge as it is."""
    names = _NAME.findall(query)
    assert names
    for name in names:
        assert _metric(name) in KNOWN
        if name.endswith(("_total", "_bucket")):
            assert re.search(rf"(rate|increase)\({name}{{", query), f"{name}: it only ever grows"
        else:
            assert "rate(" not in query
    assert query.count("(") == query.count(")")
    assert query.count('{job=~"$job"}') == len(names)


def test_what_matters_most_is_shown() -> None:
    """What the page says to alert on, and what budgets are of."""
    shown = {_metric(name) for query in _queries() for name in _NAME.findall(query)}
    assert shown >= {
        "towpath_overdue_waits",
        "towpath_queue_depth",
        "towpath_queue_oldest_seconds",
        "towpath_step_seconds",
        "towpath_event_loop_stall_max_seconds",
        "towpath_store_write_seconds",
        "towpath_store_writable",
        "towpath_watch_lag_writes",
        "towpath_held_bytes",
        "towpath_outgoing_throttled_total",
        "kargo_promotions_completed_total",
    }


def test_labels_in_legends_are_those_of_the_query() -> None:
    """Else a legend is empty."""
    for panel in PANELS:
        for target in panel["targets"]:
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                by = re.search(r"by \(([^)]*)\)", target["expr"])
                described = [
                    line
                    for line in PAGE.splitlines()
                    if any(f"`{_metric(name)}`" in line for name in _NAME.findall(target["expr"]))
                ]
                assert by is None or label in by[1].replace(" ", "").split(",")
                assert f"`{label}`" in "".join(described) or label in ("connection", "receiver")


def test_panels_lie_side_by_side() -> None:
    """Each has a number of its own, a title, and a place that no other has."""
    every: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    for one, other in itertools.combinations(every, 2):
        a, b = one["gridPos"], other["gridPos"]
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        apart = apart or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart, (one["title"], other["title"])
    assert all(
        panel["title"] and panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in every
    )
