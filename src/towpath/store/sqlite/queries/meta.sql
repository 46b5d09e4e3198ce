-- What the file says about itself, and what backup, restore and rotation ask of it.

-- name: read
SELECT value FROM meta WHERE name = ?

-- name: write
INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: quick-check
PRAGMA quick_check(1)

-- name: integrity-check
PRAGMA integrity_check(1)

-- name: revision
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'log'), 0)

-- name: count-objects
SELECT count(*) FROM objects

-- name: sealed-objects
SELECT o.id, k.resource, o.namespace, o.name, o.uid, o.body
FROM objects AS o JOIN kinds AS k ON k.id = o.kind WHERE o.sealed = 1 AND o.id > ? ORDER BY o.id LIMIT 200

-- name: sealed-entries
SELECT l.revision, k.resource, l.namespace, l.name, l.uid, l.before
FROM log AS l JOIN kinds AS k ON k.id = l.kind
WHERE l.sealed = 1 AND l.before IS NOT NULL AND l.revision > ? ORDER BY l.revision LIMIT 200

-- name: reseal-object
UPDATE objects SET body = ? WHERE id = ?

-- name: reseal-entry
UPDATE log SET before = ? WHERE revision = ?

-- name: begin-anew-time
-- The log goes, the time of its last entry stays: no later entry may be earlier.
UPDATE history_time SET latest = max(latest, (SELECT coalesce(max(time), 0) FROM log))

-- name: begin-anew-sequence
UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'log'

-- name: begin-anew-sequence-if-new
INSERT INTO sqlite_sequence (name, seq)
SELECT 'log', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'log')

-- name: begin-anew-log
DELETE FROM log

-- name: begin-anew-sessions
-- Who had signed out since the copy was made stays so: all sign in again.
DELETE FROM bearers WHERE kind = 'session'

-- name: begin-anew-state
UPDATE log_state SET floor = ?1, bytes = 0

-- name: vacuum
VACUUM

-- name: definitions
SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE NOT (name GLOB 'sqlite_*' AND type IN ('table', 'index') AND (sql IS NULL OR sql GLOB 'CREATE TABLE*'))

-- name: latest
SELECT coalesce((SELECT latest FROM history_time), 0)

-- name: floor
SELECT floor FROM log_state

-- name: tables
SELECT count(*) FROM sqlite_schema
