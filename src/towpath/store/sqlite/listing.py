"""Puts the SQL of a list together from the fragments of `queries/read.sql`.

Only fragments are joined, never values: everything a caller supplies is bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from towpath.store.sqlite import statements

if TYPE_CHECKING:
    from towpath.store.contract import FieldTerm, Order, Query, Requirement
    from towpath.store.sqlite.cursor import Cursor

_SQL = statements.load("read")


class ListPosition(NamedTuple):
    """Where an object stands in the order by name."""

    namespace: str
    name: str


class Window(NamedTuple):
    """The objects of a kind that a statement looks at one by one, whatever it selects among them."""

    until: ListPosition | None
    """The last of them; None: to the end."""


class Statement:
    """A statement under construction."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.bindings: list[Any] = []

    def add(self, fragment: str, *bindings: Any) -> None:
        """Append a named fragment and what it binds."""
        self._parts.append(_SQL[fragment])
        self.bindings.extend(bindings)

    @property
    def text(self) -> str:
        """The SQL."""
        return "\n".join(self._parts)


def page(
    query: Query,
    order: Order | None,
    number: int,
    *,
    revision: int,
    after: Cursor | None,
    limit: int,
    window: Window | None = None,
) -> Statement:
    """Return the statement for objects unchanged since `revision`, behind `after`, in order.

    Its columns are namespace, name, uid, revision, sealed, body and the order's value. A limit of -1
    means none. With a `window`, of lists by name, no index of labels or fields is read.
    """
    statement = Statement()
    if order is not None:
        statement.add("list-by-field", number, order.path, revision)
    else:
        statement.add("list-by-name", number, revision)
    _select(statement, query, number, ordered=order is not None, windowed=window is not None)
    if order is not None:
        if order.between is not None:
            statement.add("and-value-between", *order.between)
        direction = "descending" if order.descending else "ascending"
        if after is not None:
            place = (after.value, after.value, after.namespace, after.name)
            statement.add(f"after-value-{direction}", *place)
        statement.add(f"order-by-value-{direction}", limit)
    else:
        if after is not None and query.namespace is not None:
            statement.add("after-name-in-namespace", after.name)
        elif after is not None:
            statement.add("after-name", after.namespace, after.name)
        if window is not None and window.until is not None:
            _up_to(statement, query, window.until, "up-to-name")
        statement.add("order-by-name", limit)
    return statement


def count(query: Query, number: int) -> Statement:
    """Return the statement that counts the selection; of one value of one field, from the index alone."""
    statement = Statement()
    if len(query.fields) == 1 and not query.labels:
        term = query.fields[0]
        if not term.negated and not term.path.startswith("metadata."):
            statement.add("count-with-field", number, term.path, term.value)
            if query.namespace is not None:
                statement.add("and-field-namespace", query.namespace)
            return statement
    statement.add("count", number)
    _select(statement, query, number)
    return statement


def window_end(query: Query, number: int, *, after: Cursor | None, size: int) -> Statement:
    """Return the statement for the key that `size` objects behind `after` lie before, whatever selects them."""
    statement = Statement()
    statement.add("window", number)
    if query.namespace is not None:
        statement.add("and-namespace", query.namespace)
    if after is not None and query.namespace is not None:
        statement.add("after-name-in-namespace", after.name)
    elif after is not None:
        statement.add("after-name", after.namespace, after.name)
    statement.add("window-order", size)
    return statement


def replaced_keys(
    query: Query,
    number: int,
    *,
    revision: int,
    after: Cursor | None,
    until: ListPosition | None,
    limit: int,
    few: bool,
) -> Statement:
    """Return the statement for the keys of objects that were replaced since `revision`, with the log's entry of each.

    In order of name, behind `after`, up to `until`. `few`: whether little was written since.
    """
    statement = Statement()
    base = "replaced-keys-by-revision" if few else "replaced-keys-by-object"
    statement.add(base, number, revision, revision)
    if query.namespace is not None:
        statement.add("and-key-namespace", query.namespace)
    if after is not None and query.namespace is not None:
        statement.add("after-key-in-namespace", after.name)
    elif after is not None:
        statement.add("after-key", after.namespace, after.name)
    if until is not None:
        _up_to(statement, query, until, "up-to-key")
    statement.add("order-by-key", limit)
    return statement


def candidates(query: Query, number: int, *, most: int) -> Statement | None:
    """Return the statement that counts, up to `most`, what an index finds for one of the terms; None without such."""
    for requirement in query.labels:
        if requirement.operator == "In":
            statement = Statement()
            values = msgspec.json.encode(sorted(requirement.values)).decode()
            statement.add("how-many-labelled", number, requirement.key, values, most)
            return statement
    for term in query.fields:
        if term.negated or term.path.startswith("metadata."):
            continue
        statement = Statement()
        if query.namespace is None:
            statement.add("how-many-with-field", number, term.path, term.value, most)
        else:
            given = (number, term.path, term.value, query.namespace, most)
            statement.add("how-many-with-field-in-namespace", *given)
        return statement
    return None


def _up_to(statement: Statement, query: Query, until: ListPosition, fragment: str) -> None:
    if query.namespace is not None:
        statement.add(f"{fragment}-in-namespace", until.name)
    else:
        statement.add(fragment, *until)


def _select(
    statement: Statement,
    query: Query,
    number: int,
    *,
    ordered: bool = False,
    windowed: bool = False,
) -> None:
    if query.namespace is not None:
        statement.add("and-indexed-namespace" if ordered else "and-namespace", query.namespace)
    for requirement in query.labels:
        _label(statement, requirement, number, windowed=windowed)
    for term in query.fields:
        _field(statement, term, query.namespace, number, windowed=windowed)


def _label(statement: Statement, requirement: Requirement, number: int, *, windowed: bool) -> None:
    values = msgspec.json.encode(sorted(requirement.values)).decode()
    match requirement.operator:
        case "In" if windowed:
            statement.add("and-object-has-label", requirement.key, values)
        case "In":
            statement.add("and-label-in", number, requirement.key, values)
        case "NotIn":
            statement.add("and-label-not-in", requirement.key, values)
        case "Exists":
            statement.add("and-label-exists", requirement.key)
        case "DoesNotExist":
            statement.add("and-label-absent", requirement.key)


def _field(
    statement: Statement, term: FieldTerm, namespace: str | None, number: int, *, windowed: bool
) -> None:
    match term.path, term.negated:
        case "metadata.name", False:
            statement.add("and-name", term.value)
        case "metadata.name", True:
            statement.add("and-not-name", term.value)
        case "metadata.namespace", False:
            statement.add("and-namespace", term.value)
        case "metadata.namespace", True:
            statement.add("and-not-namespace", term.value)
        case path, True:
            statement.add("and-not-field", path, term.value)
        case path, False if windowed:
            statement.add("and-object-has-field", path, term.value)
        case path, False if namespace is None:
            statement.add("and-field", number, path, term.value)
        case path, False:
            statement.add("and-field-in-namespace", number, path, term.value, namespace)
