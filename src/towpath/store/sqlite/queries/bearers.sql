-- Sessions and personal tokens.

-- name: all
SELECT id, kind, owner, digest, created, expires, used, record FROM bearers ORDER BY created, id

-- name: put
INSERT INTO bearers (id, kind, owner, digest, created, expires, used, record)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: remove
DELETE FROM bearers WHERE id = ?

-- name: use
UPDATE bearers SET used = max(used, ?2) WHERE id = ?1

-- name: uses
SELECT uid, used FROM token_uses

-- name: use-of
INSERT INTO token_uses (uid, used) VALUES (?, ?)
ON CONFLICT (uid) DO UPDATE SET used = max(used, excluded.used)

-- name: forget-use
DELETE FROM token_uses WHERE uid = ?
