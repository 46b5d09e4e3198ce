"""The journal of a Promotion: a note is on the disk before the effect begins, and is found by whoever goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from towpath.errors import NotFound, Unavailable
from towpath.promotion.effects import EffectClass
from towpath.promotion.stored_journal import StoredJournal
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

PROMOTION = Ref(scheme.PROMOTION, PROJECT, "p")
OWNER = {"apiVersion": "x.io/v1", "kind": "Unknown", "name": "p", "uid": "x"}


def _journal(world: Pipeline) -> StoredJournal:
    async def opened(_: Ref) -> dict[str, Any] | None:
        return None

    return StoredJournal(
        PROMOTION,
        OWNER,
        store=world.store,
        writer=world.writer,
        requester=USER,
        clock=world.clock,
        opened=opened,
    )


async def test_a_note_is_there_for_whoever_goes_on(tmp_path: Path) -> None:
    """Each step has its own; the newest of a key counts, and is there once."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        journal = _journal(world)
        await journal.load()
        await journal.of("a").note("branch", "one", effect=EffectClass.CONVERGENT)
        await journal.of("a").note("branch", "two", effect=EffectClass.CONVERGENT)
        await journal.of("b").note("branch", "three", effect=EffectClass.CONVERGENT)
        other = _journal(world)
        assert other.of("a").noted("branch") is None
        await other.load()
        assert other.of("a").noted("branch") == "two"
        assert other.of("b").noted("branch") == "three"
        assert other.of("a").noted("other") is None
        stored = await world.store.get(Ref(scheme.PROMOTION_JOURNAL, PROJECT, "p"))
        assert len(stored.document["entries"]) == 2


async def test_a_journal_is_made_with_its_first_note(tmp_path: Path) -> None:
    """Loading one that is not there makes none."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await _journal(world).load()
        with pytest.raises(NotFound):
            await world.store.get(Ref(scheme.PROMOTION_JOURNAL, PROJECT, "p"))


async def test_nothing_more_is_begun_once_the_promotion_was_ended(tmp_path: Path) -> None:
    """A step that runs on is refused its note, and with it the effect."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        journal = _journal(world)
        journal.close()
        with pytest.raises(Unavailable, match="was ended"):
            await journal.of("a").note("k", 1, effect=EffectClass.CONVERGENT)
