"""Writing what is there already is no write, also where only the store can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, project_document, running
from towpath.errors import Conflict
from towpath.resources import scheme
from towpath.resources.kinds import Ref

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


async def test_a_blank_field_of_metadata_says_nothing(tmp_path: Path) -> None:
    """No labels, `{}` and what an older version stored of them are the same, whichever of them is written over which."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        blank: dict[str, Any] = {"labels": {}, "annotations": {}}
        given = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}
        named = {"name": "c", "namespace": PROJECT}
        await world.writer.create({**given, "metadata": named}, USER)
        added = await world.writer.update({**given, "metadata": {**named, **blank}}, USER)
        older = await world.get(scheme.CONFIG_MAP, "c")
        older["metadata"] |= blank
        await world.store.update(older, actor="older")
        left_out = await world.writer.update({**given, "metadata": named}, USER)
        dry = await world.writer.update({**given, "metadata": named}, USER, dry_run=True)
    assert [each.unchanged for each in (added, left_out, dry)] == [True, True, True]


async def test_what_a_change_is_given_is_its_own(tmp_path: Path) -> None:
    """It may do to it what it likes: what was stored is compared all the same, and who made the object stays."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        annotations = {"kargo.akuity.io/create-actor": "email:first@example.com", "a": "b"}
        document = _secret("one") | {"kind": "ConfigMap", "data": {"a": "b"}}
        del document["stringData"]
        document["metadata"] |= {"annotations": annotations}
        await world.writer.create(document, USER)

        def emptied(given: dict[str, Any]) -> dict[str, Any]:
            given["data"].clear()
            given["metadata"]["annotations"].clear()
            return given

        ref = Ref(scheme.CONFIG_MAP, PROJECT, "git")
        changed = await world.writer.change(ref, emptied, USER, manager="test")
        again = await world.writer.change(ref, emptied, USER, manager="test")
    assert (changed.unchanged, again.unchanged) == (False, True)
    assert not changed.stored.document.get("data")
    assert changed.stored.document["metadata"]["annotations"] == {
        "kargo.akuity.io/create-actor": "email:first@example.com"
    }
