"""Deletion: finalizers, and what becomes of dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, document, owner, ref, take
from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import EventType, Propagation, Query

if TYPE_CHECKING:
    from towpath.clock import VirtualClock
    from towpath.store.contract import Store

MAPS = Query(kind=scheme.CONFIG_MAP)


async def names(store: Store) -> str:
    """Return the names of all ConfigMaps, in order, when the collector is done."""
    await store.collected()
    return "".join(item.ref.name for item in (await store.list(MAPS)).items)


async def test_an_object_without_finalizers_is_gone_at_once(store: Store) -> None:
    """Delete returns its last state, which has no deletionTimestamp."""
    made = await store.create(config_map("a"), actor=ACTOR)
    last = await store.delete(made.ref, actor=ACTOR)
    assert "deletionTimestamp" not in last.document["metadata"]
    assert last.revision == 2
    with pytest.raises(errors.NotFound):
        await store.get(made.ref)


async def test_a_finalizer_keeps_an_object_until_it_is_removed(
    store: Store, clock: VirtualClock
) -> None:
    """It is marked, stays readable, and goes with the last finalizer."""
    made = await store.create(config_map("a", finalizers=["x.io/a", "x.io/b"]), actor=ACTOR)
    marked = await store.delete(made.ref, actor=ACTOR)
    assert marked.document["metadata"]["deletionTimestamp"] == clock.now().strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    await clock.advance(60)
    again = await store.delete(made.ref, actor=ACTOR)
    assert again.revision == marked.revision
    half = await store.update(config_map("a", finalizers=["x.io/b"]), actor=ACTOR)
    assert (
        half.document["metadata"]["deletionTimestamp"]
        == marked.document["metadata"]["deletionTimestamp"]
    )
    await store.update(config_map("a"), actor=ACTOR)
    with pytest.raises(errors.NotFound):
        await store.get(made.ref)
    assert [entry.verb for entry in await store.log()] == ["create", "update", "update", "delete"]


async def test_an_object_on_its_way_out_takes_no_new_finalizer(store: Store) -> None:
    """Otherwise it could be kept for ever."""
    made = await store.create(config_map("a", finalizers=["x.io/a"]), actor=ACTOR)
    await store.delete(made.ref, actor=ACTOR)
    with pytest.raises(errors.Invalid, match="finalizers"):
        await store.update(config_map("a", finalizers=["x.io/a", "x.io/b"]), actor=ACTOR)


async def test_dependents_go_after_their_owner(store: Store) -> None:
    """All generations of them, and nothing else."""
    top = await store.create(config_map("a"), actor=ACTOR)
    middle = await store.create(config_map("b", owners=[owner(top)]), actor=ACTOR)
    await store.create(config_map("c", owners=[owner(middle)]), actor=ACTOR)
    await store.create(config_map("d"), actor=ACTOR)
    await store.delete(top.ref, actor=ACTOR)
    assert await names(store) == "d"
    verbs = [(entry.ref.name, entry.actor) for entry in await store.log() if entry.verb == "delete"]
    assert verbs[0] == ("a", ACTOR)
    assert [name for name, _ in verbs] == ["a", "b", "c"]
    assert all(actor != ACTOR for _, actor in verbs[1:])


async def test_a_dependent_stays_while_another_owner_lives(store: Store) -> None:
    """It loses the reference to the one that went."""
    first = await store.create(config_map("a"), actor=ACTOR)
    second = await store.create(config_map("b"), actor=ACTOR)
    await store.create(config_map("c", owners=[owner(first), owner(second)]), actor=ACTOR)
    await store.delete(first.ref, actor=ACTOR)
    assert await names(store) == "bc"
    left = (await store.get(ref(scheme.CONFIG_MAP, "c"))).document["metadata"]["ownerReferences"]
    assert [reference["name"] for reference in left] == ["b"]
    await store.delete(second.ref, actor=ACTOR)
    assert await names(store) == ""


async def test_orphaned_dependents_stay_without_the_reference(store: Store) -> None:
    """The owner goes once they are free of it."""
    top = await store.create(config_map("a"), actor=ACTOR)
    await store.create(config_map("b", owners=[owner(top)]), actor=ACTOR)
    await store.delete(top.ref, actor=ACTOR, propagation=Propagation.ORPHAN)
    assert await names(store) == "b"
    left = await store.get(ref(scheme.CONFIG_MAP, "b"))
    assert not left.document["metadata"].get("ownerReferences")


async def test_a_foreground_deletion_waits_for_blocking_dependents(store: Store) -> None:
    """The owner is seen terminating until they are gone; others do not hold it."""
    top = await store.create(config_map("a"), actor=ACTOR)
    blocking = config_map("b", owners=[owner(top, blocking=True)], finalizers=["x.io/a"])
    await store.create(blocking, actor=ACTOR)
    await store.create(config_map("c", owners=[owner(top)]), actor=ACTOR)
    marked = await store.delete(top.ref, actor=ACTOR, propagation=Propagation.FOREGROUND)
    assert "foregroundDeletion" in marked.document["metadata"]["finalizers"]
    assert await names(store) == "ab"
    await store.patch(
        ref(scheme.CONFIG_MAP, "b"),
        lambda found: {**found, "metadata": {**found["metadata"], "finalizers": []}},
        actor=ACTOR,
    )
    assert await names(store) == ""
    order = [entry.ref.name for entry in await store.log() if entry.verb == "delete"]
    assert order.index("b") < order.index("a")


async def test_the_last_dependent_that_goes_lets_its_owner_go(store: Store) -> None:
    """By itself: nobody has to ask the collector to look again."""
    top = await store.create(config_map("a"), actor=ACTOR)
    held = config_map("b", owners=[owner(top, blocking=True)], finalizers=["x.io/a"])
    last = await store.create(held, actor=ACTOR)
    await store.delete(top.ref, actor=ACTOR, propagation=Propagation.FOREGROUND)
    await store.collected()
    assert await names(store) == "ab"
    watch = store.watch(MAPS, since=store.revision())
    await store.patch(
        last.ref,
        lambda found: {**found, "metadata": {**found["metadata"], "finalizers": []}},
        actor=ACTOR,
    )
    events = await take(watch, 2)
    await watch.aclose()
    gone = [
        event.object.ref.name
        for event in events
        if event.type is EventType.DELETED and event.object is not None
    ]
    assert gone == ["b", "a"]


async def test_an_owner_that_never_was_counts_as_gone(store: Store) -> None:
    """Its dependents are collected, also if only name or namespace are wrong."""
    top = await store.create(config_map("a"), actor=ACTOR)
    absent = owner(top) | {"uid": "00000000-0000-0000-0000-000000000000"}
    await store.create(config_map("b", owners=[absent]), actor=ACTOR)
    await store.create(config_map("c", namespace="other", owners=[owner(top)]), actor=ACTOR)
    assert await names(store) == "a"


async def test_an_owner_of_a_kind_we_do_not_know_counts_as_there(store: Store) -> None:
    """We cannot tell that it is gone."""
    stranger = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x", "uid": "u"}
    await store.create(config_map("b", owners=[stranger]), actor=ACTOR)
    assert await names(store) == "b"


async def test_a_cluster_scoped_owner_may_own_in_any_namespace(store: Store) -> None:
    """A Project's objects go with it."""
    project = await store.create(document(scheme.PROJECT, "shop"), actor=ACTOR)
    await store.create(config_map("a", owners=[owner(project)]), actor=ACTOR)
    assert await names(store) == "a"
    await store.delete(project.ref, actor=ACTOR)
    assert await names(store) == ""


async def test_a_circle_of_owners_goes_together(store: Store) -> None:
    """Deleting one of them ends in all being gone, in foreground as well."""
    for propagation in (Propagation.BACKGROUND, Propagation.FOREGROUND):
        first = await store.create(config_map("a"), actor=ACTOR)
        second = await store.create(
            config_map("b", owners=[owner(first, blocking=True)]), actor=ACTOR
        )
        await store.update(config_map("a", owners=[owner(second, blocking=True)]), actor=ACTOR)
        await store.delete(first.ref, actor=ACTOR, propagation=propagation)
        assert await names(store) == ""


async def test_a_dependent_added_late_is_collected_too(store: Store) -> None:
    """An owner reference to what was just deleted does not keep the object."""
    top = await store.create(config_map("a"), actor=ACTOR)
    await store.delete(top.ref, actor=ACTOR)
    await store.create(config_map("b", owners=[owner(top)]), actor=ACTOR)
    assert await names(store) == ""


async def test_many_dependents_are_collected(store: Store) -> None:
    """More than the collector takes at a time."""
    top = await store.create(config_map("a"), actor=ACTOR)
    for number in range(350):
        await store.create(config_map(f"d{number}", owners=[owner(top)]), actor=ACTOR)
    await store.delete(top.ref, actor=ACTOR)
    assert await names(store) == ""


async def test_deleting_names_what_it_means(store: Store) -> None:
    """A Ref of a cluster-scoped kind has no namespace."""
    project = await store.create(document(scheme.PROJECT, "shop"), actor=ACTOR)
    assert project.ref == Ref(scheme.PROJECT, "", "shop")
