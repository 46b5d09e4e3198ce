"""Lists: selection, order, pages that show one moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, document, freight, ref
from towpath import errors
from towpath.resources import scheme
from towpath.store.contract import FieldTerm, Order, Page, Query, Requirement, Stored

if TYPE_CHECKING:
    from towpath.store.contract import Store

MAPS = Query(kind=scheme.CONFIG_MAP)
FREIGHTS = Query(kind=scheme.FREIGHT)


def names(page: Page) -> list[str]:
    """Return namespace/name of a page's items, in order."""
    return [f"{item.ref.namespace}/{item.ref.name}" for item in page.items]


async def test_a_list_is_ordered_by_namespace_then_name_in_bytes(store: Store) -> None:
    """Upper case comes before lower case, and `-` before letters."""
    for namespace, name in [("b", "a"), ("a", "b"), ("a", "a-z"), ("a", "aa"), ("a", "B")]:
        await store.create(config_map(name, namespace=namespace), actor=ACTOR)
    assert names(await store.list(MAPS)) == ["a/B", "a/a-z", "a/aa", "a/b", "b/a"]
    assert names(await store.list(Query(kind=scheme.CONFIG_MAP, namespace="b"))) == ["b/a"]


async def test_an_empty_list_has_a_revision(store: Store) -> None:
    """A watch can begin from it."""
    await store.create(freight("a"), actor=ACTOR)
    page = await store.list(MAPS)
    assert page.items == ()
    assert page.revision == 1
    assert page.cursor is None


LABELLED = {"a": {"x": "1"}, "b": {"x": "2", "y": "1"}, "c": {"y": "1"}, "d": {}}


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ([Requirement("x", "In", frozenset({"1"}))], "a"),
        ([Requirement("x", "In", frozenset({"1", "2"}))], "ab"),
        ([Requirement("x", "In", frozenset())], ""),
        ([Requirement("x", "NotIn", frozenset({"1"}))], "bcd"),
        ([Requirement("x", "Exists")], "ab"),
        ([Requirement("x", "DoesNotExist")], "cd"),
        ([Requirement("x", "Exists"), Requirement("y", "In", frozenset({"1"}))], "b"),
    ],
)
async def test_label_selectors_mean_what_they_mean_in_kubernetes(
    store: Store, requirements: list[Requirement], expected: str
) -> None:
    """NotIn matches what lacks the label."""
    for name, labels in LABELLED.items():
        await store.create(config_map(name, labels=labels), actor=ACTOR)
    query = Query(kind=scheme.CONFIG_MAP, labels=tuple(requirements))
    assert "".join(item.ref.name for item in (await store.list(query)).items) == expected
    assert await store.count(query) == len(expected)
    in_namespace = Query(kind=scheme.CONFIG_MAP, namespace="shop", labels=tuple(requirements))
    assert await store.count(in_namespace) == len(expected)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([FieldTerm("metadata.name", "b")], "b"),
        ([FieldTerm("metadata.name", "b", negated=True)], "acd"),
        ([FieldTerm("metadata.namespace", "shop")], "abcd"),
        ([FieldTerm("metadata.namespace", "shop", negated=True)], ""),
        ([FieldTerm("origin.name", "x")], "ab"),
        ([FieldTerm("origin.name", "x", negated=True)], "cd"),
        ([FieldTerm("alias", "")], "bcd"),
        ([FieldTerm("alias", "", negated=True)], "a"),
        ([FieldTerm("origin.name", "x"), FieldTerm("alias", "first")], "a"),
    ],
)
async def test_field_selectors_take_an_absent_field_as_empty(
    store: Store, terms: list[FieldTerm], expected: str
) -> None:
    """As in Kubernetes, a missing text and an empty one are the same."""
    await store.create(freight("a", "x", alias="first"), actor=ACTOR)
    await store.create(freight("b", "x"), actor=ACTOR)
    await store.create(freight("c", "y"), actor=ACTOR)
    await store.create(freight("d", "y", alias=""), actor=ACTOR)
    for namespace in (None, "shop"):
        query = Query(kind=scheme.FREIGHT, namespace=namespace, fields=tuple(terms))
        assert "".join(item.ref.name for item in (await store.list(query)).items) == expected


async def test_an_index_finds_every_item_of_a_list(store: Store) -> None:
    """A Stage is found by each of its origins, until it no longer asks for it."""
    spec = {"requestedFreight": [{"origin": {"name": name}} for name in ("a", "b", "a")]}
    await store.create(document(scheme.STAGE, "prod", spec=spec), actor=ACTOR)

    async def found(origin: str) -> int:
        term = FieldTerm("spec.requestedFreight[].origin.name", origin)
        return await store.count(Query(kind=scheme.STAGE, fields=(term,)))

    assert [await found(name) for name in "abc"] == [1, 1, 0]
    spec["requestedFreight"] = [{"origin": {"name": "c"}}]
    await store.update(document(scheme.STAGE, "prod", spec=spec), actor=ACTOR)
    assert [await found(name) for name in "abc"] == [0, 0, 1]


async def test_what_is_not_declared_is_refused(store: Store) -> None:
    """A field selector or order nobody declared is an error, not an empty list."""
    for call in (
        store.list(Query(kind=scheme.CONFIG_MAP, fields=(FieldTerm("data.v", "1"),))),
        store.list(MAPS, order=Order(path="data.v")),
        store.list(MAPS, limit=0),
        store.list(MAPS, cursor="nonsense"),
        store.list(MAPS, cursor="AAAA"),
    ):
        with pytest.raises(errors.BadRequest):
            await call
    with pytest.raises(errors.BadRequest):
        store.watch(Query(kind=scheme.CONFIG_MAP, fields=(FieldTerm("data.v", "1"),)))


async def test_order_by_a_field_either_way(store: Store) -> None:
    """Ties go by name, upwards in both directions; what lacks the field counts as smallest."""
    for name, found in [("a", "2"), ("b", "3"), ("c", "2"), ("d", None)]:
        more = {} if found is None else {"discoveredAt": found}
        await store.create(freight(name, **more), actor=ACTOR)
    up = await store.list(FREIGHTS, order=Order(path="discoveredAt"))
    down = await store.list(FREIGHTS, order=Order(path="discoveredAt", descending=True))
    assert "".join(item.ref.name for item in up.items) == "dacb"
    assert "".join(item.ref.name for item in down.items) == "bacd"


async def test_a_range_of_an_order(store: Store) -> None:
    """From the first value, up to but without the second; a value that has become another is at its new place."""
    for name, found in [("a", "2"), ("b", "3"), ("c", "2/x"), ("d", None), ("e", "20")]:
        more = {} if found is None else {"discoveredAt": found}
        await store.create(freight(name, **more), actor=ACTOR)
    await store.update(freight("e", discoveredAt="2/y"), actor=ACTOR)

    async def names(first: str, behind: str, *, descending: bool = False) -> str:
        order = Order(path="discoveredAt", descending=descending, between=(first, behind))
        page = await store.list(FREIGHTS, order=order)
        return "".join(item.ref.name for item in page.items)

    assert await names("2", "3") == "ace"
    assert await names("2/", "20", descending=True) == "ec"
    assert await names("3", "3") == ""
    assert await names("", "3") == "dace"


@pytest.mark.parametrize(
    "order",
    [
        None,
        Order(path="discoveredAt"),
        Order(path="discoveredAt", descending=True),
        Order(path="discoveredAt", between=("10", "6")),
        Order(path="discoveredAt", descending=True, between=("10", "6")),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_show_the_moment_of_the_first(
    store: Store, order: Order | None, limit: int
) -> None:
    """Whatever is written between pages, together they are the list as it was at the first."""
    for number in range(12):
        await store.create(freight(f"f{number:02}", discoveredAt=str(number * 5 % 12)), actor=ACTOR)
    expected = await store.list(FREIGHTS, order=order)
    items: list[Stored] = []
    cursor, turn = None, 0
    while True:
        page = await store.list(FREIGHTS, order=order, limit=limit, cursor=cursor)
        assert page.revision == expected.revision
        items += page.items
        if page.cursor is None:
            break
        cursor = page.cursor
        await store.create(freight(f"f{turn:02}x", discoveredAt="0"), actor=ACTOR)
        if turn < 6:  # the even ones go, the odd ones move to the other end
            await store.delete(ref(scheme.FREIGHT, f"f{turn * 2:02}"), actor=ACTOR)
            moved = freight(f"f{turn * 2 + 1:02}", discoveredAt=str(99 - turn))
            await store.update(moved, actor=ACTOR)
        turn += 1
    assert [(item.ref, item.raw) for item in items] == [
        (item.ref, item.raw) for item in expected.items
    ]


async def test_a_cursor_belongs_to_its_query(store: Store) -> None:
    """Using it with another query is an error: the answer would be nonsense."""
    for number in range(3):
        await store.create(config_map(f"c{number}"), actor=ACTOR)
    cursor = (await store.list(MAPS, limit=1)).cursor
    with pytest.raises(errors.BadRequest, match="cursor"):
        await store.list(Query(kind=scheme.CONFIG_MAP, namespace="shop"), cursor=cursor)


async def test_a_cursor_that_the_log_no_longer_reaches_is_expired(forgetful: Store) -> None:
    """The reader is told to begin anew."""
    for number in range(3):
        await forgetful.create(config_map(f"c{number}"), actor=ACTOR)
    cursor = (await forgetful.list(MAPS, limit=1)).cursor
    for number in range(40):
        await forgetful.update(config_map("c0", str(number)), actor=ACTOR)
    with pytest.raises(errors.Expired, match="anew"):
        await forgetful.list(MAPS, limit=1, cursor=cursor)


async def test_a_scan_is_the_list_as_of_its_revision(store: Store) -> None:
    """Writes while it is read do not show."""
    for number in range(700):
        await store.create(config_map(f"c{number:03}"), actor=ACTOR)
    scan = store.scan(MAPS)
    found = []
    async for batch in scan:
        found += [item.ref.name for item in batch]
        await store.delete(batch[-1].ref, actor=ACTOR)
        await store.create(config_map(f"z{len(found)}"), actor=ACTOR)
    assert found == [f"c{number:03}" for number in range(700)]
    assert scan.revision == 700


async def test_a_list_as_of_a_revision_shows_that_moment(store: Store) -> None:
    """Also its further pages, whatever was written since; one that is not there yet is waited for."""
    for name in "abc":
        await store.create(config_map(name), actor=ACTOR)
    before = await store.list(MAPS)
    await store.delete(before.items[0].ref, actor=ACTOR)
    await store.update(config_map("b", "changed"), actor=ACTOR)
    await store.create(config_map("d"), actor=ACTOR)
    again = await store.list(MAPS, as_of=before.revision)
    assert (again.items, again.revision) == (before.items, before.revision)
    first = await store.list(MAPS, as_of=before.revision, limit=2)
    rest = await store.list(MAPS, cursor=first.cursor, limit=2)
    assert first.items + rest.items == before.items
    coming = asyncio.create_task(store.list(MAPS, as_of=store.revision() + 1))
    await asyncio.sleep(0)
    await store.create(config_map("e"), actor=ACTOR)
    assert names(await coming) == ["shop/b", "shop/c", "shop/d", "shop/e"]


async def test_a_moment_that_the_log_no_longer_reaches_is_expired(forgetful: Store) -> None:
    """And a cursor says for itself which moment its list shows."""
    for number in range(40):
        await forgetful.create(config_map(f"c{number:02}"), actor=ACTOR)
    with pytest.raises(errors.Expired, match="anew"):
        await forgetful.list(MAPS, as_of=3)
    cursor = (await forgetful.list(MAPS, limit=1)).cursor
    with pytest.raises(errors.BadRequest, match="as_of"):
        await forgetful.list(MAPS, cursor=cursor, as_of=40)
