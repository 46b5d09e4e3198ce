"""Sealed kinds: masked for readers, opened for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, secret
from towpath import errors
from towpath.resources import scheme
from towpath.store.contract import MASK, Query

if TYPE_CHECKING:
    from towpath.store.contract import Store

VALUE = "aHVudGVyMg=="
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


async def test_readers_get_masks(store: Store) -> None:
    """create, get, list and scan never return a value."""
    made = await store.create(secret("s", VALUE, stringData={"k": "hunter2"}), actor=ACTOR)
    found = [made, await store.get(made.ref), *(await store.list(Query(kind=scheme.SECRET))).items]
    found += [item async for batch in store.scan(Query(kind=scheme.SECRET)) for item in batch]
    for stored in found:
        assert stored.document["data"] == {"password": MASK}
        assert stored.document["stringData"] == {"k": MASK}


async def test_reveal_returns_the_values(store: Store) -> None:
    """With an actor and a reason, which are required."""
    made = await store.create(secret("s", VALUE), actor=ACTOR)
    opened = await store.reveal(made.ref, actor="controller:promotion", reason="git-push")
    assert opened["data"] == {"password": VALUE}
    for actor, reason in (("", "x"), ("x", "")):
        with pytest.raises((ValueError, errors.TowpathError)):
            await store.reveal(made.ref, actor=actor, reason=reason)


async def test_what_was_read_can_be_written_back(store: Store) -> None:
    """A mask keeps the stored value; a new value replaces it; a missing key goes."""
    made = await store.create(secret("s", VALUE), actor=ACTOR)
    read = made.document
    read["data"]["second"] = "MQ=="
    changed = await store.update(read, actor=ACTOR)
    assert (await store.reveal(made.ref, actor="a", reason="r"))["data"] == {
        "password": VALUE,
        "second": "MQ==",
    }
    less = changed.document
    del less["data"]["password"]
    await store.update(less, actor=ACTOR)
    assert (await store.reveal(made.ref, actor="a", reason="r"))["data"] == {"second": "MQ=="}


async def test_writing_back_what_was_read_changes_nothing(store: Store) -> None:
    """Masks are not values."""
    made = await store.create(secret("s", VALUE), actor=ACTOR)
    again = await store.update(made.document, actor=ACTOR)
    assert again.revision == made.revision


async def test_the_last_applied_manifest_is_masked(store: Store) -> None:
    """Kubectl keeps the whole manifest in an annotation, values and all."""
    annotations = {LAST_APPLIED: f'{{"data":{{"password":"{VALUE}"}}}}', "note": "kept"}
    made = await store.create(secret("s", VALUE, annotations=annotations), actor=ACTOR)
    shown = made.document["metadata"]["annotations"]
    assert VALUE not in shown[LAST_APPLIED]
    assert shown["note"] == "kept"
    await store.update(made.document, actor=ACTOR)
    opened = await store.reveal(made.ref, actor="a", reason="r")
    assert opened["metadata"]["annotations"] == annotations


async def test_other_kinds_are_not_masked(store: Store) -> None:
    """A ConfigMap's data is no secret."""
    made = await store.create(config_map("a", VALUE), actor=ACTOR)
    assert made.document["data"] == {"v": VALUE}
    assert (await store.reveal(made.ref, actor="a", reason="r"))["data"] == {"v": VALUE}
