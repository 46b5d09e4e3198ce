"""The store's contract. These docstrings are the specification; `tests/contract/store` holds every store to it.

The types that it speaks of lie beside it, a module for each noun (`stored`, `query`, `watch`, `write`, `change_log`);
everybody else imports them from here.

A store keeps *documents*: JSON objects as they were admitted. It never adds defaults, never checks a
schema, never reorders or re-types what it is given (an int stays an int, a float a float); whoever writes
through admission has done that before. It owns the system fields of `metadata` and nothing else.

**Revisions.** Every write that changes something takes the next revision of one global, strictly
increasing sequence, recorded as a decimal string in the object's `metadata.resourceVersion`. Revision 0 is
the empty store. A write that would change nothing is not a write: it takes no revision, reaches no watch
and no log, and returns the object as it is. Numbers are never used twice, not even after a crash.

**Durability.** When a write returns, it has reached the disk. Writers that wait at the same time share one
flush. A write that raised was not done, with one exception that every durable store has: if the process
or the disk dies before the answer, the write may or may not have happened.

**Reading your writes.** A write returns its revision as a position; every read may ask for `at_least` a
position and then waits until the index has it, up to `AT_LEAST_SECONDS`, and raises `Timeout` after.
`fresh=True` asks the authority instead of the index; it is for decisions about Promotion and Stage status.
Where authority and index are one, both are free.

**Sealed kinds** (Secrets). What a reader gets has every value under `data` and `stringData` replaced by
`MASK`; `reveal` alone returns values. A write that carries `MASK` for a key keeps the stored value of that
key, so that what was read can be written back; where the same write changes where the values go (`Kind.destination`) it
is refused with `Invalid` instead. Nothing of the document but namespace, name, uid, labels
and declared index fields is at rest in the clear.

**Actors.** Every write names who did it (`admin`, `email:a@b.c`, `controller:stage-controller`); it is
recorded in the change log in the same transaction, and so are the history rows the write gives rise to
(`store.history`).

**Size.** A write that would make an object larger than `sizes.LARGEST_BYTES` of JSON, and larger than it was, raises
`TooLarge`; so every object can be deleted, and one that was stored larger once can be made smaller.

All methods are to be called on the event loop that opened the store. Errors are those of
`towpath.errors`; those named under a method are the ones its callers should expect. `Unavailable` may come
from any method: the disk is full, read-only or broken, and the message says which and what to do. After a
failed write the store stays readable and goes on to accept writes as soon as the disk does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from towpath.resources.document import Document
from towpath.store.change_log import LogEntry, LogRetention
from towpath.store.query import FieldTerm, FoundTerm, Order, Page, Query, Requirement, Scan
from towpath.store.stored import MASK, Stored
from towpath.store.watch import EventType, Watch, WatchEvent, WatchLimits
from towpath.store.write import Change, Propagation, WritePreconditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from towpath.resources.kinds import Kind, Ref
    from towpath.store.adoption import Adopted, Adoption
    from towpath.store.answers import Answers
    from towpath.store.bearers import BearerStore
    from towpath.store.history import History
    from towpath.store.receipts import Receipts
    from towpath.store.touched import Untouched
    from towpath.store.views import ViewStore
    from towpath.telemetry.durations import Durations

AT_LEAST_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class LongWrite:
    """How far a write is that all others wait for."""

    seconds: float
    """For how long it has been under way."""
    objects: int
    """How many it has written."""


@dataclass(frozen=True, slots=True)
class WaitingReaders:
    """How much waits in the store for those who read it."""

    reads: int
    """Reads that wait for a revision that is to come."""
    held_bytes: int
    """Bytes of writes that are kept because some watch has still to read them."""
    lag: int
    """Writes that the watch which is furthest behind has still to read."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a finished backup holds."""

    path: Path
    revision: int
    objects: int
    bytes: int
    key_id: str


class Store(Protocol):
    """See the module's docstring for what holds for every method."""

    @property
    def history(self) -> History:
        """The tables that outlive the objects."""
        ...

    @property
    def bearers(self) -> BearerStore:
        """Sessions and personal tokens, which are no objects."""
        ...

    @property
    def answers(self) -> Answers:
        """What was answered to whom may ask again."""
        ...

    @property
    def receipts(self) -> Receipts:
        """What came of deliveries of webhooks."""
        ...

    @property
    def views(self) -> ViewStore:
        """Views of the web UI that people saved."""
        ...

    def revision(self) -> int:
        """The newest revision that reads can see."""
        ...

    def changed(self, kinds: Iterable[Kind]) -> int:
        """Return the revision of the newest write of one of these kinds, 0 if there was none since the store was opened.

        It is told before the write is acknowledged. So what was read of these kinds after a call still holds, for
        whoever has heard of no later write, as long as another call returns the same.
        """
        ...

    def hindrance(self) -> str:
        """Return why nothing can be written now; empty while, as far as is known, it can."""
        ...

    def long_write(self) -> LongWrite | None:
        """Return what is known of a write that all others wait for, such as a Project that is taken in; None if there is none."""
        ...

    def terms_hindrance(self) -> str:
        """Return why what `terms` finds cannot be kept; empty while, as far as is known, it can."""
        ...

    def waiting(self) -> WaitingReaders:
        """Return how much waits in the store for those who read it."""
        ...

    def write_times(self) -> Durations:
        """Return how long writes took, from their being asked for to their being durable."""
        ...

    async def touch(self) -> None:
        """Write something that nobody reads, to see whether writing is possible. Raises Unavailable."""
        ...

    async def wait_for(self, revision: int, *, seconds: float = AT_LEAST_SECONDS) -> None:
        """Return once reads can see `revision`. Raises Timeout after `seconds`."""
        ...

    # Reading

    async def get(self, ref: Ref, *, at_least: int | None = None, fresh: bool = False) -> Stored:
        """Return the object. Raises NotFound."""
        ...

    async def list(
        self,
        query: Query,
        *,
        order: Order | None = None,
        limit: int | None = None,
        size: int | None = None,
        cursor: str | None = None,
        at_least: int | None = None,
        as_of: int | None = None,
        fresh: bool = False,
    ) -> Page:
        """Return at most `limit` objects (all, if None), by default ordered by namespace, then name.

        In that order a page ends with the object that makes it `size` bytes or more.
        Names compare by UTF-8 bytes. The pages that `cursor` links show the store as of the first page's
        revision, whatever is written meanwhile: no object is skipped, repeated or shown newer. With `as_of`
        the first page shows the store as of that revision, which is waited for as with `at_least`. Raises
        BadRequest for a field or order the kind does not declare, for a cursor that is not ours or belongs
        to another query, for `as_of` beside a cursor; Expired for a revision the log no longer reaches.
        """
        ...

    def scan(self, query: Query, *, order: Order | None = None) -> Scan:
        """Return the whole list as a stream: the same objects as `list`, in bounded memory."""
        ...

    async def count(self, query: Query) -> int:
        """How many objects match now."""
        ...

    async def shared_values(self, kind: Kind, path: str) -> Sequence[tuple[str, str]]:
        """Which (namespace, value) of a declared index more than one object has; the empty value does not count.

        A unique index has none but from before it was unique: such values stay until they are changed.
        """
        ...

    async def terms(
        self,
        kind: Kind,
        between: tuple[str, str],
        *,
        namespace: str | None = None,
        limit: int,
    ) -> Sequence[FoundTerm]:
        """Return terms of a kind (`Kind.terms`) that are not less than the first of `between` and less than the second.

        All that was acknowledged is found. They come in the order of their values, then of namespace and name; an object may
        have several. Raises Unavailable while the terms are made anew.
        """
        ...

    def watch(self, query: Query, *, since: int | None = None) -> Watch:
        """Begin a watch (`Watch` says what it yields). `since` 0 replays the whole log.

        Raises BadRequest as `list` does. A `since` beyond the newest revision waits for it as `at_least`
        does, and the iteration raises Timeout.
        """
        ...

    async def reveal(self, ref: Ref, *, actor: str, reason: str) -> Document:
        """Return a sealed object with its values. Raises NotFound.

        `actor` and `reason` (both required, non-empty) are recorded in the access record.
        """
        ...

    async def log(
        self, *, after: int = 0, limit: int = 500, ref: Ref | None = None
    ) -> tuple[LogEntry, ...]:
        """Change-log entries after a revision, oldest first. Raises Expired when `after` is not covered."""
        ...

    # Writing. Each takes `dry_run`: everything is checked and the result computed, nothing is kept
    # (the result shows revision and uid as the write would have had them; nobody else sees them), and `via`,
    # which the log keeps beside the actor: by which means and from where it was asked for, as JSON.

    async def create(
        self,
        document: Document,
        *,
        actor: str,
        via: str = "",
        dry_run: bool = False,
        untouched: Untouched | None = None,
    ) -> Stored:
        """Add an object.

        `apiVersion` and `kind` say which kind; `metadata.name`, or a name made from
        `metadata.generateName` and five random characters. Sets uid, resourceVersion, creationTimestamp
        (seconds, UTC), generation 1 where the kind counts generations; drops any other system field and,
        for kinds with a status subresource, `status`; an object of a kind with a life cycle begins with
        `status.phase` Active. Raises AlreadyExists; BadRequest when the document
        names no known kind, no name, a namespace for a cluster-scoped kind or none for a namespaced one,
        or carries a resourceVersion; Touched where `untouched` does not hold when it is written, or the log does not
        reach back that far.
        """
        ...

    async def update(
        self, document: Document, *, actor: str, via: str = "", dry_run: bool = False
    ) -> Stored:
        """Replace an object, except `status` where that is a subresource.

        With `metadata.resourceVersion` only that revision is replaced (else Conflict); without it, any.
        With `metadata.uid` only that object (else Conflict). uid, creationTimestamp, deletionTimestamp,
        deletionGracePeriodSeconds and generation keep their stored values; generation counts one up when
        something outside metadata and status changed. Removing the last finalizer of an object that is
        being deleted deletes it; adding one to it is Invalid. Raises NotFound, Conflict, BadRequest.
        """
        ...

    async def update_status(
        self, document: Document, *, actor: str, via: str = "", dry_run: bool = False
    ) -> Stored:
        """Replace only `status` (dropped, if the document has none), under the same preconditions.

        `metadata.managedFields`, which records who wrote it, comes with it where the document has some.

        Raises NotFound, Conflict, and BadRequest for a kind without status subresource.
        """
        ...

    async def patch(
        self,
        ref: Ref,
        change: Change,
        *,
        actor: str,
        via: str = "",
        subresource: Literal["status"] | None = None,
        preconditions: WritePreconditions | None = None,
        dry_run: bool = False,
    ) -> Stored:
        """Apply `change` to the stored document, atomically, and update with the result.

        `change` sees the document as it is at that moment (sealed values masked) and runs where no other
        write can come between. What it raises is raised here. Raises NotFound, Conflict; BadRequest if
        the result has another name or kind.
        """
        ...

    async def delete(
        self,
        ref: Ref,
        *,
        actor: str,
        via: str = "",
        preconditions: WritePreconditions | None = None,
        propagation: Propagation = Propagation.BACKGROUND,
        dry_run: bool = False,
    ) -> Stored:
        """Delete an object, or mark it (deletionTimestamp) while it has finalizers.

        `spec.finalizers` of a kind with a life cycle count as well, and its `status.phase` becomes Terminating.
        Returns its last state; whether `metadata.deletionTimestamp` is set tells a marked object from one
        that is gone. Foreground and Orphan put the finalizers `foregroundDeletion` and `orphan` on it,
        which the store's own collector removes. Deleting a marked object again changes nothing (but a
        stricter propagation is added). Raises NotFound, Conflict.
        """
        ...

    async def adopt(self, adoption: Adoption, *, actor: str, via: str = "") -> Adopted:
        """Take over objects and history of another instance, all of it in one write or nothing.

        uid, creationTimestamp, generation, deletionTimestamp, owner references and status stay as they were; only
        resourceVersion is new. History is not derived from these writes: it comes with them. A thread does the work; reads
        go on meanwhile, and other writes wait. Raises AlreadyExists and Conflict for a name or uid that is taken, BadRequest
        as `create`, and what the adoption raises.
        """
        ...

    async def collected(self) -> None:
        """Return when the collector has nothing left to do: for whoever must see what it did, such as tests."""
        ...

    # Keeping

    async def backup(self, path: Path) -> Backup:
        """Write a verified copy of the store as of one revision, while it goes on serving.

        The file appears under its name only when complete and checked. Raises AlreadyExists if there is
        one, Unavailable if it cannot be written.
        """
        ...

    async def close(self) -> None:
        """Finish writes under way, end watches, release the data directory. Calling it twice is fine."""
        ...


__all__ = [
    "AT_LEAST_SECONDS",
    "MASK",
    "Backup",
    "Change",
    "Document",
    "EventType",
    "FieldTerm",
    "FoundTerm",
    "LogEntry",
    "LogRetention",
    "Order",
    "Page",
    "Propagation",
    "Query",
    "Requirement",
    "Scan",
    "Store",
    "Stored",
    "WaitingReaders",
    "Watch",
    "WatchEvent",
    "WatchLimits",
    "WritePreconditions",
]
