"""Our own API under `/towpath/v1`: why something does not move, what steps said, what was where, backups, metrics."""

from towpath.server.ext import backup, credentials, explain, history, log, metrics

ENDPOINTS = (
    *backup.ENDPOINTS,
    *credentials.ENDPOINTS,
    *explain.ENDPOINTS,
    *history.ENDPOINTS,
    *log.ENDPOINTS,
    *metrics.ENDPOINTS,
)
"""Every route of it."""
