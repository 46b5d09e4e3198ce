"""The name of Freight: a digest of its origin and artifacts, so that the same contents are the same Freight."""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING

from towpath.versions.urls import normalize_chart, normalize_git

if TYPE_CHECKING:
    from towpath.resources.freight import Freight


def freight_name(freight: Freight) -> str:
    """Return the name that Freight of these contents has, 40 hexadecimal digits.

    Branches, messages, annotations and the order of the artifacts do not count.
    """
    parts = [
        _named(
            ":".join(filter(None, (normalize_git(commit.repo_url), commit.tag, commit.id))),
            commit.subscription_name,
        )
        for commit in freight.commits
    ]
    parts += [
        _named(f"{image.repo_url}:{image.tag}@{image.digest}", image.subscription_name)
        for image in freight.images
    ]
    parts += [
        _named(
            f"{_joined(normalize_chart(chart.repo_url), chart.name)}:{chart.version}",
            chart.subscription_name,
        )
        for chart in freight.charts
    ]
    parts += [
        f"{artifact.artifact_type}:{artifact.subscription_name}:{artifact.version}"
        for artifact in freight.artifacts
    ]
    text = f"{freight.origin.key}:{'|'.join(sorted(parts))}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _named(part: str, subscription: str) -> str:
    return f"{part}:{subscription}" if subscription else part


def _joined(url: str, name: str) -> str:
    """Return what Go's `path.Join` makes of both: it leaves one slash of two, also in `https://`."""
    parts = [part for part in (url, name) if part]
    if not parts:
        return ""
    joined = posixpath.normpath("/".join(parts))
    return "/" + joined.lstrip("/") if joined.startswith("/") else joined
