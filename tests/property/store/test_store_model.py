"""The store beside a simple model, under random writes, watches that come and go, and pages across writes."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.invariants import violations
from tests.support.stores import ACTOR, document, opened
from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref
from towpath.store.contract import (
    EventType,
    FieldTerm,
    Order,
    Query,
    Requirement,
    Stored,
    WatchEvent,
)

if TYPE_CHECKING:
    from towpath.store.contract import Store, Watch

KINDS = (scheme.FREIGHT, scheme.CONFIG_MAP)
QUERIES = (
    Query(kind=scheme.FREIGHT),
    Query(kind=scheme.FREIGHT, namespace="a"),
    Query(kind=scheme.FREIGHT, labels=(Requirement("l", "In", frozenset({"1"})),)),
    Query(kind=scheme.FREIGHT, labels=(Requirement("l", "NotIn", frozenset({"1"})),)),
    Query(kind=scheme.FREIGHT, fields=(FieldTerm("origin.name", "x"),)),
    Query(kind=scheme.FREIGHT, namespace="b", fields=(FieldTerm("alias", "", negated=True),)),
    Query(kind=scheme.CONFIG_MAP),
)
ORDERS = (None, Order(path="alias"), Order(path="alias", descending=True))

places = st.tuples(st.sampled_from(KINDS), st.sampled_from("ab"), st.sampled_from("xyz"))
contents = st.fixed_dictionaries(
    {},
    optional={
        "labels": st.dictionaries(st.just("l"), st.sampled_from("12"), max_size=1),
        "alias": st.sampled_from(["", "p", "q"]),
        "origin": st.fixed_dictionaries(
            {"kind": st.just("Warehouse"), "name": st.sampled_from("xy")}
        ),
        "status": st.fixed_dictionaries({"n": st.integers(0, 2)}),
        "n": st.integers(0, 2),
    },
)
actions = st.one_of(
    st.tuples(st.sampled_from(["create", "update", "update_status"]), places, contents),
    st.tuples(st.just("delete"), places, st.none()),
    st.tuples(st.just("watch"), st.sampled_from(QUERIES), st.integers(0, 30)),
    st.tuples(st.just("read"), st.integers(0, 5), st.integers(1, 6)),
    st.tuples(st.just("resume"), st.integers(0, 5), st.none()),
    st.tuples(
        st.just("page"),
        st.tuples(st.sampled_from(QUERIES), st.sampled_from(ORDERS)),
        st.integers(1, 3),
    ),
)


@dataclass
class Model:
    """What the store should hold: every state of every object, by revision."""

    objects: dict[Ref, Stored] = field(default_factory=dict)
    past: list[dict[Ref, Stored]] = field(default_factory=lambda: [{}])

    def wrote(self, stored: Stored, *, gone: bool = False) -> None:
        """Note a write that changed something."""
        assert stored.revision == len(self.past)
        self.objects = dict(self.objects)
        if gone:
            del self.objects[stored.ref]
        else:
            self.objects[stored.ref] = stored
        self.past.append(self.objects)

    def listed(self, query: Query, order: Order | None, revision: int) -> list[tuple[Ref, int]]:
        """Return the list as of a revision."""
        found = [item for item in self.past[revision].values() if _matches(query, item)]
        found.sort(key=lambda item: (item.ref.namespace.encode(), item.ref.name.encode()))
        if order is not None:
            found.sort(
                key=lambda item: item.document.get(order.path, "").encode(),
                reverse=order.descending,
            )
        return [(item.ref, item.revision) for item in found]

    def events(self, query: Query, since: int) -> list[tuple[str, int, Ref]]:
        """Return what a watch since a revision tells."""
        told = []
        for revision in range(since + 1, len(self.past)):
            before, after = self.past[revision - 1], self.past[revision]
            for ref in sorted({*before, *after}, key=str):
                if before.get(ref) is after.get(ref):
                    continue
                was = ref in before and _matches(query, before[ref])
                is_ = ref in after and _matches(query, after[ref])
                kind = {(False, True): "ADDED", (True, True): "MODIFIED", (True, False): "DELETED"}
                if (was, is_) in kind:
                    told.append((kind[was, is_], revision, ref))
        return told


@dataclass
class Following:
    """A watch and what it has told."""

    query: Query
    since: int
    watch: Watch
    told: list[tuple[str, int, Ref]] = field(default_factory=list)

    def take(self, event: WatchEvent) -> None:
        """Note an event."""
        if event.object is not None:
            self.told.append((event.type.value, event.revision, event.object.ref))


def _matches(query: Query, item: Stored) -> bool:
    found = item.document
    if item.ref.kind is not query.kind or query.namespace not in (None, item.ref.namespace):
        return False
    labels = found["metadata"].get("labels", {})
    if not all(term.matches(labels) for term in query.labels):
        return False
    values = {
        "origin.name": found.get("origin", {}).get("name", ""),
        "alias": found.get("alias", ""),
    }
    return all((values[term.path] == term.value) != term.negated for term in query.fields)


def _document(kind: Kind, namespace: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
    return document(kind, name, namespace, **content)


async def _write(
    store: Store, model: Model, verb: str, place: tuple[Kind, str, str], content: Any
) -> None:
    kind, namespace, name = place
    ref = Ref(kind, namespace, name)
    before = model.objects.get(ref)
    try:
        if verb == "delete":
            model.wrote(await store.delete(ref, actor=ACTOR), gone=True)
            return
        wanted = _document(kind, namespace, name, content)
        call = {
            "create": store.create,
            "update": store.update,
            "update_status": store.update_status,
        }[verb]
        done = await call(wanted, actor=ACTOR)
    except errors.AlreadyExists:
        assert verb == "create"
        assert before is not None
    except errors.NotFound:
        assert verb != "create"
        assert before is None
    except errors.BadRequest:
        assert verb == "update_status"
        assert not kind.status
    else:
        if before is not None and done.revision == before.revision:
            assert done.raw == before.raw
        else:
            model.wrote(done)


async def _page(store: Store, model: Model, query: Query, order: Order | None, limit: int) -> None:
    """Read a whole list page by page, with writes between the pages."""
    if order is not None and query.kind is scheme.CONFIG_MAP:
        order = None
    found: list[tuple[Ref, int]] = []
    page = await store.list(query, order=order, limit=limit)
    revision = page.revision
    assert revision == len(model.past) - 1
    for turn in range(100):
        found += [(item.ref, item.revision) for item in page.items]
        assert len(page.items) <= limit
        assert page.revision == revision
        if page.cursor is None:
            break
        place = (KINDS[0], "ab"[turn % 2], "xyz"[turn % 3])
        await _write(
            store, model, ("update", "delete", "create")[turn % 3], place, {"alias": str(turn)}
        )
        page = await store.list(query, order=order, limit=limit, cursor=page.cursor)
    assert found == model.listed(query, order, revision)


async def _act(
    store: Store, model: Model, follows: list[Following], action: tuple[Any, Any, Any]
) -> None:
    verb, first, second = action
    match verb:
        case "watch":
            since = min(second, len(model.past) - 1)
            follows.append(Following(first, since, store.watch(first, since=since)))
        case "read" if follows:
            follow = follows[first % len(follows)]
            left = len(model.events(follow.query, follow.since)) - len(follow.told)
            for _ in range(min(left, second)):
                follow.take(await asyncio.wait_for(anext(aiter(follow.watch)), 10))
        case "resume" if follows:
            follow = follows[first % len(follows)]
            await follow.watch.aclose()
            last = follow.told[-1][1] if follow.told else follow.since
            follow.watch = store.watch(follow.query, since=last)
        case "page":
            query, order = first
            await _page(store, model, query, order, second)
        case "create" | "update" | "update_status" | "delete":
            await _write(store, model, verb, first, second)


async def _run(script: list[tuple[Any, Any, Any]], folder: Path) -> None:
    model, follows = Model(), list[Following]()
    async with opened(folder) as store:
        for action in script:
            await _act(store, model, follows, action)
        assert store.revision() == len(model.past) - 1
        for follow in follows:
            expected = model.events(follow.query, follow.since)
            while len(follow.told) < len(expected):
                follow.take(await asyncio.wait_for(anext(aiter(follow.watch)), 10))
            assert follow.told == expected
        for query in QUERIES:
            everything = model.listed(query, None, len(model.past) - 1)
            page = await store.list(query)
            assert [(item.ref, item.revision) for item in page.items] == everything
            assert await store.count(query) == len(everything)
            initial = store.watch(query)
            for ref, revision in everything:
                event = await anext(aiter(initial))
                assert event.object is not None
                assert (event.type, event.revision, event.object.ref) == (
                    EventType.ADDED,
                    revision,
                    ref,
                )
    assert violations(folder / "data" / "towpath.db") == []


@settings(max_examples=examples(200))
@given(st.lists(actions, max_size=40))
def test_the_store_does_what_the_model_does(script: list[tuple[Any, Any, Any]]) -> None:
    """Any script of writes, watches and pages ends with the same objects, events and lists."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(script, Path(folder)))


@pytest.mark.soak
@settings(max_examples=3_000)
@given(st.lists(actions, max_size=120))
def test_the_store_does_what_the_model_does_for_long(script: list[tuple[Any, Any, Any]]) -> None:
    """The same with long scripts, many times."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(script, Path(folder)))
