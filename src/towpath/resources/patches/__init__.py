"""Patches of documents: JSON Patch, JSON Merge Patch, and Kubernetes' strategic merge. None mutates what it is given."""
