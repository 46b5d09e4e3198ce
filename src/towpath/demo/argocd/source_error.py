"""Why manifests cannot be made from a source, in the words that Argo CD's repository server has for it."""

from __future__ import annotations


class SourceError(Exception):
    """A source gives no manifests."""


class RepositoryError(SourceError):
    """The repository could not be reached: it may be well again in a moment."""
