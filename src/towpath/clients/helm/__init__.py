"""Helm: renders charts, by the program `helm` or within Python (docs/explanation/rendering.md)."""
