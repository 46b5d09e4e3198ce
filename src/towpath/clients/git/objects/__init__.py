"""Commits, trees, files and tags of a mirror: read and made, mostly without a process."""
