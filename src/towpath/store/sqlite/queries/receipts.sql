-- What came of deliveries of webhooks.

-- name: forget-old
DELETE FROM receipts WHERE time < ?

-- name: put
INSERT INTO receipts (config, receiver, taken, time, status, record) VALUES (?, ?, ?, ?, ?, ?)

-- name: forget-more
DELETE FROM receipts WHERE config = ? AND receiver = ? AND taken = ? AND id <= (
  SELECT id FROM receipts WHERE config = ? AND receiver = ? AND taken = ? ORDER BY id DESC LIMIT 1 OFFSET ?
)

-- name: of
SELECT taken, time, status, record FROM receipts WHERE config = ? AND receiver = ? ORDER BY id DESC

-- name: times
SELECT receiver, taken, time, status FROM receipts WHERE config = ? ORDER BY id DESC

-- name: forget
DELETE FROM receipts WHERE config = ?
