"""Edits of YAML, JSON, TOML and HCL, of charts and kustomizations in place: bytes outside what is changed stay as they are."""
