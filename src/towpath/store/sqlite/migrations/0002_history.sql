-- History: written in the transaction of the write it follows from, never removed with the objects.
-- Times are milliseconds since 1970, UTC. They never decrease from one change to the next, so within a
-- table the order of ids is the order of `recorded`, and lists may look up where a time begins.

-- One row: the time of the latest change. The log, which has times too, may be emptied; this one stays.
CREATE TABLE history_time (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  latest INTEGER NOT NULL
) STRICT;
INSERT INTO history_time (id, latest) VALUES (1, 0);

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
CREATE INDEX promotions_by_project ON promotions (project, id);
CREATE INDEX promotions_by_stage ON promotions (project, stage, id);
CREATE INDEX promotions_by_freight ON promotions (freight, project, id);
CREATE INDEX promotions_by_time ON promotions (recorded, id);

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
CREATE INDEX verifications_by_project ON verifications (project, id);
CREATE INDEX verifications_by_stage ON verifications (project, stage, id);
CREATE INDEX verifications_by_time ON verifications (recorded, id);

-- The Freight that a verification was about.
CREATE TABLE verified_freight (
  freight      TEXT NOT NULL,
  verification INTEGER NOT NULL REFERENCES verifications (id),
  PRIMARY KEY (freight, verification)
) STRICT, WITHOUT ROWID;

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
  record    TEXT NOT NULL,
  CHECK (ended >= recorded)
) STRICT;
CREATE INDEX occupancies_by_project ON occupancies (project, id);
CREATE INDEX occupancies_by_stage ON occupancies (project, stage, id);
CREATE INDEX occupancies_by_freight ON occupancies (freight, project, id);
CREATE INDEX occupancies_by_time ON occupancies (recorded, id);
CREATE INDEX occupancies_by_end ON occupancies (project, stage, ended, recorded);
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
  record      TEXT NOT NULL,
  CHECK (ended >= recorded)
) STRICT;
CREATE INDEX approvals_by_project ON approvals (project, id);
CREATE INDEX approvals_by_stage ON approvals (project, stage, id);
CREATE INDEX approvals_by_freight ON approvals (freight, project, id);
CREATE INDEX approvals_by_time ON approvals (recorded, id);
CREATE UNIQUE INDEX approvals_open ON approvals (freight_uid, stage) WHERE ended IS NULL;
