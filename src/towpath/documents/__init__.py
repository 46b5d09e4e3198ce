"""Edits of YAML, JSON and TOML texts in place: bytes outside what is changed stay as they are."""
