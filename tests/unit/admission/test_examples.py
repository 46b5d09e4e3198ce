"""The manifests that users begin with warn of nothing, once all of a folder is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pipeline import USER
from tests.support.stores import opened
from towpath.admission import namespaces
from towpath.admission.writer import Writer
from towpath.clock import VirtualClock
from towpath.promotion.step_registry import StepRegistry
from towpath.resources import manifests
from towpath.resources.warehouse import SUBSCRIPTIONS

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_OF_ARGO_CD = ("Application", "AppProject")
"""Kinds that go where Argo CD lives."""
_ON_TOP_OF = {"argo-cd": "two-environments", "smoke-test-and-ticket": "two-environments"}
"""What takes the place of a part of another example."""
_FOLDERS = sorted({path.parent for path in _EXAMPLES.rglob("*.yaml")})


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: str(folder.relative_to(_EXAMPLES)))
async def test_examples_warn_of_nothing(tmp_path: Path, folder: Path) -> None:
    """Projects first, as `towpath apply` sends them; older forms are told, as they are meant to be."""
    found = {
        (each["kind"], each["metadata"]["name"]): each
        for place in (_EXAMPLES / _ON_TOP_OF.get(folder.name, folder.name), folder)
        for path in sorted(place.glob("*.yaml"))
        for each in (one.document for one in manifests.read(path.read_text("utf-8"), path.name))
    }
    documents = [each for (kind, _), each in found.items() if kind not in _OF_ARGO_CD]
    documents.sort(key=lambda document: document["kind"] != "Project")
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await namespaces.ensure_system(store, actor="controller:system")
        writer = Writer(
            store,
            clock=clock,
            known_steps=StepRegistry.installed().kinds,
            known_subscriptions=dict.fromkeys(SUBSCRIPTIONS),
        )
        written = [await writer.create(document, USER) for document in documents]
        said = [await writer.retold(each, USER) for each in written]
    assert [text for texts in said for text in texts if "older form" not in text] == []
