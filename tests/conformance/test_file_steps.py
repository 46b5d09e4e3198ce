"""`copy`, `delete` and `file-write`: every case beside the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import steps
from tests.support.shared import cases
from towpath.promotion.steps.copy import Copy
from towpath.promotion.steps.delete import Delete
from towpath.promotion.steps.file_write import FileWrite

if TYPE_CHECKING:
    from pathlib import Path

KINDS: dict[str, type[Any]] = {"copy": Copy, "delete": Delete, "file-write": FileWrite}


@pytest.mark.parametrize("kind", KINDS)
async def test_steps(tmp_path: Path, kind: str) -> None:
    """steps-misc.jsonl: status, and what is in the work directory afterwards."""
    wrong, count = [], 0
    for case in cases("steps-misc"):
        if case["step"] != kind:
            continue
        count += 1
        root = tmp_path / case["id"]
        root.mkdir()
        steps.put(root, case["files"])
        outcome = await steps.run(KINDS[kind](), root, case["config"])
        want = case["want"]
        after = {**case["files"], **want["changed"]}
        for gone in want.get("removed", ()):
            del after[gone]
        expected = (want["status"], want.get("terminal", True))
        if steps.said(outcome) != expected or steps.contents(root) != after:
            wrong.append((case["id"], outcome))
    assert wrong == []
    assert count
