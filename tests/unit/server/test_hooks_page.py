"""The page "Run something when": what it says to write is admitted without a warning, and is run when it happens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.pipeline import USER as WRITER
from towpath.hooks.happening import of
from towpath.promotion.step import BaseStep, FreeForm, Outcome, StepContext, Succeeded
from towpath.resources import scheme
from towpath.resources.happening import HEARD
from towpath.rules.hook_conditions import seen
from towpath.store.contract import Query

_DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (_DOCS / "how-to" / "run-something-when.md").read_text()
REFERENCE = (_DOCS / "reference" / "hooks.md").read_text()


class Asking(BaseStep):
    """Takes the place of `http`: it notes what would be asked."""

    name: ClassVar[str] = "http"
    config: ClassVar[Any] = FreeForm
    free_form: ClassVar[bool] = True

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def run(self, context: StepContext, config: FreeForm) -> Outcome:
        """Note it."""
        del context
        self.asked.append(dict(config.values))
        return Succeeded()


async def test_what_the_page_says_is_admitted_and_run(tmp_path: Path) -> None:
    """All of it at once: each hook hears of the Promotion, or of what it brings."""
    hooks = [
        yaml.safe_load(body)
        for body in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    ]
    asking = Asking()
    async with running(tmp_path, steps=[asking]) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("prod"))
        for hook in hooks:
            assert (await world.writer.create(hook, WRITER)).warnings == ()
        freight = await world.freight("1.2.3")
        await world.promote("prod", freight)
        await world.settled()
        page = await world.store.list(Query(kind=scheme.HOOK_RUN, namespace=PROJECT))
        phases = {
            item.document["spec"]["hook"]: item.document["status"]["phase"] for item in page.items
        }
    assert phases == dict.fromkeys(
        ("tell-the-page", "keep-a-record", "warm-the-cache"), "Succeeded"
    )
    asked = {each["url"]: each for each in asking.asked}
    told = asked["https://status.example.com/releases"]["body"]
    found = json.loads(told) if isinstance(told, str) else told
    assert found == {"stage": "prod", "what": "PromotionSucceeded", "version": "1.2.3"}
    assert f"https://records.example.com/prod/{freight}" in asked


def test_the_reference_has_every_event_by_both_names() -> None:
    """In the order of the field."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \|", REFERENCE, re.MULTILINE)
    assert {reason: event for event, reason in rows} == HEARD


def test_the_reference_has_every_field_of_what_happened() -> None:
    """As expressions see it."""
    happened = of({"reason": "FreightApproved"})
    assert happened is not None
    for field in seen(happened):
        assert f"`ctx.event.{field}" in REFERENCE
