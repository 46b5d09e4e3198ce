"""One row whose contents were changed behind the store's back keeps no other from being read, and can be deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.support.stores import ACTOR, config_map, opened, ref, secret, take
from towpath.admission import default_roles
from towpath.resources import scheme
from towpath.resources.annotations import DAMAGED
from towpath.resources.config_map import ConfigMap
from towpath.store import damage, tolerant_reading
from towpath.store.contract import Query, Requirement

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Watch

MAPS = Query(kind=scheme.CONFIG_MAP)
TORN = [
    pytest.param(b"", id="empty"),
    pytest.param(b'{"metadata":{"name"', id="torn"),
    pytest.param(b"\xff\xfe\x00", id="no text"),
    pytest.param(b'{"metadata":{"name":"\\ud800"}}', id="half a character"),
    pytest.param(b"[1]", id="list"),
    pytest.param(b"null", id="null"),
    pytest.param(b"{}", id="no metadata"),
    pytest.param(b'{"metadata":[]}', id="metadata that are a list"),
    pytest.param(b"[" * 100_000, id="nested"),
]


def overwrite(folder: Path, name: str, body: bytes) -> None:
    """Change what the database file holds of an object, as another program would."""
    connection = apsw.Connection(str(folder / "data" / "towpath.db"))
    connection.execute("UPDATE objects SET body = ? WHERE name = ?", (body, name))
    connection.close()


async def changes(watch: Watch, count: int) -> list[tuple[str, str]]:
    """Return what the next events of a watch say of which object, bookmarks apart."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        [event] = await take(watch, 1)
        if event.object is not None:
            found.append((event.type.name, event.object.ref.name))
    return found


@pytest.mark.parametrize("body", TORN)
async def test_a_row_that_cannot_be_read_is_shown_with_what_is_wrong_and_hides_no_other(
    tmp_path: Path, body: bytes
) -> None:
    """Lists, selectors, watches and views go on; it is not changed, and can be deleted."""
    async with opened(tmp_path) as store:
        for name in ("a", "b", "c"):
            await store.create(config_map(name, labels={"of": name}), actor=ACTOR)
        began = (await store.get(ref(scheme.CONFIG_MAP, "a"))).revision
        overwrite(tmp_path, "b", body)

        page = await store.list(MAPS)

        assert [json.loads(item.legible)["metadata"]["name"] for item in page.items] == list("abc")
        said = json.loads(page.items[1].legible)["metadata"]["annotations"][DAMAGED]
        assert "configmaps" in said
        assert "delete the object and apply its manifest again" in said
        with pytest.raises(damage.Damaged, match="shop/b"):
            _ = (await store.get(ref(scheme.CONFIG_MAP, "b"))).document
        views = tolerant_reading.views(page.items, ConfigMap, purpose="left out")
        assert [item.ref.name for item, _ in views if item.ref.name != "b"] == ["a", "c"]
        unlike = Query(kind=scheme.CONFIG_MAP, labels=(Requirement("of", "NotIn", frozenset("a")),))
        assert [item.ref.name for item in (await store.list(unlike)).items] == ["b", "c"]
        # Lists as of a time before, and watches, read the log, in which the damaged state stands.
        with pytest.raises(damage.Damaged):
            await store.patch(ref(scheme.CONFIG_MAP, "b"), lambda found: found, actor=ACTOR)
        await store.delete(ref(scheme.CONFIG_MAP, "b"), actor=ACTOR)
        watch = store.watch(unlike, since=began)
        told = await changes(watch, 3)
        assert told == [("ADDED", "b"), ("ADDED", "c"), ("DELETED", "b")]
        assert [item.ref.name for item in (await store.list(MAPS)).items] == ["a", "c"]


async def test_a_secret_that_was_changed_hides_no_other_and_is_not_opened(tmp_path: Path) -> None:
    """What its seal does not agree to is nobody's value."""
    async with opened(tmp_path) as store:
        for name in ("a", "b", "c"):
            await store.create(secret(name, "value"), actor=ACTOR)
        overwrite(tmp_path, "b", b"\x01" + bytes(80))

        page = await store.list(Query(kind=scheme.SECRET))

        shown = [json.loads(item.legible)["metadata"]["name"] for item in page.items]
        assert shown == ["a", "b", "c"]
        with pytest.raises(damage.Damaged):
            await store.reveal(ref(scheme.SECRET, "b"), actor=ACTOR, reason="a test")
        await store.delete(ref(scheme.SECRET, "b"), actor=ACTOR)
        assert len((await store.list(Query(kind=scheme.SECRET))).items) == 2


async def test_what_is_owned_and_cannot_be_read_goes_with_its_owner(tmp_path: Path) -> None:
    """It cannot say whose it is, and the store knows."""
    async with opened(tmp_path) as store:
        owner = await store.create(config_map("owner"), actor=ACTOR)
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.uid}
        await store.create(config_map("owned", owners=[reference]), actor=ACTOR)
        overwrite(tmp_path, "owned", b"{torn")
        watch = store.watch(MAPS, since=(await store.list(MAPS)).revision)

        await store.delete(ref(scheme.CONFIG_MAP, "owner"), actor=ACTOR)

        assert await changes(watch, 2) == [("DELETED", "owner"), ("DELETED", "owned")]


async def test_a_role_of_the_beginning_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    """A server that did not start for it could not be asked to delete it."""
    wanted = ref(scheme.CLUSTER_ROLE, "cluster-admin")
    async with opened(tmp_path) as store:
        await default_roles.ensure(store, actor=ACTOR)
        before = (await store.get(wanted)).document["rules"]
        overwrite(tmp_path, "cluster-admin", b"{torn")

        await default_roles.ensure(store, actor=ACTOR)

        assert (await store.get(wanted)).document["rules"] == before
