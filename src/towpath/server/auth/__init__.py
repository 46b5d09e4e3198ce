"""Who calls, and whom a caller speaks for.

By tokens of the administrator, of ServiceAccounts and of persons; by sessions of the web UI, begun with a password or by an
identity provider (`oidc`).
"""
