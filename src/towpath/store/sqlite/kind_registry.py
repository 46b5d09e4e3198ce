"""The numbers that stand for kinds in the tables, and the upkeep of their declared indexes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from towpath.resources.kinds import Kind, Ref
from towpath.store import damage, selection
from towpath.store.sqlite import rows, statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    import apsw

    from towpath.store.sqlite.codec import Codec

_log = logging.getLogger(__name__)


class KindRegistry:
    """Kinds of the scheme by number, by resource, and by what a document calls itself."""

    def __init__(self, numbers: dict[Kind, int]) -> None:
        self._numbers = numbers
        self._by_number = {number: kind for kind, number in numbers.items()}
        self._by_document = {(kind.api_version, kind.name): kind for kind in numbers}
        self._by_group = {(kind.group, kind.name): kind for kind in numbers}

    def number(self, kind: Kind) -> int:
        """Return the number of a kind. Raises KeyError for one that is not in the scheme."""
        return self._numbers[kind]

    def kind(self, number: int) -> Kind | None:
        """Return the kind of a number; None for one that only a newer scheme knows."""
        return self._by_number.get(number)

    def of_document(self, api_version: object, kind: object) -> Kind | None:
        """Return the kind a document names, or None."""
        if isinstance(api_version, str) and isinstance(kind, str):
            return self._by_document.get((api_version, kind))
        return None

    def of_reference(self, api_version: object, kind: object) -> Kind | None:
        """Return the kind an owner reference names, whatever the version of its group, or None."""
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        group = api_version.rpartition("/")[0]
        return self._by_group.get((group, kind))


def synchronize(connection: apsw.Connection, scheme: Iterable[Kind], codec: Codec) -> KindRegistry:
    """Give every kind its number, and make the index entries of kinds anew whose declared indexes changed.

    Call inside a transaction.
    """
    sql = statements.load("objects")
    known = {
        resource: (number, made_from)
        for number, resource, made_from in rows.each(connection, sql["kinds"])
    }
    numbers: dict[Kind, int] = {}
    for kind in scheme:
        paths = [index.path for index in kind.indexes]
        declared = msgspec.json.encode(paths).decode()
        number, made_from = known.get(kind.resource, (None, declared))
        if number is None:
            connection.execute(sql["add-kind"], (kind.resource, declared))
            number = connection.last_insert_rowid()
        elif made_from != declared:
            had = msgspec.json.decode(made_from, type=list[str])
            if set(paths) < set(had):
                for path in set(had) - set(paths):
                    connection.execute(sql["drop-fields-of-path"], (number, path))
            else:
                _index_anew(connection, kind, number, codec)
            connection.execute(sql["set-kind-indexes"], (declared, number))
        numbers[kind] = number
    return KindRegistry(numbers)


def _index_anew(connection: apsw.Connection, kind: Kind, number: int, codec: Codec) -> None:
    sql = statements.load("objects")
    _log.info(
        "the indexes of a kind changed; making its entries anew", extra={"kind": kind.resource}
    )
    connection.execute(sql["drop-fields-of-kind"], (number,))
    last = 0
    while found := rows.all_of(connection, sql["objects-of-kind"], (number, last)):
        for id_, namespace, name, uid, flag, body in found:
            plain = codec.opened(Ref(kind, namespace, name), uid, flag, body)
            connection.executemany(
                sql["add-field"],
                [
                    (number, path, value, namespace, name, id_)
                    for path, value in sorted(
                        selection.index_entries(
                            kind, damage.seen(Ref(kind, namespace, name), plain)
                        )
                    )
                ],
            )
            last = id_
