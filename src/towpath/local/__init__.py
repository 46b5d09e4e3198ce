"""Commands that work on a data directory without a server: offline backup, restore, rotation, evaluation."""
