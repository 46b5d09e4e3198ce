"""Discovery: what versions of the artifacts that a Warehouse subscribes to there are."""
