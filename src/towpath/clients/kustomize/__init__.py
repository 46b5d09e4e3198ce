"""Kustomize: builds manifests, by the program `kustomize` or `kubectl` (docs/explanation/rendering.md)."""
