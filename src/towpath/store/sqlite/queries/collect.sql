-- Statements of the collector.

-- name: add
INSERT INTO collecting (owner) VALUES (?) ON CONFLICT DO NOTHING

-- name: any
SELECT EXISTS (SELECT 1 FROM collecting)

-- name: done
DELETE FROM collecting WHERE owner = ?

-- name: pending
SELECT owner FROM collecting WHERE owner > ? ORDER BY owner LIMIT 1

-- name: any-dependent
SELECT EXISTS (SELECT 1 FROM owners WHERE owner = ?)

-- name: any-blocking
SELECT EXISTS (SELECT 1 FROM owners WHERE owner = ? AND blocking = 1)

-- name: dependents
SELECT o.kind, o.namespace, o.name, o.id
FROM owners AS w JOIN objects AS o ON o.id = w.object
WHERE w.owner = ? AND w.object > ? ORDER BY w.object LIMIT 100
