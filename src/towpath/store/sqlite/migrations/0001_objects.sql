-- Objects, what they are selected by, the change log and the collector's work.

-- The kinds this file has seen. `indexes` is the JSON list of index paths the rows of `fields` were made
-- from; where the scheme now declares others, they are made anew at opening.
CREATE TABLE kinds (
  id       INTEGER PRIMARY KEY,
  resource TEXT NOT NULL UNIQUE,
  indexes  TEXT NOT NULL
) STRICT;

-- The newest state of every object. `body` is the JSON document, or its sealed form where `sealed` is 1.
CREATE TABLE objects (
  id        INTEGER PRIMARY KEY,
  kind      INTEGER NOT NULL REFERENCES kinds (id),
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  uid       TEXT NOT NULL UNIQUE,
  revision  INTEGER NOT NULL,
  sealed    INTEGER NOT NULL,
  body      BLOB NOT NULL,
  UNIQUE (kind, namespace, name)
) STRICT;

-- One row per label of an object.
CREATE TABLE labels (
  kind      INTEGER NOT NULL,
  key       TEXT NOT NULL,
  value     TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  object    INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, key, value, namespace, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_by_object ON labels (object, key, value);

-- One row per value that a declared index finds in an object.
CREATE TABLE fields (
  kind      INTEGER NOT NULL,
  path      TEXT NOT NULL,
  value     TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  object    INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, path, value, namespace, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX fields_by_namespace ON fields (kind, path, namespace, value, name);
CREATE INDEX fields_by_object ON fields (object, path, value);

-- One row per owner reference of an object.
CREATE TABLE owners (
  owner    TEXT NOT NULL,
  object   INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  blocking INTEGER NOT NULL,
  PRIMARY KEY (owner, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX owners_by_object ON owners (object);

-- Owners (by uid) whose dependents the collector has still to look at; written with the write that made
-- it necessary, so a crash in between forgets nothing.
CREATE TABLE collecting (
  owner TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The change log: one row per write. `before` is the document the write replaced or removed (NULL: there
-- was none). What a write *left* is therefore the `before` of the object's next row, or else its row in
-- `objects`: every state is stored once, and dropping the oldest rows takes nothing from the younger ones.
CREATE TABLE log (
  revision        INTEGER PRIMARY KEY AUTOINCREMENT,
  time            INTEGER NOT NULL, -- milliseconds since 1970, UTC, never decreasing
  actor           TEXT NOT NULL,
  verb            TEXT NOT NULL,
  kind            INTEGER NOT NULL REFERENCES kinds (id),
  namespace       TEXT NOT NULL,
  name            TEXT NOT NULL,
  uid             TEXT NOT NULL,
  size            INTEGER NOT NULL, -- bytes of `before`
  before_revision INTEGER,
  sealed          INTEGER NOT NULL, -- whether `before` is sealed
  before          BLOB
) STRICT;
CREATE INDEX log_by_kind ON log (kind, revision);
CREATE INDEX log_by_object ON log (kind, namespace, name, revision);

-- Who opened which sealed object, and why.
CREATE TABLE accesses (
  id        INTEGER PRIMARY KEY,
  time      INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  kind      INTEGER NOT NULL REFERENCES kinds (id),
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  revision  INTEGER NOT NULL
) STRICT;

-- One row: how far the log has been pruned and how much it holds.
CREATE TABLE log_state (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  floor INTEGER NOT NULL, -- the newest revision that is no longer in the log; 0: all are
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO log_state (one, floor, bytes) VALUES (1, 0, 0);
