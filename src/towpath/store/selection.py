"""Selection in Python: the same rules as the SQL of the lists, for watches and for past states.

Also what the declared indexes of a kind find in a document, from which the SQL tables are filled.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.resources.meta import MOST_SELECTOR_TERMS, MOST_SELECTOR_VALUES
from towpath.store import system_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.resources.kinds import Index, Kind
    from towpath.store.contract import Document, Order, Query

_NAME = "metadata.name"
_NAMESPACE = "metadata.namespace"


def check(query: Query, order: Order | None = None) -> None:
    """Refuse fields that the kind does not declare, and selectors out of all bounds. Raises BadRequest saying which."""
    terms = len(query.labels) + len(query.fields)
    if terms > MOST_SELECTOR_TERMS:
        raise errors.BadRequest(
            f"labelSelector, fieldSelector: {terms} terms; there may be {MOST_SELECTOR_TERMS}"
        )
    values = max((len(term.values) for term in query.labels), default=0)
    if values > MOST_SELECTOR_VALUES:
        raise errors.BadRequest(
            f"labelSelector: a term names {values} values; it may name {MOST_SELECTOR_VALUES}"
        )
    indexes = query.kind.indexes
    derived = {index.path for index in indexes if index.is_derived}
    declared = [_NAME, _NAMESPACE, *(each.path for each in indexes if each.path not in derived)]
    for term in query.fields:
        if term.path not in declared and term.path not in derived:
            raise errors.BadRequest(
                f'field selector: "{term.path}" cannot be selected on for {query.kind.qualified}; '
                f"these can: {', '.join(declared)}"
            )
    orderable = [index.path for index in query.kind.indexes if "[]" not in index.path]
    if order is not None and order.path not in orderable:
        raise errors.BadRequest(
            f'order: {query.kind.qualified} cannot be ordered by "{order.path}"; '
            f"it can by: {', '.join(orderable) or 'nothing but its name'}"
        )


def matches(query: Query, namespace: str, document: Document) -> bool:
    """Whether an object of the query's kind is selected."""
    if query.namespace is not None and namespace != query.namespace:
        return False
    if query.labels:
        labels = system_fields.labels_of(document)
        if not all(requirement.matches(labels) for requirement in query.labels):
            return False
    return all(
        (term.value in _found(query.kind, term.path, document)) is not term.negated
        for term in query.fields
    )


@dataclass(frozen=True, slots=True)
class Selectable:
    """What selectors look at of a document: to be kept where many queries are asked of it."""

    namespace: str
    labels: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    """The texts by path, of all paths that can be selected on."""

    def is_of(self, query: Query) -> bool:
        """Whether the object is selected by a query of its kind; `matches` says the same of a document."""
        if query.namespace is not None and self.namespace != query.namespace:
            return False
        return all(requirement.matches(self.labels) for requirement in query.labels) and all(
            (term.value in self.values.get(term.path, ())) is not term.negated
            for term in query.fields
        )


def selectable(kind: Kind, namespace: str, document: Document) -> Selectable:
    """Return what selectors look at of a document."""
    paths = (_NAME, _NAMESPACE, *(index.path for index in kind.indexes))
    found = {path: tuple(_found(kind, path, document)) for path in paths}
    return Selectable(namespace, system_fields.labels_of(document), found)


def index_entries(kind: Kind, document: Document) -> set[tuple[str, str]]:
    """Return the (path, value) entries the kind's declared indexes have for a document."""
    return {(index.path, value) for index in kind.indexes for value in _entries(index, document)}


def changed_entries(
    kind: Kind, before: Document | None, after: Document
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the entries of `index_entries` that a write takes away, and those that it adds.

    What of the document is the same object before and after is not looked into.
    """
    if before is None:
        return set(), index_entries(kind, after)
    was: set[tuple[str, str]] = set()
    now: set[tuple[str, str]] = set()
    for index in kind.indexes:
        if not index.is_derived:
            first = _steps(index.path)[0]
            if before.get(first) is after.get(first):
                continue
        was.update((index.path, value) for value in _entries(index, before))
        now.update((index.path, value) for value in _entries(index, after))
    return was - now, now - was


def ordering(kind: Kind, order: Order, document: Document) -> str:
    """Return the value that an order compares of a document."""
    return _found(kind, order.path, document)[0]


def is_within(order: Order, value: str) -> bool:
    """Whether an object with that value of the order's field is of the list."""
    if order.between is None:
        return True
    first, behind = order.between
    return first <= value < behind


def values(document: Document, path: str) -> list[str]:
    """Return the texts found at a path, as `kinds.Index` defines them."""
    steps = _steps(path)
    if "[]" not in steps:
        return [_text(_at(document, steps))]
    found = (_text(value) for value in _descend(document, steps))
    return [text for text in found if text]


def _found(kind: Kind, path: str, document: Document) -> list[str]:
    index = next((each for each in kind.indexes if each.path == path), None)
    return values(document, path) if index is None else _entries(index, document)


def _entries(index: Index, document: Document) -> list[str]:
    if index.derive_each is not None:
        return [value for value in index.derive_each(document) if value]
    return values(document, index.path) if index.derive is None else [index.derive(document)]


@functools.lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    steps: list[str] = []
    for part in path.split("."):
        steps.append(part.removesuffix("[]"))
        if part.endswith("[]"):
            steps.append("[]")
    return tuple(steps)


def _descend(node: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    for position, step in enumerate(steps):
        if step == "[]":
            if isinstance(node, list):
                for item in node:
                    yield from _descend(item, steps[position + 1 :])
            return
        if not isinstance(node, dict) or step not in node:
            return
        node = node[step]
    yield node


def _at(node: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node


def _text(value: Any) -> str:
    """Return a value as it is compared; what is no scalar counts as absent."""
    if type(value) is str:
        return value
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
