"""Clouds, as far as an identity of theirs opens a registry: who we are there, and the token for it."""
