"""Puts the SQL of a list together from the fragments of `queries/read.sql`.

Only fragments are joined, never values: everything a caller supplies is bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from towpath.store.sqlite import statements

if TYPE_CHECKING:
    from towpath.store.contract import FieldTerm, Order, Query, Requirement
    from towpath.store.sqlite.cursor import Cursor

_SQL = statements.load("read")


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
) -> Statement:
    """Return the statement for objects unchanged since `revision`, behind `after`, in order.

    Its columns are namespace, name, uid, revision, sealed, body and the order's value. A limit of -1
    means none.
    """
    statement = Statement()
    if order is not None:
        statement.add("list-by-field", number, order.path, revision)
    else:
        statement.add("list-by-name", number, revision)
    _select(statement, query, number, indexed=order is not None)
    if order is not None:
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
        statement.add("order-by-name", limit)
    return statement


def count(query: Query, number: int, *, revision: int) -> Statement:
    """Return the statement that counts the selection."""
    statement = Statement()
    statement.add("count", number, revision)
    _select(statement, query, number, indexed=False)
    return statement


def _select(statement: Statement, query: Query, number: int, *, indexed: bool) -> None:
    if query.namespace is not None:
        statement.add("and-indexed-namespace" if indexed else "and-namespace", query.namespace)
    for requirement in query.labels:
        _label(statement, requirement, number)
    for term in query.fields:
        _field(statement, term, query.namespace, number)


def _label(statement: Statement, requirement: Requirement, number: int) -> None:
    values = msgspec.json.encode(sorted(requirement.values)).decode()
    match requirement.operator:
        case "In":
            statement.add("and-label-in", number, requirement.key, values)
        case "NotIn":
            statement.add("and-label-not-in", requirement.key, values)
        case "Exists":
            statement.add("and-label-exists", requirement.key)
        case "DoesNotExist":
            statement.add("and-label-absent", requirement.key)


def _field(statement: Statement, term: FieldTerm, namespace: str | None, number: int) -> None:
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
        case path, False if namespace is None:
            statement.add("and-field", number, path, term.value)
        case path, False:
            statement.add("and-field-in-namespace", number, path, term.value, namespace)
