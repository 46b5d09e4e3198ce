-- What was answered to whom asks again with the same key.

-- name: forget-old
DELETE FROM answers WHERE asked < ?

-- name: find
SELECT asked, digest, answer FROM answers WHERE key = ?

-- name: ask
INSERT INTO answers (key, asked, digest, answer) VALUES (?, ?, ?, '')

-- name: keep
UPDATE answers SET answer = ? WHERE key = ?

-- name: forget
DELETE FROM answers WHERE key = ?
