"""Owner-reference collection, as Kubernetes' garbage collector does it.

The table `collecting` names owners whose dependents have to be looked at; rows are put there by the
write that makes it necessary (an owner went, is to go after its dependents, or was never there). The
collector works them off in small writes of its own and is woken by commits, so a crash at any point only
means that the rest is done after the restart.

What happens to a dependent follows from *all* its owner references (one that points to nothing is
absent; one whose owner is deleted in the foreground is waiting; any other is solid):

- some are solid: it stays; references that are absent or waiting are removed from it;
- none is solid, some are waiting: it is deleted, in the foreground if it has dependents of its own;
- all are absent: it is deleted, its own dependents after it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import apsw

from towpath import errors, faults
from towpath.resources.kinds import Ref
from towpath.store import system_fields
from towpath.store.contract import Propagation
from towpath.store.sqlite import rows, statements

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator

    from towpath.clock import Clock
    from towpath.store.contract import Document
    from towpath.store.sqlite.object_table import Row
    from towpath.store.sqlite.transaction import Transaction

ACTOR: Final = "controller:garbage-collector"

BEFORE_STEP = faults.point(
    "store.collect.before-step", "the collector is about to write its next part"
)

_SQL = statements.load("collect")
_WRITES_AT_ONCE = 100
_RETRY_SECONDS = 5.0

_log = logging.getLogger(__name__)


class GarbageCollector:
    """Runs collection steps whenever there may be something to collect."""

    def __init__(
        self, run: Callable[[Callable[[Transaction], bool]], Awaitable[bool]], clock: Clock
    ) -> None:
        """`run` performs a write and returns what it returned."""
        self._run = run
        self._clock = clock
        self._wakeup = asyncio.Event()
        self._idle = asyncio.Event()
        self._faulty: set[str] = set()
        """Owners and dependents (uids) that could not be dealt with; tried again with the next wake-up."""
        self._wakeup.set()

    def wake(self) -> None:
        """Look again."""
        self._idle.clear()
        self._wakeup.set()

    async def idle(self) -> None:
        """Return when nothing more can be done."""
        await self._idle.wait()

    async def work(self) -> None:
        """Collect until cancelled."""
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            passed_over: set[str] = set()
            try:
                while await self._step(passed_over):
                    pass
            except errors.Unavailable as error:
                _log.warning("collection waits for the store", extra={"cause": str(error)})
                await self._clock.sleep(_RETRY_SECONDS)
                self._wakeup.set()
            except Exception:  # noqa: BLE001 - it goes on with the next wake-up
                _log.exception("collection failed")
            self._faulty = passed_over
            if not self._wakeup.is_set():
                self._idle.set()

    async def _step(self, passed_over: set[str]) -> bool:
        """Do a part; return whether there is more. What cannot be dealt with is added to `passed_over`."""
        BEFORE_STEP()
        try:
            return await self._run(lambda transaction: step(transaction, passed_over))
        except Faulty as error:
            passed_over.add(error.uid)
            if error.uid not in self._faulty:
                _log.exception("%s cannot be collected: it is passed over", error)
            return True


class Faulty(Exception):  # noqa: N818 - what it is about
    """An object that collection cannot deal with."""

    def __init__(self, uid: str, named: str) -> None:
        super().__init__(named)
        self.uid = uid


def step(transaction: Transaction, passed_over: Collection[str] = ()) -> bool:
    """Do a bounded part of what there is to do; return whether anything was done.

    `passed_over`: uids of owners and dependents that are left alone. Raises Faulty for a further one.
    """
    work = _Step(transaction, passed_over)
    owner = ""
    while (
        work.left > 0
        and (found := rows.first(transaction.connection, _SQL["pending"], (owner,))) is not None
    ):
        [owner] = found
        if owner in passed_over:
            continue
        with _naming(owner, f"the owner {owner}"):
            work.look_at(owner)
    return work.left < _WRITES_AT_ONCE


@contextmanager
def _naming(uid: str, named: str) -> Iterator[None]:
    """Raise Faulty in place of what says that an object is not as it should be."""
    try:
        yield
    except (Faulty, errors.Unavailable, apsw.Error):
        raise
    except Exception as error:
        raise Faulty(uid, named) from error


class _Step:
    """One part of the work, at most `_WRITES_AT_ONCE` writes."""

    def __init__(self, transaction: Transaction, passed_over: Collection[str]) -> None:
        self._transaction = transaction
        self._passed_over = passed_over
        self.left = _WRITES_AT_ONCE

    def look_at(self, uid: str) -> None:
        """Deal with the dependents of an owner, and with the owner if it waits for them."""
        owner = self._transaction.objects.find_uid(uid)
        orphaning = owner is not None and system_fields.ORPHAN in system_fields.finalizers_of(
            owner.document
        )
        is_complete = True
        for dependent in self._dependents(uid):
            if self.left <= 0:
                return
            if dependent.uid in self._passed_over:
                is_complete = False
                continue
            with _naming(dependent.uid, str(dependent.ref)):
                if orphaning:
                    self._drop_references(dependent, {uid})
                elif dependent.damage is not None:
                    self._give_up(dependent, is_orphan=owner is None)
                else:
                    self._judge(dependent)
        if self.left <= 0 or not is_complete:
            return
        if owner is None:
            self._done(uid)
        elif orphaning:
            self._release(owner, system_fields.ORPHAN)
        elif not _is_waiting(owner.document):
            self._done(uid)
        elif not self._has_blocking(uid):
            self._release(owner, system_fields.FOREGROUND)

    def _judge(self, dependent: Row) -> None:
        absent, waiting, solid = set(), set(), 0
        for reference in system_fields.owner_references(dependent.document):
            if not self._transaction.objects.owner_is_present(reference, dependent.ref.namespace):
                absent.add(reference["uid"])
            elif self._owner_is_waiting(reference):
                waiting.add(reference["uid"])
            else:
                solid += 1
        if solid:
            self._drop_references(dependent, absent | waiting)
        elif system_fields.is_terminating(dependent.document):
            if waiting and _is_waiting(dependent.document) and self._in_circle(dependent):
                self._unblock(dependent)
        elif waiting or absent:
            has_own = self._any("any-dependent", dependent.uid)
            foreground = bool(waiting) and has_own
            self._transaction.delete(
                dependent.ref,
                actor=ACTOR,
                preconditions=None,
                propagation=Propagation.FOREGROUND if foreground else Propagation.BACKGROUND,
            )
            self.left -= 1

    def _give_up(self, dependent: Row, *, is_orphan: bool) -> None:
        """Delete what cannot be read, and so not say who else owns it, once the owner that is known of is gone."""
        if is_orphan:
            self._transaction.delete(
                dependent.ref, actor=ACTOR, preconditions=None, propagation=Propagation.BACKGROUND
            )
            self.left -= 1

    def _drop_references(self, dependent: Row, uids: set[str]) -> None:
        references = [
            reference
            for reference in system_fields.of(dependent.document)["ownerReferences"]
            if not (isinstance(reference, dict) and reference.get("uid") in uids)
        ]
        self._set_references(dependent, references)

    def _unblock(self, dependent: Row) -> None:
        """Break a circle of owners that wait for each other, as Kubernetes does."""
        self._set_references(
            dependent,
            [
                {**reference, "blockOwnerDeletion": False}
                for reference in system_fields.owner_references(dependent.document)
            ],
        )

    def _set_references(self, dependent: Row, references: list[dict[str, Any]]) -> None:
        held = dict(system_fields.of(dependent.document))
        if held.get("ownerReferences") == references:
            return
        held["ownerReferences"] = references
        if not references:
            del held["ownerReferences"]
        self._transaction.rewrite(dependent, {**dependent.document, "metadata": held}, actor=ACTOR)
        self.left -= 1

    def _release(self, owner: Row, finalizer: str) -> None:
        self._done(owner.uid)
        current = self._transaction.objects.existing(owner.ref)
        self._transaction.rewrite(
            current, system_fields.without_finalizer(current.document, finalizer), actor=ACTOR
        )
        self.left -= 1

    def _done(self, uid: str) -> None:
        self._transaction.connection.execute(_SQL["done"], (uid,))

    def _dependents(self, uid: str) -> Iterator[Row]:
        last = 0
        while found := rows.all_of(self._transaction.connection, _SQL["dependents"], (uid, last)):
            for number, namespace, name, id_ in found:
                last = id_
                kind = self._transaction.objects.registry.kind(number)
                row = (
                    self._transaction.objects.find(Ref(kind, namespace, name))
                    if kind is not None
                    else None
                )
                if row is not None:
                    yield row

    def _owner_is_waiting(self, reference: dict[str, Any]) -> bool:
        owner = self._transaction.objects.find_uid(reference["uid"])
        return owner is not None and _is_waiting(owner.document)

    def _in_circle(self, dependent: Row) -> bool:
        return any(_is_waiting(own.document) for own in self._dependents(dependent.uid))

    def _has_blocking(self, uid: str) -> bool:
        return self._any("any-blocking", uid)

    def _any(self, statement: str, uid: str) -> bool:
        return bool(rows.value(self._transaction.connection, _SQL[statement], (uid,)))


def _is_waiting(document: Document) -> bool:
    return system_fields.is_terminating(
        document
    ) and system_fields.FOREGROUND in system_fields.finalizers_of(document)
