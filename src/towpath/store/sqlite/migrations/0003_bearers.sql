-- Who did a write besides its actor: by which means and from where, as JSON; empty for our own controllers.
ALTER TABLE log ADD COLUMN via TEXT NOT NULL DEFAULT '';

-- Sessions and personal tokens. What somebody shows is kept as its digest alone. Times as elsewhere.
CREATE TABLE bearers (
  id      TEXT PRIMARY KEY,
  kind    TEXT NOT NULL,
  owner   TEXT NOT NULL,    -- the actor whose it is
  digest  BLOB NOT NULL UNIQUE,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used    INTEGER NOT NULL, -- when it was used last, up to a minute late
  record  TEXT NOT NULL     -- JSON
) STRICT;

-- When tokens that lie elsewhere, as objects, were used last: by the object's uid.
CREATE TABLE token_uses (
  uid  TEXT PRIMARY KEY,
  used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
