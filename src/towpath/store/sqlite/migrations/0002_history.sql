-- History: written in the transaction of the write it follows from, never removed with the objects.
-- Times are milliseconds since 1970, UTC, in the store's own non-decreasing time.

CREATE TABLE promotions (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  uid      TEXT NOT NULL UNIQUE,
  project  TEXT NOT NULL,
  stage    TEXT NOT NULL,
  freight  TEXT NOT NULL,
  recorded INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  deleted  INTEGER,
  revision INTEGER NOT NULL, -- of the last write that changed the record
  record   TEXT NOT NULL     -- JSON
) STRICT;
CREATE INDEX promotions_by_stage ON promotions (project, stage, id);
CREATE INDEX promotions_by_freight ON promotions (project, freight, id);

CREATE TABLE verifications (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  stage_uid TEXT NOT NULL,
  run       TEXT NOT NULL,
  project   TEXT NOT NULL,
  stage     TEXT NOT NULL,
  recorded  INTEGER NOT NULL,
  updated   INTEGER NOT NULL,
  revision  INTEGER NOT NULL,
  record    TEXT NOT NULL,
  UNIQUE (stage_uid, run)
) STRICT;
CREATE INDEX verifications_by_stage ON verifications (project, stage, id);

CREATE TABLE occupancies (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  stage_uid TEXT NOT NULL,
  project   TEXT NOT NULL,
  stage     TEXT NOT NULL,
  origin    TEXT NOT NULL,
  freight   TEXT NOT NULL,
  recorded  INTEGER NOT NULL,
  ended     INTEGER,
  revision  INTEGER NOT NULL,
  record    TEXT NOT NULL
) STRICT;
CREATE INDEX occupancies_by_stage ON occupancies (project, stage, id);
CREATE INDEX occupancies_by_freight ON occupancies (project, freight, id);
-- A Stage holds one Freight of an origin at a time.
CREATE UNIQUE INDEX occupancies_open ON occupancies (stage_uid, origin) WHERE ended IS NULL;

CREATE TABLE approvals (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  freight_uid TEXT NOT NULL,
  project     TEXT NOT NULL,
  stage       TEXT NOT NULL,
  freight     TEXT NOT NULL,
  recorded    INTEGER NOT NULL,
  ended       INTEGER,
  ended_by    TEXT NOT NULL,
  revision    INTEGER NOT NULL,
  record      TEXT NOT NULL
) STRICT;
CREATE INDEX approvals_by_stage ON approvals (project, stage, id);
CREATE INDEX approvals_by_freight ON approvals (project, freight, id);
CREATE UNIQUE INDEX approvals_open ON approvals (freight_uid, stage) WHERE ended IS NULL;
