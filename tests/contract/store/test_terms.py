"""What search finds objects by: all that was acknowledged, in order, and nothing that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import ACTOR, document, freight, ref
from towpath import errors
from towpath.resources import scheme

if TYPE_CHECKING:
    from towpath.store.contract import Store

ALL = ("", "\U0010ffff")


async def found(store: Store, between: tuple[str, str] = ALL, **more: Any) -> list[tuple[str, ...]]:
    """Return term, namespace and name of Freight."""
    given = {"limit": 100, **more}
    hits = await store.terms(scheme.FREIGHT, between, **given)
    return [(each.value, each.namespace, each.name) for each in hits]


async def test_what_was_written_is_found_at_once(store: Store) -> None:
    """Created, changed in what it is found by, deleted, and made again."""
    made = await store.create(freight("f1", alias="calm-otter"), actor=ACTOR)
    assert await found(store) == [("calm-otter", "shop", "f1"), ("f1", "shop", "f1")]
    await store.update({**made.document, "alias": "keen-heron"}, actor=ACTOR)
    assert await found(store) == [("f1", "shop", "f1"), ("keen-heron", "shop", "f1")]
    await store.delete(ref(scheme.FREIGHT, "f1"), actor=ACTOR)
    assert await found(store) == []
    await store.create(freight("f1", alias="calm-otter"), actor=ACTOR)
    assert ("calm-otter", "shop", "f1") in await found(store)


async def test_terms_come_in_order_and_within_their_bounds(store: Store) -> None:
    """By value, then namespace, then name; the first are those that a limit leaves."""
    for namespace, name in (("b", "f2"), ("a", "f3"), ("a", "f1")):
        await store.create(freight(name, namespace=namespace, alias=f"same-{name}"), actor=ACTOR)
    await store.create(freight("f0", namespace="b", alias="other"), actor=ACTOR)
    assert await found(store, ("same", "same-f3")) == [
        ("same-f1", "a", "f1"),
        ("same-f2", "b", "f2"),
    ]
    assert await found(store, namespace="b") == [
        ("f0", "b", "f0"), ("f2", "b", "f2"), ("other", "b", "f0"), ("same-f2", "b", "f2"),
    ]  # fmt: skip
    assert await found(store, limit=2) == (await found(store))[:2]


async def test_what_was_refused_or_tried_is_not_found(store: Store) -> None:
    """A dry run, and a write that came to nothing beside one that did."""
    await store.create(freight("f1", alias="one"), actor=ACTOR, dry_run=True)
    await store.create(freight("f2", alias="two"), actor=ACTOR)
    with pytest.raises(errors.Conflict):
        await store.create(freight("f3", alias="two"), actor=ACTOR)
    assert [name for *_, name in await found(store)] == ["f2", "f2"]


async def test_kinds_are_apart_and_those_that_nobody_looks_for_have_none(store: Store) -> None:
    """A Stage is no Freight."""
    await store.create(document(scheme.STAGE, "web-prod"), actor=ACTOR)
    await store.create(document(scheme.WAREHOUSE, "web-main"), actor=ACTOR)
    assert await found(store) == []
    stages = await store.terms(scheme.STAGE, ALL, limit=9)
    assert [each.value for each in stages] == ["prod", "web-prod"]
    assert await store.terms(scheme.WAREHOUSE, ALL, limit=9) == []
