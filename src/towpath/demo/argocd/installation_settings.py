"""How a stand-in behaves where nothing goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class GitPlace:
    """Where a repository is had from."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationSettings:
    """How a stand-in behaves. Times are in seconds; those of Argo CD itself are as Argo CD's defaults are."""

    namespace: str = "argocd"
    """Argo CD's own."""
    sync_seconds: float = 0.0
    """How long an operation takes at least."""
    rollout_seconds: float = 2.0
    """How long Pods take to be ready."""
    job_seconds: float = 1.0
    """How long a Job takes."""
    never_ready: tuple[str, ...] = ()
    """Globs over images: Pods of these never become ready."""
    resync_seconds: float = 120.0
    """How often Applications are compared anew without being asked."""
    resync_jitter_seconds: float = 60.0
    repository_error_grace_seconds: float = 180.0
    """For so long, an error of a repository is not told by comparisons that nobody asked for."""
    bookmark_seconds: float = 60.0
    watch_seconds: float = 300.0
    """How long a watch is served at most, unless the caller wants less."""
    kept_changes: int = 5000
    git: Mapping[str, GitPlace] = field(default_factory=dict)
    """By the beginning of a `repoURL`: what stands for it. Other URLs are asked as they are."""
    programs: str = "/usr/local/bin:/usr/bin:/bin"
    """The folders of git, helm and kustomize, as in `PATH`."""
    folder: Path = Path()
    """Where mirrors lie, and objects, if they are kept."""
    keeps_objects: bool = True
