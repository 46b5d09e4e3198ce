"""Taking over what another instance had: whole or not at all, as it was there, with a history that is older than what is here."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import stores
from towpath.errors import AlreadyExists, Conflict
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.adoption import Adoption
from towpath.store.contract import Query
from towpath.store.history import HistorySelection, Occupancy
from towpath.store.history.changes import FreightArrived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.store.contract import Store

ACTOR = "admin"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def freight(name: str, uid: str = "", namespace: str = "moved") -> dict[str, Any]:
    """Return Freight as another instance had it."""
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": uid or f"uid-{name}",
        "creationTimestamp": "2020-01-01T00:00:00Z",
        "generation": 7,
        "resourceVersion": "99",
    }
    status = {"approvedFor": {"prod": {"approvedAt": "2020-01-01T00:00:00Z"}}}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": metadata,
        "alias": f"alias-{name}",
        "status": status,
    }


def stays(*names: str, project: str = "moved") -> list[Occupancy]:
    """Return that these were in a Stage, a day each, the newest first and there still."""
    found = []
    for number, name in enumerate(names):
        record = FreightArrived(
            stage_uid=f"{project}-stage",
            project=project,
            stage="prod",
            origin="Warehouse/main",
            freight=name,
            reference="{}",
            promotion="",
        )
        began = LONG_AGO + timedelta(days=number)
        ended = None if number == len(names) - 1 else began + timedelta(days=1)
        found.append(Occupancy(record, began, ended))
    return found[::-1]


def adoption(documents: list[dict[str, Any]], past: list[Occupancy] | None = None) -> Adoption:
    """Return what is to be taken over."""
    records = past or []
    return Adoption(lambda: documents, lambda: records, len(records))


async def test_objects_are_as_they_were(store: Store) -> None:
    """uid, times, generation and status stay, and no history is made of them."""
    done = await store.adopt(adoption([freight("a"), freight("b")]), actor=ACTOR)
    assert (done.objects, done.past) == (2, 0)
    found = (await store.get(Ref(scheme.FREIGHT, "moved", "a"))).document
    assert found["metadata"].pop("resourceVersion") == "1"
    wanted = freight("a")
    del wanted["metadata"]["resourceVersion"]
    assert found == wanted
    assert (await store.history.approvals(HistorySelection())).items == ()
    assert [entry.verb for entry in await store.log()] == ["create", "create"]


async def test_it_is_whole_or_nothing(store: Store) -> None:
    """A name or uid that is taken, or an error in the midst of it, leaves nothing, and later writes go on."""
    await store.adopt(adoption([freight("there", "uid-there")]), actor=ACTOR)
    with pytest.raises(AlreadyExists):
        await store.adopt(adoption([freight("a"), freight("there", "uid-x")]), actor=ACTOR)
    with pytest.raises(Conflict, match="another object here has its uid uid-there"):
        await store.adopt(adoption([freight("a"), freight("b", "uid-there")]), actor=ACTOR)

    def breaking() -> Iterator[dict[str, Any]]:
        yield freight("a")
        raise OSError(5, "the disk does not answer")

    with pytest.raises(OSError, match="does not answer"):
        await store.adopt(Adoption(breaking, list, 0), actor=ACTOR)
    page = await store.list(Query(kind=scheme.FREIGHT))
    assert [item.ref.name for item in page.items] == ["there"]
    assert store.revision() == 1
    await store.adopt(adoption([freight("a")]), actor=ACTOR)


async def test_others_get_on_while_it_is_taken_over(store: Store) -> None:
    """They read, and see nothing of it; what they write comes behind it, and is acknowledged all the same."""
    documents = [freight(f"f{number}") for number in range(1_500)]
    taking = asyncio.create_task(store.adopt(adoption(documents), actor=ACTOR))
    seen: list[int] = []
    while (long := store.long_write()) is None:
        await asyncio.sleep(0)
    writing = asyncio.create_task(store.create(stores.freight("own"), actor=ACTOR))
    while (long := store.long_write()) is not None:
        seen.append(long.objects)
        assert long.seconds >= 0
        if not taking.done() and long.objects < len(documents):
            assert await store.count(Query(kind=scheme.FREIGHT)) == 0
        await asyncio.sleep(0)
    assert (await taking).objects == len(documents)
    assert (await writing).revision == len(documents) + 1
    assert len({each for each in seen if 0 < each < len(documents)}) > 1
    assert await store.count(Query(kind=scheme.FREIGHT)) == len(documents) + 1


async def test_an_older_past_falls_in_with_what_is_here(store: Store) -> None:
    """Lists and moments go by time, whatever was written first; taken over again, it takes its own place."""
    await store.adopt(adoption([], stays("x1", "x2", project="here")), actor=ACTOR)
    later = stays("m1", "m2", "m3")
    for _ in range(2):
        await store.adopt(adoption([], later), actor=ACTOR)
    history, every = store.history, HistorySelection()
    first = await history.occupancies(every, limit=2)
    rest = await history.occupancies(every, cursor=first.cursor)
    found = [each.record.freight for each in (*first.items, *rest.items)]
    assert found == ["m3", "m2", "x2", "m1", "x1"], (
        "what was taken in later comes first, where times are the same"
    )
    since = HistorySelection(since=LONG_AGO + timedelta(days=2))
    assert [each.record.freight for each in (await history.occupancies(since)).items] == ["m3"]
    [then] = await history.in_stage("moved", "prod", LONG_AGO + timedelta(hours=30))
    assert then.record.freight == "m2"
