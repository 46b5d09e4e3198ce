-- Views of the web UI that somebody saved under a name: which screen, and what of it is shown.
CREATE TABLE views (
  owner   TEXT NOT NULL, -- the actor whose it is
  name    TEXT NOT NULL,
  saved   INTEGER NOT NULL, -- milliseconds since 1970, UTC
  screen  TEXT NOT NULL,
  project TEXT NOT NULL, -- empty: of no single Project
  search  TEXT NOT NULL, -- JSON: texts by name
  PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
