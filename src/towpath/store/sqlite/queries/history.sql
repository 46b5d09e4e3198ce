-- Writing and reading history. Lists are put together from the fragments, always with bound values.

-- name: put-promotion
INSERT INTO promotions (uid, project, stage, freight, recorded, updated, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
ON CONFLICT (uid) DO UPDATE SET
  stage = excluded.stage, freight = excluded.freight, updated = excluded.updated,
  revision = excluded.revision, record = excluded.record

-- name: delete-promotion
UPDATE promotions SET deleted = ?2, revision = ?3 WHERE uid = ?1

-- name: put-verification
INSERT INTO verifications (stage_uid, run, project, stage, recorded, updated, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
ON CONFLICT (stage_uid, run) DO UPDATE SET
  updated = excluded.updated, revision = excluded.revision, record = excluded.record

-- name: end-occupancy
UPDATE occupancies SET ended = ?3, revision = ?4 WHERE stage_uid = ?1 AND origin = ?2 AND ended IS NULL

-- name: end-occupancies
UPDATE occupancies SET ended = ?2, revision = ?3 WHERE stage_uid = ?1 AND ended IS NULL

-- name: add-occupancy
INSERT INTO occupancies (stage_uid, project, stage, origin, freight, recorded, revision, record)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: add-approval
INSERT INTO approvals (freight_uid, project, stage, freight, recorded, ended_by, revision, record)
VALUES (?, ?, ?, ?, ?, '', ?, ?)
ON CONFLICT DO NOTHING

-- name: end-approval
UPDATE approvals SET ended = ?3, ended_by = ?4, revision = ?5
WHERE freight_uid = ?1 AND stage = ?2 AND ended IS NULL

-- name: end-approvals
UPDATE approvals SET ended = ?2, ended_by = ?3, revision = ?4 WHERE freight_uid = ?1 AND ended IS NULL

-- name: list-promotions
SELECT id, record, recorded, updated, deleted FROM promotions WHERE 1

-- name: list-verifications
SELECT id, record, recorded, updated FROM verifications WHERE 1

-- name: list-occupancies
SELECT id, record, recorded, ended FROM occupancies WHERE 1

-- name: list-approvals
SELECT id, record, recorded, ended, ended_by FROM approvals WHERE 1

-- name: and-project
AND project = ?

-- name: and-stage
AND stage = ?

-- name: and-freight
AND freight = ?

-- name: and-verified-freight
AND EXISTS (SELECT 1 FROM json_each(record, '$.freight') WHERE value = ?)

-- name: and-since
AND recorded >= ?

-- name: and-until
AND recorded < ?

-- name: and-before
AND id < ?

-- name: newest-first
ORDER BY id DESC LIMIT ?

-- name: in-stage
SELECT id, record, recorded, ended FROM occupancies
WHERE project = ?1 AND stage = ?2 AND recorded <= ?3 AND (ended IS NULL OR ended > ?3)
ORDER BY origin, id

-- name: of-freight
SELECT id, record, recorded, ended FROM occupancies
WHERE project = ?1 AND freight = ?2 AND recorded <= ?3 AND (ended IS NULL OR ended > ?3)
ORDER BY stage, origin, id
