-- Statements of the reader. Lists are put together from the fragments below, always with bound values.

-- name: get
SELECT uid, revision, sealed, body FROM objects WHERE kind = ? AND namespace = ? AND name = ?

-- name: newest
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'log'), 0), (SELECT floor FROM log_state)

-- name: list-by-name
SELECT o.namespace, o.name, o.uid, o.revision, o.sealed, o.body, ''
FROM objects AS o
WHERE o.kind = ? AND o.revision <= ?

-- name: list-by-field
SELECT o.namespace, o.name, o.uid, o.revision, o.sealed, o.body, f.value
FROM fields AS f CROSS JOIN objects AS o ON o.id = f.object
WHERE f.kind = ? AND f.path = ? AND o.revision <= ?

-- name: count
SELECT count(*) FROM objects AS o WHERE o.kind = ? AND o.revision <= ?

-- name: and-namespace
AND o.namespace = ?

-- name: and-indexed-namespace
AND f.namespace = ?

-- name: and-name
AND o.name = ?

-- name: and-not-name
AND o.name <> ?

-- name: and-not-namespace
AND o.namespace <> ?

-- name: and-field
AND o.id IN (SELECT s.object FROM fields AS s WHERE s.kind = ? AND s.path = ? AND s.value = ?)

-- name: and-field-in-namespace
AND o.id IN (
  SELECT s.object FROM fields AS s WHERE s.kind = ? AND s.path = ? AND s.value = ? AND s.namespace = ?)

-- name: and-not-field
AND NOT EXISTS (SELECT 1 FROM fields AS s WHERE s.object = o.id AND s.path = ? AND s.value = ?)

-- name: and-label-in
AND o.id IN (
  SELECT l.object FROM labels AS l
  WHERE l.kind = ? AND l.key = ? AND l.value IN (SELECT value FROM json_each(?)))

-- name: and-label-not-in
AND NOT EXISTS (
  SELECT 1 FROM labels AS l
  WHERE l.object = o.id AND l.key = ? AND l.value IN (SELECT value FROM json_each(?)))

-- name: and-label-exists
AND EXISTS (SELECT 1 FROM labels AS l WHERE l.object = o.id AND l.key = ?)

-- name: and-label-absent
AND NOT EXISTS (SELECT 1 FROM labels AS l WHERE l.object = o.id AND l.key = ?)

-- name: after-name
AND (o.namespace, o.name) > (?, ?)

-- name: after-name-in-namespace
AND o.name > ?

-- name: after-value-ascending
AND (f.value > ? OR (f.value = ? AND (f.namespace, f.name) > (?, ?)))

-- name: after-value-descending
AND (f.value < ? OR (f.value = ? AND (f.namespace, f.name) > (?, ?)))

-- name: order-by-name
ORDER BY o.namespace, o.name LIMIT ?

-- name: order-by-value-ascending
ORDER BY f.value, f.namespace, f.name LIMIT ?

-- name: order-by-value-descending
ORDER BY f.value DESC, f.namespace, f.name LIMIT ?

-- name: replaced-since
-- What the objects of a kind that changed after a revision were at that revision.
SELECT namespace, name, uid, before_revision, sealed, before
FROM log WHERE kind = ? AND revision > ? AND before_revision <= ?

-- name: changes
-- A stretch of the log of one kind with what each write left: the object's next `before`, or its row.
SELECT l.revision, l.namespace, l.name, l.uid, l.verb, l.before_revision, l.sealed, l.before,
       iif(n.revision IS NULL, o.sealed, n.sealed), iif(n.revision IS NULL, o.body, n.before)
FROM log AS l
LEFT JOIN log AS n ON n.revision = (
  SELECT m.revision FROM log AS m
  WHERE m.kind = l.kind AND m.namespace = l.namespace AND m.name = l.name AND m.revision > l.revision
  ORDER BY m.revision LIMIT 1)
LEFT JOIN objects AS o ON n.revision IS NULL AND l.verb <> 'delete'
  AND o.kind = l.kind AND o.namespace = l.namespace AND o.name = l.name
WHERE l.kind = ? AND l.revision > ?
ORDER BY l.revision LIMIT ?

-- name: log
SELECT revision, time, actor, verb, kind, namespace, name, uid FROM log
WHERE revision > ? ORDER BY revision LIMIT ?

-- name: log-of-object
SELECT revision, time, actor, verb, kind, namespace, name, uid FROM log
WHERE kind = ? AND namespace = ? AND name = ? AND revision > ? ORDER BY revision LIMIT ?
