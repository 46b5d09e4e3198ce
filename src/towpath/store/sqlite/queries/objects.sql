-- Statements of the writer: one object at a time, with the rows it is selected by.

-- name: object
SELECT id, uid, revision, sealed, body FROM objects WHERE kind = ? AND namespace = ? AND name = ?

-- name: object-by-uid
SELECT o.id, o.uid, o.revision, o.sealed, o.body, o.kind, o.namespace, o.name
FROM objects AS o WHERE o.uid = ?

-- name: owner-by-uid
SELECT kind, namespace, name FROM objects WHERE uid = ?

-- name: insert
INSERT INTO objects (kind, namespace, name, uid, revision, sealed, body) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: replace
UPDATE objects SET revision = ?, sealed = ?, body = ? WHERE id = ?

-- name: remove
DELETE FROM objects WHERE id = ?

-- name: add-label
INSERT INTO labels (kind, key, value, namespace, name, object) VALUES (?, ?, ?, ?, ?, ?)

-- name: drop-label
DELETE FROM labels WHERE kind = ? AND key = ? AND value = ? AND namespace = ? AND name = ?

-- name: add-field
INSERT INTO fields (kind, path, value, namespace, name, object) VALUES (?, ?, ?, ?, ?, ?)

-- name: other-with-field
SELECT name FROM fields WHERE kind = ? AND path = ? AND value = ? AND namespace = ? AND name <> ? LIMIT 1

-- name: drop-field
DELETE FROM fields WHERE kind = ? AND path = ? AND value = ? AND namespace = ? AND name = ?

-- name: drop-fields-of-path
DELETE FROM fields WHERE kind = ? AND path = ?

-- name: drop-fields-of-kind
DELETE FROM fields WHERE kind = ?

-- name: add-owner
INSERT INTO owners (owner, object, blocking) VALUES (?, ?, ?)
ON CONFLICT (owner, object) DO UPDATE SET blocking = max(blocking, excluded.blocking)

-- name: drop-owners
DELETE FROM owners WHERE object = ?

-- name: append-log
INSERT INTO log (revision, time, actor, verb, kind, namespace, name, uid, size, before_revision, sealed, before, via)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: written-since
SELECT name FROM log INDEXED BY log_by_kind
WHERE kind = ? AND revision > ? AND namespace = ? AND name >= ? AND name < ? LIMIT 1

-- name: append-access
INSERT INTO accesses (time, actor, reason, kind, namespace, name, revision) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: last-revision
SELECT seq FROM sqlite_sequence WHERE name = 'log'

-- name: last-time
SELECT max((SELECT coalesce(max(time), 0) FROM (SELECT time FROM log ORDER BY revision DESC LIMIT 1)),
           (SELECT coalesce(max(time), 0) FROM (SELECT time FROM accesses ORDER BY id DESC LIMIT 1)),
           (SELECT latest FROM history_time))

-- name: kinds
SELECT id, resource, indexes FROM kinds

-- name: add-kind
INSERT INTO kinds (resource, indexes) VALUES (?, ?)

-- name: set-kind-indexes
UPDATE kinds SET indexes = ? WHERE id = ?

-- name: objects-of-kind
SELECT id, namespace, name, uid, sealed, body FROM objects WHERE kind = ? AND id > ? ORDER BY id LIMIT 500

-- name: log-state
SELECT floor, bytes FROM log_state

-- name: set-log-state
UPDATE log_state SET floor = ?, bytes = ?

-- name: oldest-entries
SELECT revision, time, size FROM log ORDER BY revision LIMIT ?

-- name: drop-entries
DELETE FROM log WHERE revision <= ?
