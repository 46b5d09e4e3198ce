"""Reconcilers, one module or package per kind; siblings never import one another."""
