-- Answers that are kept for a day, for whoever asks again with the same key: a double click, or a caller who was cut off.
CREATE TABLE answers (
  key    TEXT PRIMARY KEY, -- a digest of who asks, where, and the key they gave
  asked  INTEGER NOT NULL, -- milliseconds since 1970, UTC
  digest TEXT NOT NULL,    -- of what was asked for
  answer TEXT NOT NULL     -- empty until it is known
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (asked);
