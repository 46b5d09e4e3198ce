"""Towpath moves software releases through environments in Git.

The packages and the one direction in which they import each other are described in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
