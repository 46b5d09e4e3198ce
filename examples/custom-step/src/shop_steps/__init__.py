"""Promotion steps of our own."""
