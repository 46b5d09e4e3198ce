"""Cases beside the checkout whose other side we chose: our own expected values, by id, with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parents[1] / "conformance" / "overrides.jsonl"


def overrides() -> dict[str, dict[str, Any]]:
    """Return the overriding values by the id of their case."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.strip()]
    assert all(each["reason"].strip() for each in found), "an override says why"
    return {each["id"]: each for each in found}


def wanted(case: dict[str, Any], key: str = "want") -> Any:
    """Return what is expected of a case: what overrides it, else what it says itself."""
    return overrides().get(case["id"], case).get(key)
