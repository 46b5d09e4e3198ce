"""Sessions and tokens, which are no objects, and by which means somebody wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from towpath.errors import Unavailable
from towpath.store.bearers import KeptBearer

if TYPE_CHECKING:
    from towpath.store.contract import Store

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def bearer(name: str, digest: bytes = b"") -> KeptBearer:
    """Return a token."""
    return KeptBearer(
        id=name, kind="personal", owner="admin", digest=digest or name.encode(), created=THEN,
        expires=THEN + timedelta(days=1), used=THEN, record='{"name": "x"}',
    )  # fmt: skip


async def test_they_are_kept_used_and_removed(store: Store) -> None:
    """A use that is reported late does not undo a later one."""
    await store.bearers.put(bearer("a"))
    await store.bearers.put(bearer("b"))
    assert list(await store.bearers.all()) == [bearer("a"), bearer("b")]
    later = THEN + timedelta(minutes=5)
    await store.bearers.used({"a": later})
    await store.bearers.used({"a": THEN})
    await store.bearers.remove(["b", "unknown"])
    [left] = await store.bearers.all()
    assert (left.id, left.used) == ("a", later)


async def test_no_two_are_shown_alike(store: Store) -> None:
    """The second is refused, whatever its id."""
    await store.bearers.put(bearer("a", b"same"))
    with pytest.raises(Unavailable):
        await store.bearers.put(bearer("b", b"same"))
    assert [each.id for each in await store.bearers.all()] == ["a"]


async def test_uses_of_tokens_that_are_objects(store: Store) -> None:
    """By the uid of the object; what is forgotten is gone."""
    later = THEN + timedelta(minutes=5)
    await store.bearers.tokens_used({"one": later, "two": THEN})
    await store.bearers.tokens_used({"one": THEN})
    assert await store.bearers.token_uses() == {"one": later, "two": THEN}
    await store.bearers.forget_uses(["one"])
    assert await store.bearers.token_uses() == {"two": THEN}


async def test_the_log_says_by_which_means(store: Store) -> None:
    """For each write of a batch its own, and none for who says none."""
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": "x", "name": "a"},
    }
    made = await store.create(document, actor="jo", via='{"means": "Session"}')
    await store.update({**document, "data": {"a": "b"}}, actor="jo")
    await store.delete(made.ref, actor="jo", via='{"means": "AdminToken"}')
    assert [entry.via for entry in await store.log(ref=made.ref)] == [
        '{"means": "Session"}', "", '{"means": "AdminToken"}',
    ]  # fmt: skip
