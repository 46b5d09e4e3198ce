"""Forges: servers that host Git repositories and have an interface of their own besides Git, a package for each kind."""
