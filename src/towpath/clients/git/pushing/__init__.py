"""Commits on their way to a branch: one at a time, together with those of others, on top of what came meanwhile."""
