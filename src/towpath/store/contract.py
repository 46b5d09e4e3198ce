"""The store's contract. These docstrings are the specification; `tests/store` holds every store to it.

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

import enum
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

import msgspec

from towpath.resources import legible, structs
from towpath.resources.document import Document
from towpath.store import damage

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from towpath.resources.kinds import Kind, Ref
    from towpath.store.adoption import Adopted, Adoption
    from towpath.store.answers import Answers
    from towpath.store.bearers import BearerStore
    from towpath.store.history import History
    from towpath.store.receipts import Receipts
    from towpath.store.touched import Untouched
    from towpath.telemetry.durations import Durations


Change = Callable[[Document], Document]
"""A pure function from the stored document to the wanted one; it may raise to refuse, and may run twice."""

MASK: Final = "KioqIFJFREFDVEVEICoqKg=="
"""What stands for a sealed value on read: base64 of `*** REDACTED ***`, as Kargo's API shows it."""

AT_LEAST_SECONDS: Final = 10.0

ViewT = TypeVar("ViewT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Stored:
    """One object at one revision. `raw` is its JSON (UTF-8), `metadata.resourceVersion` included."""

    ref: Ref
    uid: str
    revision: int
    raw: bytes

    @property
    def document(self) -> Document:
        """A new, mutable document decoded from `raw`. Raises Damaged."""
        return damage.document(self.ref, self.raw)

    @property
    def legible(self) -> bytes:
        """`raw` as readers outside get it: what a strict decoder could not read is put right.

        In the place of an object that is damaged stands one that says so.
        """
        type_ = self.ref.kind.type
        try:
            return legible.legible(type_, self.raw)
        except (ValueError, RecursionError) as error:
            found = damage.of(self.ref, str(error) if self.raw else damage.UNOPENED)
        damage.tell(self.uid, self.raw, found)
        shown = damage.stand_in(self.ref, self.uid, self.revision, found)
        return msgspec.json.encode(legible.mended(type_, shown))

    @property
    def legible_document(self) -> Document:
        """A new document decoded from `legible`."""
        document: Document = msgspec.json.decode(self.legible)
        return document

    def view(self, type_: type[ViewT]) -> ViewT:
        """`raw` as the typed struct of its kind; what a field cannot have counts as not there. Raises Damaged."""
        try:
            return structs.view(type_, self.raw)
        except (ValueError, RecursionError) as error:
            raise damage.of(self.ref, str(error) if self.raw else damage.UNOPENED) from error


# --- selection ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term of a label selector, with Kubernetes' meaning: a `NotIn` also matches an absent key."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels satisfies the term."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values if self.key in labels else False
            case "NotIn":
                return labels.get(self.key) not in self.values if self.key in labels else True
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector: some entry of a declared index equals `value`, or none does."""

    path: str
    """`metadata.name`, `metadata.namespace`, or the path of an index the kind declares."""
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which objects of one kind. The terms of all selectors are ANDed."""

    kind: Kind
    namespace: str | None = None
    """None: all namespaces."""
    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Order by a declared index without `[]`, ties by namespace and name ascending.

    A field that is absent counts as the empty text: first in ascending, last in descending order.
    """

    path: str
    descending: bool = False
    between: tuple[str, str] | None = None
    """Only objects whose value is not less than the first and less than the second, compared by UTF-8 bytes."""


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term that an object is found by."""

    value: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    items: tuple[Stored, ...]
    revision: int
    """The revision the *whole* list is taken at: all pages reached by `cursor` show the store as of here."""
    cursor: str | None
    """Opaque; pass it with the same query, order and selectors for the next page. None: that was all."""
    remaining: int | None = None
    """How many items follow, where that is known for free; None otherwise."""


class Scan(Protocol):
    """A whole list, streamed in bounded memory, all of it as of `revision`."""

    @property
    def revision(self) -> int:
        """The revision the list is taken at."""
        ...

    def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        """Yield batches. Raises Expired when the log no longer reaches back to `revision`."""
        ...


# --- watching ----------------------------------------------------------------------------------------


class EventType(enum.StrEnum):
    """What happened, from the viewpoint of the watch's query."""

    ADDED = "ADDED"
    """Came into the selection: was created, or was changed so that it now matches."""
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    """Left the selection: was deleted, or was changed so that it no longer matches.

    `object` is its last matching state, with `metadata.resourceVersion` of the write that removed it.
    """
    BOOKMARK = "BOOKMARK"
    """No object: everything up to `revision` has been delivered."""


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One step of a watch."""

    type: EventType
    revision: int
    object: Stored | None
    """None exactly for bookmarks."""
    initial_end: bool = False
    """True on the bookmark that ends the initial state of a watch begun without a revision."""


class Watch(Protocol):
    """Changes, in order of revision, none skipped and none twice.

    A watch begun `since` a revision yields every change of its selection after it. A watch begun without
    one first yields each object of the current selection as ADDED (in name order, with the revision of
    the object), then a bookmark with `initial_end`, then changes.

    Iteration raises `Expired` when `since` is older than the log, and when the reader lags by more than
    `WatchLimits`: what was not delivered before the error is not delivered at all, and the reader goes
    on from the last revision it saw, or lists again. A watch never ends by itself otherwise, except that
    closing it, or the store, ends the iteration.
    """

    def __aiter__(self) -> AsyncIterator[WatchEvent]:
        """Yield events."""
        ...

    def take(self, limit: int) -> Sequence[WatchEvent]:
        """Return at most `limit` of the events that come next, as many as are there without waiting, up to some size.

        For readers who pass several on at once; none may mean that iterating has to wait, to read the log
        or to raise.
        """
        ...

    async def aclose(self) -> None:
        """End the watch and free what it holds; calling it twice is fine."""
        ...


# --- writing -----------------------------------------------------------------------------------------


class Propagation(enum.StrEnum):
    """What becomes of dependents (objects with an owner reference to the deleted one)."""

    BACKGROUND = "Background"
    """The object goes now, its dependents soon after."""
    FOREGROUND = "Foreground"
    """Dependents first; the object waits, terminating, for those whose reference says blockOwnerDeletion."""
    ORPHAN = "Orphan"
    """Dependents stay and lose the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePreconditions:
    """What must still be true of the stored object; otherwise `Conflict`."""

    uid: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One write, as the change log keeps it."""

    revision: int
    time: datetime
    """UTC; never earlier than that of the entry before, also when the machine's clock was set back."""
    actor: str
    verb: Literal["create", "update", "update_status", "delete"]
    """`delete` is the write that removed the object; a deletion that only marks it is an `update`."""
    ref: Ref
    uid: str
    via: str = ""
    """By which means and from where, as JSON; empty for our own controllers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRetention:
    """How much of the change log is kept: an entry goes once it exceeds *any* limit."""

    entries: int = 200_000
    bytes: int = 512 << 20
    """Of documents kept for watches and consistent lists."""
    seconds: float = 6 * 3600.0
    minimum_entries: int = 1_000
    """Never fewer than these, whatever the other limits say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """What may wait for the readers of watches before those that lag most are cut off with `Expired`."""

    events: int = 10_000
    """Writes of its kind that a watch has still to read."""
    bytes: int = 8 << 20
    """Of writes that are kept for watches, all of them together: what several have still to read counts once."""
    bookmark_seconds: float = 60.0
    """A quiet watch gets a bookmark this often."""


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
