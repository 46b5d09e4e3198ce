-- What the file says about itself: key_id (which key seals), created, writer (the last program version that
-- opened it for writing), clean (1 while the last close was orderly).
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
