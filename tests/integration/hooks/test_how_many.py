"""How many hooks and routers a Project may have: each is looked at for everything that happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, running
from tests.support.stores import document
from towpath.admission import quotas
from towpath.errors import Forbidden
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.kinds import Kind

HOOK: dict[str, Any] = {
    "stageSelector": {"name": "dev"},
    "events": ["promotion-succeeded"],
    "steps": [{"uses": "work"}],
}
ROUTER: dict[str, Any] = {"channels": [{"kind": "MessageChannel", "name": "news"}]}


@pytest.mark.parametrize(
    ("kind", "spec"), [(scheme.STAGE_HOOK, HOOK), (scheme.EVENT_ROUTER, ROUTER)]
)
async def test_a_project_has_no_more_than_it_may(
    kind: Kind, spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are there can be changed, and another Project has its own."""
    monkeypatch.setattr(quotas, "MOST", 2)
    async with running(tmp_path) as world:
        for project in (PROJECT, "bank"):
            await world.store.create(document(scheme.NAMESPACE, project), actor="test")
        for name in ("a", "b"):
            await world.writer.create(document(kind, name, spec=spec), USER)
        with pytest.raises(Forbidden, match=f"at most 2 {kind.name}s.*delete one"):
            await world.writer.create(document(kind, "c", spec=spec), USER)
        await world.writer.update(document(kind, "a", spec=spec, labels={"a": "b"}), USER)
        await world.writer.create(document(kind, "c", "bank", spec=spec), USER)
