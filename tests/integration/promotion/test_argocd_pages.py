"""The page of argocd-update: what it says is sent of an Application is what the step sends."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.support.step_pages import blocks
from towpath.testing.argocd import Bench


async def test_what_is_sent() -> None:
    """Block by block: an Application, the steps, the patch."""
    application: Any = None
    changed: Any = None
    compared = 0
    for line, language, text in blocks("argocd-update.md"):
        if line == "The Application before:":
            application = yaml.safe_load(text)
        elif line == "What is sent:":
            assert changed == yaml.safe_load(text)
            compared += 1
        elif application is not None and language == "yaml" and text.startswith("- uses:"):
            [step] = yaml.safe_load(text)
            question = {
                "project": "shop",
                "stage": "test",
                "promotion": "test.01jzzzzzzzzzzzzzzzzzzzzzzz.abcdef0",
                "actor": "admin",
                "config": step["config"],
                "applications": [application],
            }
            asked = json.dumps({"op": "argocd_update", "in": question})
            answer = json.loads(await Bench(explains=True).answer(asked))
            [changed] = answer["value"]["changed"].values()
            assert answer["value"]["why"]
    assert compared == 1
