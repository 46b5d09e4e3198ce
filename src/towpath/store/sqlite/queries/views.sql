-- Views that people saved.

-- name: of
SELECT name, saved, screen, project, search FROM views WHERE owner = ? ORDER BY name

-- name: others
SELECT count(*) FROM views WHERE owner = ? AND name <> ?

-- name: put
INSERT INTO views (owner, name, saved, screen, project, search) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (owner, name) DO UPDATE SET
  saved = excluded.saved, screen = excluded.screen, project = excluded.project, search = excluded.search

-- name: remove
DELETE FROM views WHERE owner = ? AND name = ? RETURNING name
