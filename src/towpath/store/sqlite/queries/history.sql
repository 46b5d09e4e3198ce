-- Writing and reading history. Lists are put together from the fragments, always with bound values.

-- name: advance
UPDATE history_time SET latest = max(latest, ?) RETURNING latest

-- name: put-promotion
INSERT INTO promotions (uid, project, stage, freight, recorded, updated, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
ON CONFLICT (uid) DO UPDATE SET
  stage = excluded.stage, freight = excluded.freight, updated = excluded.updated,
  revision = excluded.revision,
  record = json_set(excluded.record,
    '$.actor', promotions.record ->> '$.actor',
    '$.via', coalesce(promotions.record ->> '$.via', ''),
    '$.reason', coalesce(nullif(excluded.record ->> '$.reason', ''), promotions.record ->> '$.reason'))

-- name: delete-promotion
UPDATE promotions SET deleted = ?2, revision = ?3 WHERE uid = ?1

-- name: put-verification
INSERT INTO verifications (stage_uid, run, project, stage, recorded, updated, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
ON CONFLICT (stage_uid, run) DO UPDATE SET
  updated = excluded.updated, revision = excluded.revision,
  record = json_set(excluded.record, '$.via', coalesce(verifications.record ->> '$.via', ''))

-- name: add-verified-freight
INSERT INTO verified_freight (freight, verification)
SELECT ?3, id FROM verifications WHERE stage_uid = ?1 AND run = ?2
ON CONFLICT DO NOTHING

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

-- name: explain-approval
UPDATE approvals SET record = json_set(record, '$.reason', ?3), revision = ?4
WHERE freight_uid = ?1 AND stage = ?2 AND ended IS NULL

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
AND id IN (SELECT verification FROM verified_freight WHERE freight = ?)

-- name: and-from
AND recorded >= ?

-- name: and-until
AND recorded < ?

-- name: and-before
AND (recorded, id) < (?, ?)

-- name: newest-first
ORDER BY recorded DESC, id DESC LIMIT ?

-- name: stages
-- From one name to the next by the index: a Stage with a thousand stays is one step.
WITH RECURSIVE known (name) AS (
  SELECT (SELECT min(stage) FROM occupancies WHERE project = ?1)
  UNION ALL
  SELECT (SELECT min(stage) FROM occupancies WHERE project = ?1 AND stage > known.name)
  FROM known WHERE known.name IS NOT NULL
)
SELECT name FROM known WHERE name IS NOT NULL

-- name: in-stage
-- Two walks of one index, so that what ended before the moment is skipped; an OR would read the whole past.
SELECT record, recorded, ended, origin, id FROM occupancies INDEXED BY occupancies_by_end
WHERE project = ?1 AND stage = ?2 AND ended IS NULL AND recorded <= ?3
UNION ALL
SELECT record, recorded, ended, origin, id FROM occupancies INDEXED BY occupancies_by_end
WHERE project = ?1 AND stage = ?2 AND ended > ?3 AND recorded <= ?3
ORDER BY origin, id

-- name: of-freight
-- The index is named: left to itself SQLite reads the whole Project, to have half of the order from an index.
SELECT record, recorded, ended FROM occupancies INDEXED BY occupancies_by_freight
WHERE project = ?1 AND freight = ?2 AND recorded <= ?3 AND (ended IS NULL OR ended > ?3)
ORDER BY stage, origin, id

-- name: density
SELECT (recorded - ?4) * ?6 / ?5, count(*), sum(record ->> '$.phase' IN ('Failed', 'Errored', 'Aborted'))
FROM promotions INDEXED BY promotions_by_project
WHERE project = ?1 AND recorded >= ?2 AND recorded < ?3 GROUP BY 1

-- name: forget-stage-occupancies
DELETE FROM occupancies WHERE project = ?1 AND stage_uid = ?2

-- name: forget-freight-approvals
DELETE FROM approvals WHERE project = ?1 AND freight_uid = ?2

-- name: adopt-promotion
INSERT INTO promotions (id, uid, project, stage, freight, recorded, updated, deleted, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (uid) DO UPDATE SET
  project = excluded.project, stage = excluded.stage, freight = excluded.freight, recorded = excluded.recorded,
  updated = excluded.updated, deleted = excluded.deleted, revision = excluded.revision, record = excluded.record

-- name: adopt-verification
INSERT INTO verifications (id, stage_uid, run, project, stage, recorded, updated, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (stage_uid, run) DO UPDATE SET
  recorded = excluded.recorded, updated = excluded.updated, revision = excluded.revision, record = excluded.record

-- name: adopt-occupancy
INSERT INTO occupancies (id, stage_uid, project, stage, origin, freight, recorded, ended, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: adopt-approval
INSERT INTO approvals (id, freight_uid, project, stage, freight, recorded, ended, ended_by, revision, record)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)

-- name: last-id
SELECT max((SELECT coalesce(max(id), 0) FROM promotions), (SELECT coalesce(max(id), 0) FROM verifications),
           (SELECT coalesce(max(id), 0) FROM occupancies), (SELECT coalesce(max(id), 0) FROM approvals))
