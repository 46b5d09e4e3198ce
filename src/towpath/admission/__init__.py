"""The one way in for writes: defaults, validation per kind, then the store."""
