"""Our own API under `/towpath/v1`: why something does not move, what steps said, what was where, backups."""

from towpath.server.ext import backup, explain, history, log

ENDPOINTS = (*backup.ENDPOINTS, *explain.ENDPOINTS, *history.ENDPOINTS, *log.ENDPOINTS)
"""Every route of it."""
