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
SELECT count(*) FROM objects AS o WHERE o.kind = ?

-- name: count-with-field
SELECT count(*) FROM fields AS s WHERE s.kind = ? AND s.path = ? AND s.value = ?

-- name: and-field-namespace
AND s.namespace = ?

-- name: window
-- The key that so many objects of a kind lie before.
SELECT o.namespace, o.name FROM objects AS o WHERE o.kind = ?

-- name: window-order
ORDER BY o.namespace, o.name LIMIT 1 OFFSET ?

-- name: how-many-labelled
-- How many objects have a label, as far as that matters.
SELECT count(*) FROM (
  SELECT 1 FROM labels AS l
  WHERE l.kind = ? AND l.key = ? AND l.value IN (SELECT value FROM json_each(?)) LIMIT ?)

-- name: how-many-with-field
SELECT count(*) FROM (
  SELECT 1 FROM fields AS s WHERE s.kind = ? AND s.path = ? AND s.value = ? LIMIT ?)

-- name: how-many-with-field-in-namespace
SELECT count(*) FROM (
  SELECT 1 FROM fields AS s WHERE s.kind = ? AND s.path = ? AND s.value = ? AND s.namespace = ? LIMIT ?)

-- name: shared-values
SELECT namespace, value FROM fields WHERE kind = ? AND path = ? AND value <> ''
GROUP BY namespace, value HAVING count(*) > 1 ORDER BY namespace, value

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

-- name: and-object-has-field
AND EXISTS (SELECT 1 FROM fields AS s WHERE s.object = o.id AND s.path = ? AND s.value = ?)

-- name: and-not-field
AND NOT EXISTS (SELECT 1 FROM fields AS s WHERE s.object = o.id AND s.path = ? AND s.value = ?)

-- name: and-label-in
AND o.id IN (
  SELECT l.object FROM labels AS l
  WHERE l.kind = ? AND l.key = ? AND l.value IN (SELECT value FROM json_each(?)))

-- name: and-object-has-label
AND EXISTS (
  SELECT 1 FROM labels AS l
  WHERE l.object = o.id AND l.key = ? AND l.value IN (SELECT value FROM json_each(?)))

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

-- name: up-to-name
AND (o.namespace, o.name) <= (?, ?)

-- name: up-to-name-in-namespace
AND o.name <= ?

-- name: and-value-between
AND f.value >= ? AND f.value < ?

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

-- name: replaced-keys-by-revision
-- The same by key, and which entry of the log has it: for when little was written since.
SELECT l.namespace, l.name, l.revision FROM log AS l INDEXED BY log_by_kind
WHERE l.kind = ? AND l.revision > ? AND l.before_revision <= ?

-- name: replaced-keys-by-object
-- The same for when much was.
SELECT l.namespace, l.name, l.revision FROM log AS l INDEXED BY log_by_object
WHERE l.kind = ? AND l.revision > ? AND l.before_revision <= ?

-- name: and-key-namespace
AND l.namespace = ?

-- name: after-key
AND (l.namespace, l.name) > (?, ?)

-- name: after-key-in-namespace
AND l.name > ?

-- name: up-to-key
AND (l.namespace, l.name) <= (?, ?)

-- name: up-to-key-in-namespace
AND l.name <= ?

-- name: order-by-key
ORDER BY l.namespace, l.name LIMIT ?

-- name: replaced-by
SELECT uid, before_revision, sealed, before FROM log WHERE revision = ?

-- name: changes
-- A stretch of the log of one kind with what each write left: the object's next `before`, or its row. Of other
-- namespaces than the one that is asked for (NULL: all) only the revision.
SELECT l.revision, l.namespace, l.name, l.uid, l.verb, l.before_revision, l.sealed,
       iif(l.namespace = ifnull(?, l.namespace), l.before, NULL),
       iif(n.revision IS NULL, o.sealed, n.sealed),
       iif(l.namespace = ifnull(?, l.namespace), iif(n.revision IS NULL, o.body, n.before), NULL)
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
SELECT revision, time, actor, verb, kind, namespace, name, uid, via FROM log
WHERE revision > ? ORDER BY revision LIMIT ?

-- name: log-of-object
SELECT revision, time, actor, verb, kind, namespace, name, uid, via FROM log
WHERE kind = ? AND namespace = ? AND name = ? AND revision > ? ORDER BY revision LIMIT ?
