"""The names that expressions in steps see are those of docs/reference/expressions.md; a ticket leads to its Promotion."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    UI_URL,
    project_document,
    running,
    stage_document,
    warehouse_document,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/expressions.md"
LINK = "${{ ctx.uiBaseUrl }}/p/${{ ctx.project }}/promotion/${{ ctx.promotion }}"


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    else:
        yield path


async def _seen(folder: Path) -> tuple[dict[str, Any], str]:
    """Return what a second step is given that asks for everything, and the name of its Promotion."""
    all_ = "${{ asJSON({'ctx': ctx, 'stepMetas': stepMetas.first, 'vars': vars}) }}"
    stage = stage_document("dev")
    stage["spec"]["vars"] = [{"name": "a", "value": "stage"}, {"name": "b", "value": "stage"}]
    stage["spec"]["promotionTemplate"]["spec"] = {
        "vars": [{"name": "b", "value": "${{ vars.a }} and template"}],
        "steps": [
            {"uses": "work", "as": "first"},
            {"uses": "work", "as": "say", "config": {"link": LINK, "all": all_}},
        ],
    }
    async with running(folder) as world:
        await world.apply(project_document(), warehouse_document(), stage)
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        return world.work.configs["say"], name


async def test_the_page_has_every_name(tmp_path: Path) -> None:
    """And none that is not there."""
    given, name = await _seen(tmp_path)
    assert given["link"] == f"{UI_URL}/p/{PROJECT}/promotion/{name}"
    seen = json.loads(given["all"])
    page = PAGE.read_text("utf-8").partition("## What expressions in steps see\n")[2]
    rows = re.findall(r"^\| (`[^|]*`) \| (.*) \|$", page.partition("\n## ")[0], re.MULTILINE)
    names = {each for row, _ in rows for each in re.findall("`([^`]+)`", row)}
    assert {each for each in names if each.startswith("ctx.")} == set(_leaves(seen["ctx"], "ctx"))
    [fields] = [told for row, told in rows if row == "`stepMetas.ALIAS`"]
    assert {*re.findall("`([^`]+)`", fields)} >= set(seen["stepMetas"]) - {"Alias"}
    assert seen["vars"] == {"a": "stage", "b": "stage and template"}
