"""What the page about webhooks shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.deliveries import TYPES
from tests.support.pipeline import PROJECT, USER, project_document, running
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation
from towpath.rules.webhooks.senders import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "receive-webhooks.md"


def _blocks() -> Iterator[dict[str, Any]]:
    for indent, body in re.findall(
        r"^( *)```yaml\n(.*?)^ *```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        document = yaml.safe_load(re.sub(f"(?m)^{indent}", "", body))
        named = document["metadata"]["name"].replace("shop", PROJECT)
        document["metadata"] |= {"name": named, "namespace": PROJECT}
        yield document


async def test_every_receiver_of_the_page_listens(tmp_path: Path) -> None:
    """Strictly: no field that there is none of. All types are there, each with the key of its Secret."""
    seen = set[str]()
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        for document in _blocks():
            kind = scheme.find(document["apiVersion"], document["kind"])
            assert kind is not None
            strict = FieldValidation.STRICT
            if kind is not scheme.PROJECT_CONFIG:
                await world.writer.create(document, USER, field_validation=strict)
                continue
            receivers = document["spec"]["webhookReceivers"]
            for each in receivers:
                (type_,) = set(each) - {"name"}
                seen.add(type_)
                name = each[type_]["secretRef"]["name"]
                if name != "github-webhook":
                    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": PROJECT}, "stringData": {SENDERS[type_].key: "x" * 32}}  # fmt: skip
                    await world.writer.create(secret, USER)
            config = Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT)
            if len(receivers) == 1:
                await world.writer.create(document, USER, field_validation=strict)
            else:
                await world.writer.update(document, USER, field_validation=strict)
            await world.settled()
            status = (await world.store.get(config)).document["status"]
            assert len(status["webhookReceivers"]) == len(receivers), status["conditions"]
    assert seen == set(TYPES) == set(SENDERS)


def test_the_table_names_the_key_of_every_type() -> None:
    """As the table of senders has it."""
    rows = dict(re.findall(r"^\| `(\w+)` \| `([\w-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert rows == {type_: sender.key for type_, sender in SENDERS.items()}
