"""What must hold between the tables of a database file, whatever happened to the process before."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import apsw
import msgspec

from towpath.resources import scheme
from towpath.store import selection, system_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {kind.resource: kind for kind in scheme.SCHEME}


def violations(database: Path) -> list[str]:
    """Return what is wrong in a database file that nobody has open; sealed rows are looked at from outside."""
    with contextlib.closing(apsw.Connection(str(database))) as connection:
        found = [
            str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"
        ]
        found += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        return found + list(_between_tables(connection))


def _between_tables(connection: apsw.Connection) -> Iterator[str]:
    kinds = {
        number: KINDS[name] for number, name in connection.execute("SELECT id, resource FROM kinds")
    }
    newest = connection.execute(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'log'), 0)"
    ).get
    [(floor, size)] = connection.execute("SELECT floor, bytes FROM log_state")
    revisions = [row[0] for row in connection.execute("SELECT revision FROM log ORDER BY revision")]
    if revisions != list(range(floor + 1, newest + 1)):
        yield f"the log holds {len(revisions)} entries, and its floor is {floor} and its end {newest}"
    held = connection.execute("SELECT coalesce(sum(size), 0) FROM log").get
    if held != size:
        yield f"log_state says {size} bytes, the log holds {held}"
    times = [row[0] for row in connection.execute("SELECT time FROM log ORDER BY revision")]
    if times != sorted(times):
        yield "the log's times go back"
    labels, fields, owners = set(), set(), set()
    objects = "SELECT id, kind, namespace, name, uid, revision, sealed, body FROM objects"
    for id_, number, namespace, name, uid, revision, sealed, body in connection.execute(objects):
        kind = kinds[number]
        last = connection.execute(
            "SELECT revision, verb, uid FROM log WHERE kind = ? AND namespace = ? AND name = ? "
            "ORDER BY revision DESC LIMIT 1",
            (number, namespace, name),
        ).fetchone()
        if last is not None and (last[0] != revision or last[1] == "delete" or last[2] != uid):
            yield f"{kind.name} {name} is at revision {revision}, and the log's last entry of it is {last}"
        if sealed:
            continue
        document = msgspec.json.decode(body)
        about = document["metadata"]
        said = (about["uid"], about["resourceVersion"], about["name"], about.get("namespace", ""))
        if said != (uid, str(revision), name, namespace):
            yield f"{kind.name} {name}: its document says {said}"
        place = (number, namespace, name, id_)
        labels |= {(*place, key, value) for key, value in system_fields.labels_of(document).items()}
        fields |= {(*place, path, value) for path, value in selection.index_entries(kind, document)}
        owners |= {
            (id_, reference["uid"]) for reference in system_fields.owner_references(document)
        }
    yield from _same(connection, "labels", "kind, namespace, name, object, key, value", labels)
    yield from _same(connection, "fields", "kind, namespace, name, object, path, value", fields)
    yield from _same(connection, "owners", "object, owner", owners)


def _same(connection: apsw.Connection, table: str, columns: str, wanted: set[Any]) -> Iterator[str]:
    of = "" if table == "owners" else f"{table}."
    sealed = f"SELECT id FROM objects WHERE sealed = 1 AND id = {of}object"
    kept = set(connection.execute(f"SELECT {columns} FROM {table} WHERE NOT EXISTS ({sealed})"))
    if kept != wanted:
        yield f"{table}: left over {kept - wanted}, missing {wanted - kept}"
