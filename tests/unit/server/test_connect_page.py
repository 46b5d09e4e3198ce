"""The page "Connect Argo CD": what it says to write is read, and comes to the connections that it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.support.argocd_fake import FakeArgoCD
from tests.support.pipeline import running
from towpath.app.settings import operator
from towpath.argocd.definition import ByKubernetes, ByRest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "connect-argo-cd.md"


def blocks() -> list[list[dict[str, Any]]]:
    """Return the documents of each block of YAML."""
    text = PAGE.read_text()
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [
        list(yaml.safe_load_all(re.sub(f"^{lead}", "", body, flags=re.MULTILINE)))
        for lead, body in found
    ]


def test_what_goes_into_the_configuration_is_taken(tmp_path: Path) -> None:
    """But for files that are the reader's own."""
    found = [block[0] for block in blocks() if "argocd" in block[0]]
    assert len(found) == 2
    definitions = {}
    for number, block in enumerate(found):
        for connection in block["argocd"]["connections"].values():
            connection.get("rest", {}).pop("caFile", None)
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(block))
        for each in operator.read(file).argocd.definitions():
            definitions[each.name] = each
    assert {name: each.kind for name, each in definitions.items()} == {
        "prod": "kubernetes",
        "eu": "rest",
    }
    assert definitions["eu"].serves("team-a")


async def test_what_is_applied_becomes_connections(tmp_path: Path) -> None:
    """Secret and connection, as they stand there."""
    async with running(tmp_path) as world:
        for name in ("prod", "eu"):
            world.opener.there[name] = FakeArgoCD()
        for block in blocks():
            if block[0].get("kind"):
                await world.apply(*block)
        await world.settled()
        prod, eu = (world.argocd.get(name).definition for name in ("prod", "eu"))
        assert isinstance(prod.access, ByKubernetes)
        assert prod.access.namespaces == ("argocd",)
        assert isinstance(eu.access, ByRest)
        assert eu.access.server.server == "https://argocd.example.com"
