"""The page "Verify a Stage": what it says to write is admitted without a warning, and comes to runs that measure that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.support.pipeline import PROJECT, USER, project_document, running, warehouse_document
from towpath.resources import scheme
from towpath.resources.smoke import SmokeTest
from towpath.resources.structs import schema_of
from towpath.rules.verifying.debt import Lack
from towpath.store.contract import Query

_DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = _DOCS / "how-to" / "verify-a-stage.md"
REFERENCE = (_DOCS / "reference" / "verification.md").read_text()


def _blocks() -> list[list[dict[str, Any]]]:
    found = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [list(yaml.safe_load_all(body)) for body in found]


async def test_what_the_page_says_is_applied_and_measured(tmp_path: Path) -> None:
    """In its order: a smoke test, then a template; then what the Project and the Stage want besides."""
    smoke, templates, config, soaking = _blocks()
    async with running(tmp_path, measuring=False) as world:
        await world.apply(project_document(), warehouse_document(), *smoke)
        freight = await world.freight("1.0.0")
        await world.promote("preprod", freight)
        await world.settled()
        [run] = (await world.store.list(Query(kind=scheme.ANALYSIS_RUN))).items
        [metric] = run.document["spec"]["metrics"]
        assert metric["provider"]["plugin"]["smoke"] == {
            "url": "https://preprod.shop.example.com/healthz",
            "status": 200,
            "json": {"$.version": "1.0.0"},
            "tlsDays": 14,
            "p95": "300ms",
        }
        await world.apply(*templates)
        await world.writer.delete(run.ref, USER)
        await world.settled()
        await world.promote("preprod", freight)
        await world.settled()
        [run] = (await world.store.list(Query(kind=scheme.ANALYSIS_RUN))).items
        assert {each["name"]: each["value"] for each in run.document["spec"]["args"]} == {
            "url": "https://preprod.shop.example.com/version",
            "version": "1.0.0",
        }
        await world.apply(*config, *soaking)
        await world.settled()
        assert (await world.get(scheme.PROJECT_CONFIG, PROJECT))["metadata"]["annotations"]


def test_the_reference_has_every_field_and_every_reason() -> None:
    """Of smoke tests, and of debt."""
    for field in schema_of(SmokeTest).properties:
        assert f"| `{field}` |" in REFERENCE
    for lack in Lack:
        assert f"`{lack}`" in REFERENCE
