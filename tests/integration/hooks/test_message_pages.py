"""What the pages about messages show works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import outbox
from tests.support.outbox import USER
from tests.support.steps import run, told
from towpath.demo.message_services import MessageServices
from towpath.promotion.effects.messages import SentMessage
from towpath.promotion.step import Succeeded
from towpath.promotion.step_registry import StepRegistry
from towpath.resources import scheme
from towpath.resources.happening import Happening
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation
from towpath.rules import told_events

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = ("how-to/tell-a-channel.md", "reference/messages.md")
STEPS = ("send-message", "record-audit-event")


def blocks(page: str) -> list[Any]:
    """Return what the YAML blocks of a page hold."""
    text = (DOCS / page).read_text("utf-8")
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(re.sub(f"(?m)^{indent}", "", body)) for indent, body in found]


@pytest.mark.parametrize("page", PAGES)
async def test_manifests_are_taken(page: str, tmp_path: Path) -> None:
    """Strictly: no field that there is none of."""
    services = MessageServices()
    async with outbox.running(tmp_path, services) as world:
        manifests = [each for each in blocks(page) if isinstance(each, dict)]
        assert manifests
        for document in manifests:
            await world.writer.create(document, USER, field_validation=FieldValidation.STRICT)
            kind = scheme.find(document["apiVersion"], document["kind"])
            assert kind is not None
            metadata = document["metadata"]
            await world.store.get(Ref(kind, metadata["namespace"], metadata["name"]))
    services.close()


class Messages:
    """A door that takes everything."""

    async def send(self, _: Any) -> SentMessage:
        """Take it."""
        return SentMessage(name="m", wake="message:shop/m", state="Delivered", receiver="slack")

    async def record(self, _: Any) -> str:
        """Take it."""
        return "e"


class Doors:
    """The doors of a step."""

    messages = Messages()


@pytest.mark.parametrize("name", STEPS)
async def test_steps_are_taken(name: str, tmp_path: Path) -> None:
    """With their configuration, expressions left as texts."""
    registered = StepRegistry.installed().find(name)
    assert registered is not None
    steps = [step for block in blocks(f"reference/steps/{name}.md") for step in block]
    assert steps
    for step in steps:
        found = await run(registered.step, tmp_path, step["config"], effects=Doors())
        assert isinstance(found, Succeeded), told(found)


def test_what_an_event_holds_stands_on_the_page() -> None:
    """All fields of what routers see, and all types."""
    page = (DOCS / "reference/messages.md").read_text("utf-8")
    payload = {
        "promotion-create-time": "t",
        "rollback": "true",
        "freight-alias": "a",
        "freight-commits": "[]",
        "freight-images": "[]",
        "freight-charts": "[]",
        "freight-artifacts": "[]",
        "verification-start-time": "t",
        "verification-finish-time": "t",
        "analysis-run-name": "r",
    }
    names: set[str] = set()
    for type_ in ("PromotionFailed", "FreightVerificationFailed"):
        happened = Happening(name="e", type=type_, actor="a", freight="f", payload=payload)
        event = told_events.event_of(happened)
        names |= set(event)
    assert [name for name in names if f"`{name}`" not in page] == []
