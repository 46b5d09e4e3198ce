"""A plan is told within its bytes, however much there is: every target has some of it, and what is left out is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.clients.git.objects.patches import ChangedFile
from towpath.promotion.plan import summary
from towpath.promotion.plan.made import Plan, PlanSet, Unplanned, Variant
from towpath.server.ext.plan_sets import hunks


def _plan(stage: str, files: int, calls: int = 1) -> Plan:
    changed = {
        f"f{n}": ChangedFile(f"env/{stage}/{n}.yaml", 2, 1, is_binary=False, patch=f"{n}", size=9)
        for n in range(files)
    }
    document: dict[str, Any] = {
        "result": "Succeeded",
        "message": "",
        "steps": [],
        "calls": [{"step": "push", "operation": "push", "what": f"main {n}"} for n in range(calls)],
    }
    return Plan(
        id="p", project="shop", project_uid="u", stage=stage, freight="f" * 40, actor="a",
        made=datetime(2026, 1, 1, tzinfo=UTC), bases=[], seen={},
        variants=[Variant(document=document, files=changed, objects={})],
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=50), st.integers(0, 20))
def test_it_fits_and_tells_what_is_left_out(files: list[int], gates: int) -> None:
    """Shown and left out are all there is; nobody has nothing while others have much."""
    plans = [_plan(f"stage-{n}", count) for n, count in enumerate(files)]
    whole = PlanSet(
        id="s", project="shop", project_uid="u", freight="f" * 40, actor="a",
        made=datetime(2026, 1, 1, tzinfo=UTC), plans=plans,
    )  # fmt: skip
    shut = [{"name": "soaked", "reason": "x" * 80}] * gates
    changed = [f"main of https://git.example/{'x' * 100} has moved"] * 5
    targets = [summary.target(each, shut, changed) for each in plans]
    found = summary.document(whole, plans, targets, summary.LIST_BYTES)
    assert len(msgspec.json.encode(found)) <= summary.LIST_BYTES
    assert found["sum"]["files"] == sum(files)
    shown = []
    for count, told in zip(files, found["targets"], strict=True):
        assert len(told.get("files", ())) + told.get("more", {}).get("files", 0) == count
        if count:
            shown.append((len(told.get("files", ())), count))
    most = max((each for each, _ in shown), default=0)
    assert all(each >= most - 1 or each == count for each, count in shown) or most == 0


def test_a_stage_that_is_not_planned_says_why() -> None:
    """With the status it would have had alone."""
    told = summary.refused(Unplanned(stage="x", status=404, error="e"))
    assert told.head == {"stage": "x", "result": "Refused", "status": 404, "msg": "e"}
    assert not any(told.counts.values())


def test_lines_of_a_patch_belong_to_their_hunks() -> None:
    """Numbers of one line, files that end without a newline, and lines that look like a head."""
    patch = "@@ -1 +1,2 @@ head\n-a\n+@@ -9 +9 @@\n+b\n\\ No newline at end of file\n@@ -7,2 +8,0 @@\n-\n-x\n"
    assert hunks(patch) == [
        {
            "before": 1,
            "after": 1,
            "lines": ["-a", "+@@ -9 +9 @@", "+b", "\\ No newline at end of file"],
        },
        {"before": 7, "after": 8, "lines": ["-", "-x"]},
    ]
    assert hunks("") == []
