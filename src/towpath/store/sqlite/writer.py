"""The one writer: what waits goes into one transaction, and one flush is for all of it.

Jobs run on the event loop, one after the other, a few milliseconds at a time; the flush, which waits for the disk, is made
by a thread. Whatever a job does in Python has to hold the interpreter's lock anyhow: in another thread it would ask for
that lock anew after each statement, and wait for the loop each time. While a flush is under way, further writes queue up;
they share the next. So a lone writer pays one flush a write and sixty-four writers pay one among them (group commit), with
no timer and no added delay. Each write runs in its own savepoint: one that is refused leaves nothing behind and the
others untouched.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import apsw

from towpath import errors, faults
from towpath.store.contract import LongWrite
from towpath.store.sqlite import rows, statements
from towpath.store.sqlite.object_table import ObjectTable
from towpath.store.sqlite.times import milliseconds, moment
from towpath.store.sqlite.transaction import Transaction
from towpath.telemetry.durations import Durations

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from towpath.clock import Clock
    from towpath.store.contract import LogRetention
    from towpath.store.logged_write import LoggedWrite
    from towpath.store.pending_terms import TermChange
    from towpath.store.sqlite.codec import Codec
    from towpath.store.sqlite.kind_registry import KindRegistry

BEFORE_COMMIT = faults.point(
    "store.before-commit", "a batch is written into the WAL, not yet committed"
)
AFTER_COMMIT = faults.point("store.after-commit", "a batch is durable, nobody was told")
BEFORE_ANSWER = faults.point(
    "store.before-answer", "watches were told of a batch, its writers were not"
)

_SQL = statements.load("objects")
_MAX_BATCH = 256
_LONG_SECONDS: Final = 0.005
"""Of a long job that are run before the loop does what it has at hand."""
_BATCH_SECONDS: Final = 0.01
"""After which a batch takes no further job: others get the loop while it is flushed."""
_PRUNED_AT_ONCE = 1_000
_PRUNE_EVERY = 64
"""Batches between looks at the log's age and size."""

_OF_THE_DISK = (
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.PermissionsError,
    apsw.CantOpenError,
    OSError,
)
"""What says that writing will fail for others too."""

_log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")


@dataclass(slots=True)
class _Job(Generic[ResultT]):
    run: Callable[[Transaction], ResultT]
    dry_run: bool
    via: str
    answer: asyncio.Future[ResultT]
    submitted: float
    """By the loop's clock."""
    is_long: bool = False
    """Whether it is run alone and some of it at a time: what it returns is gone through, and returns the result."""
    outcome: ResultT | None = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch did."""

    written: list[LoggedWrite]
    terms: list[TermChange]
    revision: int
    collect: bool


@dataclass(frozen=True, slots=True)
class _Batch:
    """Jobs that have run, in a transaction that is to be committed."""

    jobs: list[_Job[Any]]
    transaction: Transaction
    is_to_run: bool = False
    """Whether it is one long job, of which nothing has run yet."""


class BatchWriter:
    """Runs jobs in the order they were submitted, and has a thread flush what they wrote."""

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        registry: KindRegistry,
        codec: Codec,
        clock: Clock,
        retention: LogRetention,
        translate: Callable[[Exception], errors.TowpathError],
        on_commit: Callable[[Committed], None],
    ) -> None:
        """`on_commit` is called on the event loop, before the writers of the batch get their answers.

        The connection is the writer's: of its loop while jobs run, of its thread while it flushes.
        """
        self._connection = connection
        self._objects = ObjectTable(connection, registry, codec)
        self._clock = clock
        self._retention = retention
        self._translate = translate
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._jobs: deque[_Job[Any]] = deque()
        self._to_flush: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._is_flushing = False
        self._long: tuple[float, Transaction] | None = None
        """Since when (by the loop's clock) a long job is under way, and what it has done."""
        self._is_to_begin = False
        """Whether the next batch is about to be begun."""
        self._closing = False
        self._idle = asyncio.Event()
        """Set while nothing was submitted that was not answered."""
        self._idle.set()
        self.hindrance = ""
        """Why nothing can be written now; empty while, as far as is known, it can."""
        self._batches = 0
        self.times = Durations()
        """From when a write was submitted to when it was answered, in whatever way."""
        self._revision: int = rows.value(connection, _SQL["last-revision"]) or 0
        self._time: int = rows.value(connection, _SQL["last-time"])
        self._floor: int
        self._log_bytes: int
        self._floor, self._log_bytes = rows.first(connection, _SQL["log-state"])
        self._thread = threading.Thread(
            target=self._keep_flushing, name="towpath-store-writer", daemon=True
        )
        self._thread.start()

    async def run(
        self,
        job: Callable[[Transaction], ResultT],
        *,
        dry_run: bool = False,
        via: str = "",
    ) -> ResultT:
        """Run `job` in the next transaction and return its result once that is durable.

        `via`: how and from where it was asked for, for the log. A caller that is cancelled does not stop its write. Raises
        what the job raised, and Unavailable when the batch could not be committed or the store is closed.
        """
        answer: asyncio.Future[ResultT] = self._loop.create_future()
        return await self._submit(_Job(job, dry_run, via, answer, self._loop.time()))

    async def run_long(
        self, job: Callable[[Transaction], Generator[None, None, ResultT]], *, via: str = ""
    ) -> ResultT:
        """Run a job that takes long, in a transaction of its own; see `run`.

        Other writes wait for it; the event loop goes on with everything else wherever the job yields.
        """
        answer: asyncio.Future[Any] = self._loop.create_future()
        long: _Job[Any] = _Job(
            job, dry_run=False, via=via, answer=answer, submitted=self._loop.time(), is_long=True
        )
        found: ResultT = await self._submit(long)
        return found

    async def _submit(self, job: _Job[ResultT]) -> ResultT:
        if self._closing:
            raise errors.Unavailable("the store is closed")
        self._jobs.append(job)
        self._idle.clear()
        self._begin_soon()
        return await job.answer

    def long_write(self) -> LongWrite | None:
        """Return how far a job is that all others wait for; None if there is none."""
        if self._long is None:
            return None
        since, transaction = self._long
        return LongWrite(self._loop.time() - since, len(transaction.written))

    async def touch(self) -> None:
        """Write something that nobody reads. Raises Unavailable when that is not possible."""
        await self.run(lambda transaction: transaction.touch())

    async def close(self, seconds: float) -> bool:
        """Finish what was submitted, then end the thread; return whether it has ended within so many seconds."""
        self._closing = True
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False  # the disk does not answer: the thread is left to the end of the process
        self._to_flush.put(None)
        self._thread.join()
        await asyncio.sleep(0)  # lets the answers of the last batch reach their futures
        return True

    # On the event loop

    def _begin_soon(self) -> None:
        """Begin the next batch after what the event loop has at hand: others that write now share the flush."""
        if not self._is_to_begin and not self._is_flushing:
            self._is_to_begin = True
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        """Run what waits, and hand it over to be flushed."""
        self._is_to_begin = False
        batch = self._run_some()
        if batch is not None:
            self._is_flushing = True
            if batch.is_to_run:
                self._begin_long(batch)
            else:
                self._to_flush.put(batch)
            return
        self._go_on()

    def _begin_long(self, batch: _Batch) -> None:
        [job] = batch.jobs
        self._long = (self._loop.time(), batch.transaction)
        batch.transaction.via = job.via
        self._go_through(batch, job.run(batch.transaction))

    def _go_through(self, batch: _Batch, steps: Generator[None, None, Any]) -> None:
        """Run some of a long job, and the rest after what the event loop has at hand.

        Not in the thread: SQLite lets go of the interpreter's lock for each statement, and a busy loop gives it back late.
        """
        [job] = batch.jobs
        end = self._loop.time() + _LONG_SECONDS
        try:
            while self._loop.time() < end:
                next(steps)
        except StopIteration as ended:
            job.outcome = ended.value
            self._to_flush.put(batch)
        except BaseException as error:  # noqa: BLE001 - the job's own error, handed to its caller
            self._roll_back()  # nothing else is in the transaction
            if isinstance(error, apsw.Error):
                self._note(error)
            job.error = self._explained(error) if isinstance(error, apsw.Error) else error
            self._flushed(batch, None)
        else:
            self._loop.call_soon(self._go_through, batch, steps)

    def _go_on(self) -> None:
        if self._jobs:
            self._begin_soon()
        else:
            self._idle.set()

    def _run_some(self) -> _Batch | None:
        """Run jobs in a new transaction; None when that failed, and then every one of them was told."""
        self._time = max(self._time, milliseconds(self._clock.now()))
        transaction = Transaction(self._objects, self._revision, moment(self._time))
        ran: list[_Job[Any]] = []
        try:
            self._roll_back()  # where that failed before
            self._connection.execute("BEGIN IMMEDIATE")
            end = self._loop.time() + _BATCH_SECONDS
            while self._jobs and len(ran) < _MAX_BATCH and (not ran or self._loop.time() < end):
                if self._jobs[0].is_long:
                    if not ran:
                        return _Batch([self._jobs.popleft()], transaction, is_to_run=True)
                    break
                ran.append(self._jobs.popleft())
                self._run_one(ran[-1], transaction)
        except Exception as error:  # noqa: BLE001 - whatever it is, every writer of the batch must hear of it
            if not ran:  # nothing can be begun: whoever waits now is told
                ran = [self._jobs.popleft() for _ in range(min(len(self._jobs), _MAX_BATCH))]
            self._fail(ran, error)
            self._answer(ran)
            return None
        return _Batch(ran, transaction)

    def _flushed(self, batch: _Batch, committed: Committed | None) -> None:
        """Tell the watches, then the writers, and begin what has come meanwhile."""
        self._is_flushing = False
        self._long = None
        try:
            if committed is not None:
                self._revision = committed.revision
                self._on_commit(committed)
                BEFORE_ANSWER()
        finally:  # what was committed is acknowledged, whatever became of telling the watches
            self._answer(batch.jobs)
            self._go_on()

    def _answer(self, jobs: list[_Job[Any]]) -> None:
        now = self._loop.time()
        for job in jobs:
            self.times.note(now - job.submitted)
            if job.answer.done():
                continue
            if job.error is not None:
                job.answer.set_exception(job.error)
            else:
                job.answer.set_result(job.outcome)

    # On the thread

    def _keep_flushing(self) -> None:
        while (batch := self._to_flush.get()) is not None:
            try:
                committed = self._flush(batch)
            except BaseException as error:  # noqa: BLE001 - the thread must live, or every later write waits for ever
                _log.exception("a batch failed in a way that was not foreseen")
                committed = None
                for job in batch.jobs:
                    job.error = job.error or RuntimeError(f"the write failed: {error!r}")
            try:
                self._loop.call_soon_threadsafe(self._flushed, batch, committed)
            except RuntimeError:  # the loop is closed: nobody waits for an answer
                return

    def _flush(self, batch: _Batch) -> Committed | None:
        """Commit a batch; None when it could not be, and then every job has an error."""
        transaction = batch.transaction
        try:
            floor, held = self._keep_log(transaction)
            BEFORE_COMMIT()
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, every writer of the batch must hear of it
            self._fail(batch.jobs, error)
            return None
        AFTER_COMMIT()
        if transaction.has_changed and self.hindrance:
            _log.warning("the store can be written again")
            self.hindrance = ""
        self._floor, self._log_bytes = floor, held
        return Committed(
            transaction.written, transaction.terms, transaction.revision, transaction.collect
        )

    # What both do, never at the same time

    def _fail(self, jobs: list[_Job[Any]], error: Exception) -> None:
        """Undo a batch, and note for each of its jobs what became of it."""
        self._roll_back()
        self._note(error)
        for job in jobs:
            job.error = job.error or self._explained(error)

    def _run_one(self, job: _Job[Any], transaction: Transaction) -> None:
        before = (
            transaction.revision,
            len(transaction.written),
            transaction.log_bytes,
            transaction.collect,
        )
        terms = len(transaction.terms)
        self._connection.execute("SAVEPOINT job")
        keep = False
        try:
            transaction.via = job.via
            job.outcome = job.run(transaction)
            keep = not job.dry_run
        except apsw.Error as error:
            if self._connection.in_transaction:
                self._note(error)
                job.error = self._explained(error)
            else:
                raise  # SQLite rolled the whole batch back, as it does when the disk is full
        except StopIteration as error:  # which a future cannot carry
            job.error = RuntimeError("a change must not raise StopIteration")
            job.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - the job's own error, handed to its caller
            job.error = error
        if not keep:
            self._connection.execute("ROLLBACK TO job")
            transaction.revision, written, transaction.log_bytes, transaction.collect = before
            del transaction.written[written:], transaction.terms[terms:]
        self._connection.execute("RELEASE job")

    def _note(self, error: Exception) -> None:
        """Note that the disk takes nothing, if that is what an error says."""
        if isinstance(error, _OF_THE_DISK):
            explained = self._explained(error)
            if not self.hindrance:
                _log.error("nothing can be written: %s", explained)
            self.hindrance = explained.message

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error:
                _log.exception("a failed batch could not be rolled back")

    def _explained(self, error: Exception) -> errors.TowpathError:
        if isinstance(error, errors.TowpathError):
            return error
        explained = self._translate(error)
        explained.__cause__ = error
        return explained

    def _keep_log(self, transaction: Transaction) -> tuple[int, int]:
        """Drop, now and then, what the log need not keep; return its floor and the bytes it holds."""
        if not transaction.written:
            return self._floor, self._log_bytes
        self._batches += 1
        held = self._log_bytes + transaction.log_bytes
        floor = self._floor
        full = (
            transaction.revision - floor > self._retention.entries or held > self._retention.bytes
        )
        if full or self._batches % _PRUNE_EVERY == 0:
            floor, dropped = self._prune(transaction.revision, held)
            held -= dropped
        self._connection.execute(_SQL["set-log-state"], (floor, held))
        return floor, held

    def _prune(self, newest: int, held: int) -> tuple[int, int]:
        """Drop the oldest entries that exceed a limit, some at a time; return the new floor and bytes."""
        keep = self._retention
        oldest_kept = self._time - round(keep.seconds * 1000)
        floor, dropped = self._floor, 0
        oldest = rows.all_of(self._connection, _SQL["oldest-entries"], (_PRUNED_AT_ONCE,))
        for revision, time, size in oldest:
            exceeds = (
                newest - floor > keep.entries or held - dropped > keep.bytes or time < oldest_kept
            )
            if not exceeds or newest - revision < keep.minimum_entries:
                break
            floor, dropped = revision, dropped + size
        if floor > self._floor:
            self._connection.execute(_SQL["drop-entries"], (floor,))
        return floor, dropped
