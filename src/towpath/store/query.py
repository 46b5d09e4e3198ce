"""What is asked for: the selection and the order of a list or a watch, and the forms in which lists are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from towpath.resources.kinds import Kind
    from towpath.store.stored import Stored


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
