"""Manifests from files: read, completed with their Namespace, sent in portions."""
