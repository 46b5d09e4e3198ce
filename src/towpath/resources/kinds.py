"""What the rest of the system knows about a kind without knowing its fields.

A `Kind` is one row of the scheme (`scheme/` is the table). A `Ref` names one object.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import msgspec


@dataclass(frozen=True, slots=True)
class PrinterColumn:
    """A printed column of `kubectl get`."""

    name: str
    path: str
    """JSONPath as CRDs write it, such as `.status.conditions[?(@.type=="Ready")].status`."""
    type: str = "string"
    wide: bool = False
    """Shown with `-o wide` only (priority 1)."""


@dataclass(frozen=True, slots=True)
class Index:
    """A field that objects can be selected and ordered by.

    `path` is dotted, from the document's root, `[]` descending into every item of a list:
    `spec.requestedFreight[].origin.name`. An object has one entry per value found; values are compared as
    text (booleans as `true`/`false`, numbers as in JSON). A path without `[]` always gives exactly one
    entry: an absent or null field counts as the empty text, as in Kubernetes' field selectors. A path
    with `[]` may give none.
    """

    path: str
    unique: bool = False
    """Whether no two objects of one namespace may have the same value; the empty one may be had by all."""
    derive: Callable[[Mapping[str, Any]], str] | None = None
    """For what no path tells: the one value of a document, the empty text where it has none. `path` is only a name then."""
    derive_each: Callable[[Mapping[str, Any]], Iterable[str]] | None = None
    """The same for an index with any number of values; its name ends on `[]`."""

    @property
    def is_derived(self) -> bool:
        """Whether `path` is only a name."""
        return self.derive is not None or self.derive_each is not None


@dataclass(frozen=True, slots=True)
class Terms:
    """What objects of a kind are looked for by: texts, found by how they begin."""

    derive: Callable[[Mapping[str, Any]], Iterable[str]]
    """What a document is found by, as terms are kept."""
    parts: tuple[tuple[str, ...], ...]
    """Paths of keys that it is derived from, besides the name: a write that leaves all of them as they are changes no term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What of a sealed object says where its values go.

    Who may write the object but has seen its values only masked must not send them elsewhere: when one of these changes,
    masked values are not kept, and have to be given anew.
    """

    label: str
    """Without it the values go nowhere."""
    keys: frozenset[str]
    """Keys of `data` that say more."""
    flags: frozenset[str]
    """Those of them whose value is true or else counts as false."""
    keyless: frozenset[str]
    """Values of the label for which the keys mean nothing."""
    public: frozenset[str]
    """Keys that hold nothing secret: they are kept all the same."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Kind:
    """One row of the scheme. Kinds are compared by identity: there is one row for each."""

    group: str
    """API group; empty for the core group."""
    version: str
    name: str
    """CamelCase singular, the document's `kind`."""
    plural: str
    namespaced: bool
    type: type[msgspec.Struct]
    """The struct that views documents of this kind."""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[PrinterColumn, ...] = ()
    """Besides Name and Age."""
    indexes: tuple[Index, ...] = ()
    """Besides `metadata.name` and `metadata.namespace`, which every kind has."""
    terms: Terms | None = None
    """What search finds objects by; None where it looks for none of this kind."""
    status: bool = False
    """Whether there is a status subresource: writes of the object leave status alone, and the reverse."""
    generation: bool = False
    """Whether `metadata.generation` counts changes outside metadata (and status)."""
    life_cycle: bool = False
    """Whether `spec.finalizers` hold an object as metadata's do, and `status.phase` is Active, then Terminating (Namespaces)."""
    sealed: bool = False
    """Whether documents are encrypted at rest and `data` is masked on read (Secrets)."""
    destination: Destination | None = None
    """Of a sealed kind: what says where its values go, where anything does."""

    @property
    def api_version(self) -> str:
        """The document's `apiVersion`: `group/version`, or `version` in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """Lower-case singular, as kubectl takes it."""
        return self.name.lower()

    @cached_property
    def unique_indexes(self) -> tuple[Index, ...]:
        """Those whose values no two objects of a namespace may have."""
        return tuple(index for index in self.indexes if index.unique)

    @cached_property
    def resource(self) -> str:
        """`plural.group`, or the plural alone in the core group; unique, used in messages and tables."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """`Kind.group`, or the kind alone in the core group, as error messages spell it."""
        return f"{self.name}.{self.group}" if self.group else self.name

    def __repr__(self) -> str:
        return f"<Kind {self.qualified}>"


@dataclass(frozen=True, slots=True, order=False)
class Ref:
    """The name of one object, hashable; `namespace` is empty for cluster-scoped kinds."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        """`stages.kargo.akuity.io "shop/prod"`: how messages name an object."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f'{self.kind.resource} "{where}"'
