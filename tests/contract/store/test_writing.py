"""What writes do to an object, and what they refuse."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import ACTOR, config_map, document, freight, ref
from towpath import errors
from towpath.resources import scheme, sizes
from towpath.store.contract import FieldTerm, Query, Requirement, WritePreconditions
from towpath.store.touched import NameRange, Touched, Untouched

if TYPE_CHECKING:
    from towpath.clock import VirtualClock
    from towpath.store.contract import Store


async def test_a_created_object_gets_its_system_fields(store: Store, clock: VirtualClock) -> None:
    """uid, resourceVersion, creationTimestamp and generation are the store's to set."""
    wanted = document(scheme.STAGE, "prod", spec={"a": 1})
    wanted["metadata"] |= {
        "uid": "mine",
        "generation": 7,
        "creationTimestamp": "1999-01-01T00:00:00Z",
    }
    made = (await store.create(wanted, actor=ACTOR)).document["metadata"]
    assert made["resourceVersion"] == "1"
    assert made["generation"] == 1
    assert made["creationTimestamp"] == clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(made["uid"]) == 36
    assert made["uid"] != "mine"


async def test_create_drops_status_where_it_is_a_subresource(store: Store) -> None:
    """Only update_status writes status of a kind that has the subresource."""
    made = await store.create(document(scheme.STAGE, "prod", spec={}, status={"x": 1}), actor=ACTOR)
    assert "status" not in made.document


async def test_a_name_is_made_from_generate_name(store: Store) -> None:
    """Two objects with one generateName have different names that begin with it."""
    wanted = config_map("x")
    del wanted["metadata"]["name"]
    wanted["metadata"]["generateName"] = "run-"
    first, second = [await store.create(wanted, actor=ACTOR) for _ in range(2)]
    assert first.ref.name != second.ref.name
    assert first.ref.name.startswith("run-")
    assert len(first.ref.name) == len("run-") + 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "Nothing"}, "no kind"),
        ({"apiVersion": "v9"}, "no kind"),
        ({"metadata": {"namespace": "shop"}}, "name"),
        ({"metadata": {"name": "a"}}, "namespace"),
        (
            {"metadata": {"name": "a", "namespace": "shop", "resourceVersion": "4"}},
            "resourceVersion",
        ),
    ],
)
async def test_create_refuses_what_cannot_be_an_object(
    store: Store, change: dict[str, Any], words: str
) -> None:
    """The error says what is missing or wrong, and nothing is written."""
    with pytest.raises(errors.BadRequest, match=words):
        await store.create(config_map("a") | change, actor=ACTOR)
    assert store.revision() == 0


async def test_create_refuses_a_name_that_is_taken(store: Store) -> None:
    """The first object stays as it is."""
    made = await store.create(config_map("a", "1"), actor=ACTOR)
    with pytest.raises(errors.AlreadyExists, match="already exists"):
        await store.create(config_map("a", "2"), actor=ACTOR)
    assert (await store.get(made.ref)).document["data"] == {"v": "1"}


async def test_kinds_and_namespaces_do_not_share_names(store: Store) -> None:
    """The same name exists once per kind and namespace."""
    await store.create(config_map("a"), actor=ACTOR)
    await store.create(config_map("a", namespace="other"), actor=ACTOR)
    await store.create(freight("a"), actor=ACTOR)
    assert (await store.get(ref(scheme.CONFIG_MAP, "a"))).ref.kind is scheme.CONFIG_MAP
    assert (await store.get(ref(scheme.FREIGHT, "a"))).ref.kind is scheme.FREIGHT


async def test_an_update_replaces_all_but_status_and_system_fields(store: Store) -> None:
    """What the document does not hold any more is gone; status and identity stay."""
    made = await store.create(
        document(scheme.STAGE, "prod", spec={"a": 1}, labels={"x": "1"}), actor=ACTOR
    )
    await store.update_status(made.document | {"status": {"health": "fine"}}, actor=ACTOR)
    wanted = document(scheme.STAGE, "prod", spec={"b": 2}, status={"health": "bad"})
    changed = (await store.update(wanted, actor=ACTOR)).document
    assert changed["spec"] == {"b": 2}
    assert changed["status"] == {"health": "fine"}
    assert "labels" not in changed["metadata"]
    assert changed["metadata"]["uid"] == made.uid
    assert changed["metadata"]["generation"] == 2


async def test_a_status_update_leaves_everything_else(store: Store) -> None:
    """Spec and labels of the document do not count, and generation stays."""
    made = await store.create(document(scheme.STAGE, "prod", spec={"a": 1}), actor=ACTOR)
    wanted = made.document | {"spec": {"a": 2}, "status": {"s": 1}}
    changed = (await store.update_status(wanted, actor=ACTOR)).document
    assert changed["spec"] == {"a": 1}
    assert changed["status"] == {"s": 1}
    assert changed["metadata"]["generation"] == 1
    with pytest.raises(errors.BadRequest, match="no status subresource"):
        await store.update_status(config_map("a"), actor=ACTOR)


async def test_generation_counts_changes_of_what_is_wanted_only(store: Store) -> None:
    """A label or annotation is no change of what is wanted."""
    made = await store.create(document(scheme.STAGE, "prod", spec={"a": 1}), actor=ACTOR)
    relabelled = made.document
    relabelled["metadata"]["labels"] = {"x": "y"}
    changed = await store.update(relabelled, actor=ACTOR)
    assert changed.revision == made.revision + 1
    assert changed.document["metadata"]["generation"] == 1


async def test_a_write_that_changes_nothing_is_no_write(store: Store) -> None:
    """It takes no revision and leaves no log entry."""
    made = await store.create(config_map("a", "1"), actor=ACTOR)
    again = await store.update(config_map("a", "1"), actor=ACTOR)
    patched = await store.patch(made.ref, lambda found: found, actor=ACTOR)
    assert again.raw == patched.raw == made.raw
    assert store.revision() == made.revision
    assert len(await store.log()) == 1


async def test_numbers_that_are_equal_but_of_another_type_are_a_change(store: Store) -> None:
    """1 and 1.0 and true are different values in JSON."""
    made = await store.create(document(scheme.CONFIG_MAP, "a", x=1), actor=ACTOR)
    second = await store.update(document(scheme.CONFIG_MAP, "a", x=1.0), actor=ACTOR)
    third = await store.update(document(scheme.CONFIG_MAP, "a", x=True), actor=ACTOR)
    assert [made.revision, second.revision, third.revision] == [1, 2, 3]
    assert second.document["x"].__class__ is float


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        1 << 62,
        -0.0,
        1e21,
        0.1,
        1.5e-300,
        "",
        "\u0000",
        "é\U0001f6a2",
        [],
        {},
        [[{}]],
        None,
        False,
    ],
)
async def test_values_come_back_as_they_were_written(store: Store, value: Any) -> None:
    """An int stays an int, a float a float, and text keeps every character."""
    made = await store.create(document(scheme.CONFIG_MAP, "a", x={"y": value}), actor=ACTOR)
    found = (await store.get(made.ref)).document["x"]["y"]
    assert repr(found) == repr(value)


async def test_large_documents_are_kept(store: Store) -> None:
    """Just below a mebibyte is no problem."""
    made = await store.create(config_map("a", "x" * ((1 << 20) - 1000)), actor=ACTOR)
    assert len((await store.get(made.ref)).document["data"]["v"]) == (1 << 20) - 1000


async def test_text_that_is_no_unicode_is_refused(store: Store) -> None:
    """A lone surrogate cannot be written as JSON; the store goes on."""
    with pytest.raises(errors.BadRequest, match="JSON"):
        await store.create(config_map("a", "\ud800"), actor=ACTOR)
    await store.create(config_map("a", "fine"), actor=ACTOR)


async def test_an_update_with_a_revision_replaces_only_that_revision(store: Store) -> None:
    """Whoever read an older state is told to read again."""
    made = await store.create(config_map("a", "1"), actor=ACTOR)
    stale = made.document
    await store.update(config_map("a", "2"), actor=ACTOR)
    stale["data"]["v"] = "3"
    with pytest.raises(errors.Conflict, match="modified"):
        await store.update(stale, actor=ACTOR)
    with pytest.raises(errors.Conflict, match="modified"):
        await store.patch(made.ref, lambda _: stale, actor=ACTOR)


async def test_a_uid_names_one_life_of_a_name(store: Store) -> None:
    """An object that was deleted and made again is another one."""
    made = await store.create(config_map("a"), actor=ACTOR)
    await store.delete(made.ref, actor=ACTOR)
    await store.create(config_map("a"), actor=ACTOR)
    old = config_map("a", "2")
    old["metadata"]["uid"] = made.uid
    with pytest.raises(errors.Conflict, match="made again"):
        await store.update(old, actor=ACTOR)
    with pytest.raises(errors.Conflict, match="made again"):
        await store.delete(made.ref, actor=ACTOR, preconditions=WritePreconditions(uid=made.uid))
    with pytest.raises(errors.Conflict, match="modified"):
        await store.delete(made.ref, actor=ACTOR, preconditions=WritePreconditions(revision=1))


@pytest.mark.parametrize("verb", ["get", "update", "update_status", "patch", "delete"])
async def test_what_is_not_there_is_not_found(store: Store, verb: str) -> None:
    """The error names kind and name."""
    missing = ref(scheme.STAGE, "nowhere")
    calls = {
        "get": lambda: store.get(missing),
        "update": lambda: store.update(document(scheme.STAGE, "nowhere"), actor=ACTOR),
        "update_status": lambda: store.update_status(
            document(scheme.STAGE, "nowhere"), actor=ACTOR
        ),
        "patch": lambda: store.patch(missing, lambda found: found, actor=ACTOR),
        "delete": lambda: store.delete(missing, actor=ACTOR),
    }
    with pytest.raises(errors.NotFound, match=r'stages\.kargo\.akuity\.io "nowhere" not found'):
        await calls[verb]()


async def test_a_patch_sees_the_newest_state(store: Store) -> None:
    """Many concurrent increments add up: no write comes between reading and writing."""
    made = await store.create(document(scheme.CONFIG_MAP, "a", n=0), actor=ACTOR)

    def increment(found: dict[str, Any]) -> dict[str, Any]:
        found["n"] += 1
        return found

    await asyncio.gather(*(store.patch(made.ref, increment, actor=ACTOR) for _ in range(64)))
    assert (await store.get(made.ref)).document["n"] == 64


async def test_what_a_patch_raises_reaches_its_caller_alone(store: Store) -> None:
    """The other writers of the moment are not harmed, and nothing of the failed one is kept."""
    made = await store.create(config_map("a", "1"), actor=ACTOR)

    def refuse(_: dict[str, Any]) -> dict[str, Any]:
        raise errors.Forbidden("not you")

    def stop(_: dict[str, Any]) -> dict[str, Any]:
        raise StopIteration

    results = await asyncio.gather(
        store.patch(made.ref, refuse, actor=ACTOR),
        store.patch(made.ref, stop, actor=ACTOR),
        store.create(config_map("b"), actor=ACTOR),
        return_exceptions=True,
    )
    assert isinstance(results[0], errors.Forbidden)
    assert isinstance(results[1], RuntimeError)
    assert not isinstance(results[2], BaseException)
    assert (await store.get(made.ref)).revision == made.revision


def _replaced(by: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    return by


async def test_a_patch_must_not_rename(store: Store) -> None:
    """Kind, namespace and name are an object's identity."""
    made = await store.create(config_map("a"), actor=ACTOR)
    for other in (config_map("b"), config_map("a", namespace="x"), freight("a")):
        with pytest.raises(errors.BadRequest, match="must not change"):
            await store.patch(made.ref, functools.partial(_replaced, other), actor=ACTOR)


async def test_a_patch_of_status_changes_status_only(store: Store) -> None:
    """What else the function returned does not count."""
    made = await store.create(document(scheme.STAGE, "prod", spec={"a": 1}), actor=ACTOR)
    changed = await store.patch(
        made.ref,
        lambda found: found | {"spec": {"a": 9}, "status": {"s": 1}},
        actor=ACTOR,
        subresource="status",
    )
    assert changed.document["spec"] == {"a": 1}
    assert changed.document["status"] == {"s": 1}


async def test_a_dry_run_shows_the_result_and_keeps_nothing(store: Store) -> None:
    """Later writes take the revisions that the dry run showed."""
    shown = await store.create(config_map("a"), actor=ACTOR, dry_run=True)
    assert shown.revision == 1
    made = await store.create(config_map("a"), actor=ACTOR)
    assert made.revision == 1
    changed = await store.update(config_map("a", "2"), actor=ACTOR, dry_run=True)
    assert changed.document["data"] == {"v": "2"}
    gone = await store.delete(made.ref, actor=ACTOR, dry_run=True)
    assert gone.ref == made.ref
    assert (await store.get(made.ref)).raw == made.raw
    assert [entry.verb for entry in await store.log()] == ["create"]
    with pytest.raises(errors.AlreadyExists):
        await store.create(config_map("a"), actor=ACTOR, dry_run=True)


async def test_the_log_names_who_did_what_when(store: Store, clock: VirtualClock) -> None:
    """One entry per write, in order, with actor, verb, object and time."""
    made = await store.create(document(scheme.STAGE, "prod", spec={}), actor="admin")
    await clock.advance(5)
    await store.update(document(scheme.STAGE, "prod", spec={"a": 1}), actor="email:b@c.d")
    await store.update_status(document(scheme.STAGE, "prod", status={"x": 1}), actor="controller:s")
    await store.delete(made.ref, actor="admin")
    entries = await store.log()
    assert [(entry.revision, entry.verb, entry.actor) for entry in entries] == [
        (1, "create", "admin"),
        (2, "update", "email:b@c.d"),
        (3, "update_status", "controller:s"),
        (4, "delete", "admin"),
    ]
    assert {entry.uid for entry in entries} == {made.uid}
    assert (entries[1].time - entries[0].time).total_seconds() == 5
    assert [entry.revision for entry in await store.log(after=1, limit=2)] == [2, 3]
    await store.create(config_map("other"), actor="admin")
    assert len(await store.log(ref=made.ref)) == 4


async def test_times_never_go_back(store: Store, clock: VirtualClock) -> None:
    """A clock that is set back an hour leaves the log's times in order."""
    await store.create(config_map("a"), actor=ACTOR)
    clock.set_wall(clock.now().replace(year=2020))
    await store.create(config_map("b"), actor=ACTOR)
    first, second = await store.log()
    assert second.time >= first.time
    assert (
        (await store.get(ref(scheme.CONFIG_MAP, "b")))
        .document["metadata"]["creationTimestamp"]
        .startswith("2026-")
    )


@pytest.mark.parametrize("actor", ["", None])
async def test_every_write_names_an_actor(store: Store, actor: Any) -> None:
    """A write by nobody is a mistake in the program."""
    with pytest.raises((ValueError, errors.TowpathError)):
        await store.create(config_map("a"), actor=actor)
    assert store.revision() == 0


async def test_many_writers_at_once_all_get_through(store: Store) -> None:
    """Sixty-four writers get sixty-four different revisions without a gap."""
    made = await asyncio.gather(
        *(store.create(config_map(f"c{number}"), actor=ACTOR) for number in range(64))
    )
    assert sorted(stored.revision for stored in made) == list(range(1, 65))


async def test_a_cancelled_caller_does_not_stop_its_write_or_others(store: Store) -> None:
    """Cancelling is for waiting; the write may be done."""
    task = asyncio.create_task(store.create(config_map("a"), actor=ACTOR))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.create(config_map("b"), actor=ACTOR)
    assert store.revision() in (1, 2)


async def test_a_closed_store_says_so(store: Store) -> None:
    """Every call after close is refused, and closing twice is fine."""
    made = await store.create(config_map("a"), actor=ACTOR)
    await store.close()
    await store.close()
    for call in (
        store.get(made.ref),
        store.create(config_map("b"), actor=ACTOR),
        store.delete(made.ref, actor=ACTOR),
    ):
        with pytest.raises(errors.Unavailable, match="closed"):
            await call


async def test_reads_can_ask_for_a_position(store: Store) -> None:
    """A write's revision is a position that the next read has."""
    made = await store.create(config_map("a"), actor=ACTOR)
    assert (await store.get(made.ref, at_least=made.revision)).revision == made.revision
    assert (await store.get(made.ref, fresh=True)).revision == made.revision
    with pytest.raises(errors.Timeout, match="not reached"):
        await store.wait_for(made.revision + 1, seconds=0.01)


async def test_who_waits_for_a_revision_goes_on_with_it(store: Store) -> None:
    """With that very write, not with the next one."""
    waiting = asyncio.create_task(store.wait_for(store.revision() + 1, seconds=20))
    await asyncio.sleep(0)
    made = await store.create(config_map("a"), actor=ACTOR)
    await waiting
    assert store.revision() == made.revision


async def test_a_value_that_no_two_may_have(store: Store) -> None:
    """The alias of Freight, within its Project: on create, update and patch; nobody is held up by what stays."""
    first = await store.create(freight("a", alias="calm-otter"), actor=ACTOR)
    second = await store.create(freight("b", alias="wild-heron"), actor=ACTOR)
    await store.create(freight("c"), actor=ACTOR)
    await store.create(freight("d"), actor=ACTOR)
    elsewhere = freight("a", alias="calm-otter")
    elsewhere["metadata"]["namespace"] = "other"
    await store.create(elsewhere, actor=ACTOR)
    with pytest.raises(errors.Conflict, match=r'alias: Duplicate value: "calm-otter": Freight a'):
        await store.create(freight("e", alias="calm-otter"), actor=ACTOR)
    with pytest.raises(errors.Conflict, match="Freight a has it") as taken:
        await store.update({**second.document, "alias": "calm-otter"}, actor=ACTOR)
    assert [cause.path for cause in taken.value.causes] == ["alias"]

    def takes(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "alias": "calm-otter"}

    with pytest.raises(errors.Conflict, match="Freight a has it"):
        await store.patch(second.ref, takes, actor=ACTOR)
    assert (await store.patch(first.ref, takes, actor=ACTOR)).revision == first.revision
    assert (await store.get(second.ref)).document["alias"] == "wild-heron"
    held = {**first.document, "metadata": {**first.document["metadata"], "finalizers": ["x/y"]}}
    await store.update(held, actor=ACTOR)
    await store.delete(first.ref, actor=ACTOR)
    with pytest.raises(errors.Conflict, match="Freight a has it"):
        await store.patch(second.ref, takes, actor=ACTOR)

    def let_go(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "metadata": {**document["metadata"], "finalizers": []}}

    await store.patch(first.ref, let_go, actor=ACTOR)
    assert (await store.patch(second.ref, takes, actor=ACTOR)).document["alias"] == "calm-otter"


async def test_of_two_that_want_a_value_at_once_one_gets_it(store: Store) -> None:
    """They are written in one batch."""
    wanted = [store.create(freight(name, alias="calm-otter"), actor=ACTOR) for name in "abcdef"]
    found = await asyncio.gather(*wanted, return_exceptions=True)
    assert sum(isinstance(each, errors.Conflict) for each in found) == 5


async def test_selectors_out_of_all_bounds(store: Store) -> None:
    """They are refused with the bound, by lists, scans, counts and watches."""
    labels = tuple(Requirement(f"k{number}", "Exists") for number in range(1_800))
    fields = tuple(FieldTerm("metadata.name", str(n), negated=True) for n in range(1_800))
    values = (Requirement("k", "In", frozenset(map(str, range(5_000)))),)
    for query in (
        Query(kind=scheme.STAGE, labels=labels),
        Query(kind=scheme.STAGE, fields=fields),
        Query(kind=scheme.STAGE, labels=values),
    ):
        with pytest.raises(errors.BadRequest, match=r"100|1000"):
            await store.list(query)
        with pytest.raises(errors.BadRequest, match=r"100|1000"):
            store.scan(query)
        with pytest.raises(errors.BadRequest, match=r"100|1000"):
            await store.count(query)
        with pytest.raises(errors.BadRequest, match=r"100|1000"):
            store.watch(query)
    widest = Query(kind=scheme.STAGE, labels=labels[:50], fields=fields[:50])
    assert (await store.list(widest)).items == ()


async def test_an_object_of_more_than_a_mebibyte_is_too_large(store: Store) -> None:
    """On every way of writing; what was stored stays, and it can shrink and go."""
    large = "x" * (sizes.LARGEST_BYTES - 1000)
    with pytest.raises(
        errors.TooLarge, match=r'prod"? would be .* bytes of JSON.*limit is 1048576'
    ):
        await store.create(
            document(scheme.STAGE, "prod", spec={"a": large + "x" * 1000}), actor=ACTOR
        )
    made = await store.create(document(scheme.STAGE, "prod", spec={"a": large}), actor=ACTOR)
    grown = {**made.document, "spec": {"a": large + "x" * 1000}}
    with pytest.raises(errors.TooLarge):
        await store.update(grown, actor=ACTOR)
    with pytest.raises(errors.TooLarge):
        await store.update_status({**made.document, "status": {"b": "x" * 1000}}, actor=ACTOR)
    with pytest.raises(errors.TooLarge):
        await store.patch(
            made.ref,
            lambda found: {**found, "status": {"b": "x" * 1000}},
            actor=ACTOR,
            subresource="status",
        )
    assert (await store.get(made.ref)).revision == made.revision
    small = await store.update({**made.document, "spec": {"a": ""}}, actor=ACTOR)
    assert small.revision > made.revision


async def test_an_object_that_was_stored_larger_can_be_changed_and_deleted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it does not grow: an older version took any size."""
    held = document(scheme.STAGE, "prod", spec={"a": "x" * 5000})
    held["metadata"]["finalizers"] = ["a.example/b"]
    made = await store.create(held, actor=ACTOR)
    monkeypatch.setattr(sizes, "LARGEST_BYTES", 3000)
    same_size = {**made.document, "spec": {"a": "y" * 5000}}
    changed = await store.update(same_size, actor=ACTOR)
    with pytest.raises(errors.TooLarge):
        await store.update({**changed.document, "spec": {"a": "y" * 5100}}, actor=ACTOR)
    marked = await store.delete(made.ref, actor=ACTOR)
    assert "deletionTimestamp" in marked.document["metadata"]
    freed = marked.document
    del freed["metadata"]["finalizers"]
    await store.update(freed, actor=ACTOR)
    with pytest.raises(errors.NotFound):
        await store.get(made.ref)


async def test_an_object_is_made_only_while_others_are_as_they_were_seen(store: Store) -> None:
    """Of the kind, the namespace and the names that are meant; what was written in the same moment counts."""
    seen = (await store.create(config_map("seen"), actor=ACTOR)).revision
    kind, namespace = scheme.CONFIG_MAP, "shop"

    def condition(first: str, end: str = "", since: int = seen) -> Untouched:
        return Untouched(since, (NameRange(kind, namespace, first, end),))

    await store.create(config_map("a"), actor=ACTOR, untouched=condition("seen"))
    await store.create(config_map("b"), actor=ACTOR, untouched=condition("c", "d"))
    with pytest.raises(Touched, match="a was written"):
        await store.create(config_map("x"), actor=ACTOR, untouched=condition("a"))
    with pytest.raises(Touched):
        await store.create(config_map("x"), actor=ACTOR, untouched=condition("a", "c"))
    newest = store.revision()
    made = await asyncio.gather(
        *(
            store.create(config_map(f"r.{n}"), actor=ACTOR, untouched=condition("r.", "r/", newest))
            for n in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(each, Touched) for each in made) == 1, "one was first"
    assert not await store.count(Query(kind=kind, fields=(FieldTerm("metadata.name", "x"),)))
