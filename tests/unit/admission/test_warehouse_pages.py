"""What pages have of Warehouses is admitted as it stands, and the expressions that they give read Freight of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.pipeline import USER
from tests.support.stores import opened
from towpath import expressions
from towpath.admission import namespaces
from towpath.admission.writer import Writer
from towpath.clock import VirtualClock
from towpath.expressions import freight
from towpath.promotion.step_registry import StepRegistry
from towpath.resources.warehouse import SUBSCRIPTIONS

_DOCS = Path(__file__).resolve().parents[3] / "docs"
_PAGES = (
    "reference/subscriptions.md",
    "reference/warehouses.md",
    "how-to/write-a-subscription-type.md",
)
_OF_EXTENSIONS = {"http-listing": None, "bucket": None}


def _warehouses(page: str) -> list[dict[str, Any]]:
    """Return the Warehouses of a page, and those whose subscriptions it shows."""
    found: list[dict[str, Any]] = []
    text = (_DOCS / page).read_text("utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        document = yaml.safe_load(block)
        if "kind" not in document:
            document = {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Warehouse",
                "metadata": {"name": f"shown-{len(found)}", "namespace": "my-shop"},
                "spec": {"subscriptions": document["subscriptions"]},
            }
        document["metadata"]["namespace"] = "my-shop"
        found.append(document)
    return found


@pytest.mark.parametrize("page", _PAGES)
async def test_warehouses_of_pages_are_admitted(tmp_path: Path, page: str) -> None:
    """And warn of nothing."""
    warehouses = _warehouses(page)
    assert warehouses
    project = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": "my-shop"},
    }
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await namespaces.ensure_system(store, actor="controller:system")
        writer = Writer(
            store,
            clock=clock,
            known_steps=StepRegistry.installed().kinds,
            known_subscriptions=dict.fromkeys(SUBSCRIPTIONS) | _OF_EXTENSIONS,
        )
        for document in (project, *warehouses):
            written = await writer.create(document, USER)
            assert written.warnings == (), document["metadata"]["name"]


def test_expressions_of_the_page_can_be_read() -> None:
    """With the functions that steps have."""
    text = (_DOCS / "reference/subscriptions.md").read_text("utf-8")
    shown = re.findall(r"`\$\{\{ (.*?) \}\}`", text)
    assert len(shown) == 5
    for expression in shown:
        expressions.compile(expression, freight.DISCOVERED_SIGNATURES)
