"""Versions and the addresses of what is versioned: pure rules."""
