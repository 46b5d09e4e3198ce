-- Statements of the index of search terms, which is a file of its own.

-- name: make
-- `position`: the revision up to which everything is in `terms`; NULL while they are being made.
CREATE TABLE state (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  made_of  TEXT NOT NULL,
  position INTEGER
) STRICT;
CREATE TABLE terms (
  kind      INTEGER NOT NULL,
  value     TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  PRIMARY KEY (kind, value, namespace, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX terms_by_namespace ON terms (kind, namespace, value, name);

-- name: begin
INSERT INTO state (one, made_of, position) VALUES (1, ?, NULL)

-- name: state
SELECT made_of, position FROM state

-- name: set-position
UPDATE state SET position = ?

-- name: drop
-- All of a batch in one statement: between two of them a thread waits for its turn at the interpreter.
DELETE FROM terms WHERE (kind, value, namespace, name) IN (
  SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3 FROM json_each(?) AS e)

-- name: add
INSERT OR IGNORE INTO terms (kind, value, namespace, name)
SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3 FROM json_each(?) AS e

-- name: between
SELECT value, namespace, name FROM terms
WHERE kind = ?1 AND value >= ?2 AND value < ?3 ORDER BY value, namespace, name LIMIT ?4

-- name: between-of-namespace
SELECT value, namespace, name FROM terms INDEXED BY terms_by_namespace
WHERE kind = ?1 AND namespace = ?5 AND value >= ?2 AND value < ?3 ORDER BY value, name LIMIT ?4
