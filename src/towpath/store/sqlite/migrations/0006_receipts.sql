-- What came of deliveries of webhooks: the last ones of each receiver.
CREATE TABLE receipts (
  id       INTEGER PRIMARY KEY,
  config   TEXT NOT NULL,    -- uid of the configuration that has the receiver
  receiver TEXT NOT NULL,
  taken    INTEGER NOT NULL, -- 1: the sender knew the secret, and what came could be read
  time     INTEGER NOT NULL, -- milliseconds since 1970, UTC
  status   INTEGER NOT NULL, -- of the answer
  record   TEXT NOT NULL     -- JSON
) STRICT;
CREATE INDEX receipts_by_receiver ON receipts (config, receiver, taken, id);
CREATE INDEX receipts_by_age ON receipts (time);
