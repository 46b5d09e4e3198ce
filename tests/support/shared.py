"""Finds the outside data (reference CRDs, conformance cases) that lies beside the checkout.

It is never copied into the project. A clone on its own says what it did not find and runs our own cases;
in CI a missing file is a failure.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3] / "shared"


def shared(*parts: str) -> Path:
    """Return the path of an outside file or folder, or skip (outside CI) when it is not there."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        message = f"outside data not found: ../shared/{'/'.join(parts)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of `../shared/conformance/<name>.jsonl`, in the order of the file."""
    with shared("conformance", f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
