"""Writing what is there already is no write, also where only the store can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, project_document, running
from towpath.errors import Conflict
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path


def _secret(value: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "git", "namespace": PROJECT},
        "stringData": {"password": value},
    }


async def test_a_secret_of_the_same_values_is_unchanged(tmp_path: Path) -> None:
    """Its values are sealed, and told apart all the same."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.writer.create(_secret("one"), USER)
        same = await world.writer.update(_secret("one"), USER)
        other = await world.writer.update(_secret("two"), USER)
        again = await world.writer.update(_secret("two"), USER)
    assert [each.unchanged for each in (same, other, again)] == [True, False, True]
    assert again.stored.revision == other.stored.revision > same.stored.revision


async def test_a_revision_that_was_replaced_is_a_conflict_also_where_nothing_differs(
    tmp_path: Path,
) -> None:
    """Who names a revision wants to know that it is still the newest."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.writer.create(_secret("one"), USER)
        first = (await world.get(scheme.SECRET, "git"))["metadata"]["resourceVersion"]
        await world.writer.update(_secret("two"), USER)
        same = _secret("two")
        same["metadata"]["resourceVersion"] = first
        with pytest.raises(Conflict):
            await world.writer.update(same, USER)
