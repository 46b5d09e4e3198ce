"""Our own API under `/towpath/v1`: connections to Argo CD, plans, why something does not move, what steps said, what was where, backups, metrics."""

from towpath.server.ext import (
    analysis,
    argocd,
    backup,
    board,
    compare,
    credentials,
    debt,
    explain,
    history,
    log,
    me_sessions,
    me_tokens,
    metrics,
    moves,
    plans,
    retry,
    session,
)

ENDPOINTS = (
    *analysis.ENDPOINTS,
    *argocd.ENDPOINTS,
    *backup.ENDPOINTS,
    *board.ENDPOINTS,
    *compare.ENDPOINTS,
    *credentials.ENDPOINTS,
    *debt.ENDPOINTS,
    *explain.ENDPOINTS,
    *history.ENDPOINTS,
    *log.ENDPOINTS,
    *me_sessions.ENDPOINTS,
    *me_tokens.ENDPOINTS,
    *metrics.ENDPOINTS,
    *moves.ENDPOINTS,
    *plans.ENDPOINTS,
    *retry.ENDPOINTS,
    *session.ENDPOINTS,
)
"""Every route of it."""
