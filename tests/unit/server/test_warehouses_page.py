"""docs/reference/warehouses.md: its Warehouse is admitted and settles, and it tells of every key and rule that answers have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.support.pipeline import PROJECT, project_document, running
from towpath.resources import scheme
from towpath.server.ext import warehouse_shapes

if TYPE_CHECKING:
    from msgspec import Struct

_ROOT = Path(__file__).resolve().parents[3]
PAGE = (_ROOT / "docs" / "reference" / "warehouses.md").read_text("utf-8")


async def test_the_warehouse_of_the_page_settles(tmp_path: Path) -> None:
    """As the page says it does, by the conditions it names."""
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    document = yaml.safe_load(text)
    document["metadata"]["namespace"] = PROJECT
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), document)
        await world.settled()
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("False", "Settling")
        assert (await world.condition(scheme.WAREHOUSE, "main", "Settling"))[0] == "True"
        await world.clock.advance(31)
        await world.settled()
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("True", "NewFreight")


def test_the_page_tells_of_every_key() -> None:
    """Of the document and of what lies in it."""
    told: tuple[type[Struct], ...] = (
        warehouse_shapes.ExplainedWarehouse,
        warehouse_shapes.ExplainedSubscription,
        warehouse_shapes.ShownCandidate,
        warehouse_shapes.WouldBeFreight,
        warehouse_shapes.SpentByLooks,
        warehouse_shapes.SettlingBurst,
        warehouse_shapes.FailingSince,
    )
    for shape in told:
        for name in shape.__struct_encode_fields__:
            assert f'"{name}"' in PAGE, name


def test_the_page_tells_of_every_rule() -> None:
    """Those that are told by the code that decides."""
    code = "".join(
        (_ROOT / "src" / "towpath" / each).read_text("utf-8")
        for each in (
            "versions/tags.py",
            "artifacts/images.py",
            "artifacts/image_looks.py",
            "artifacts/commit_search.py",
            "artifacts/verdicts.py",
            "rules/commit_selection.py",
        )
    )
    rules = set(re.findall(r'Objection\("(\w+)"', code))
    rules |= set(re.findall(r'verdicts\.exclude\((?:\w+, |\s*\*\(candidate\.shown, )"(\w+)"', code))
    rules |= set(re.findall(r'return "(\w+Paths)"', code)) | {"discoveryLimit"}
    assert {"platform", "manifest", "commit", "expressionFilter", "includePaths"} <= rules
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in PAGE] == []
