"""Roles, tokens, config maps and credentials, which are kept in a Project or for all."""
