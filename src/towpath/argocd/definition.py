"""What a connection is: its name, whom it serves, and how its installation is reached.

`docs/reference/argocd.md` describes it for users.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.patterns import PatternError, glob

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.argocd.server_access import ServerAccess

NAMESPACE: Final = "argocd"
"""Where Argo CD lives where nothing else is said."""


class Origin(enum.StrEnum):
    """Where a connection is defined."""

    CONFIGURATION = "configuration"
    """The operator's file."""

    RESOURCE = "ArgoCDConnection"
    """An object of that kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """A kubeconfig of this machine, read when the connection is opened."""

    path: Path
    context: str = ""


@dataclass(frozen=True, slots=True)
class InCluster:
    """The cluster that we run in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByKubernetes:
    """By the API of the cluster that holds the Applications."""

    server: ServerAccess | Kubeconfig | InCluster
    namespaces: tuple[str, ...] = ()
    """That are watched; none: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRest:
    """By Argo CD's own API."""

    server: ServerAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One connection, as it is wanted. `repr` shows no credential."""

    name: str
    access: ByKubernetes | ByRest = field(repr=False)
    projects: tuple[str, ...]
    """Names of the Projects that it serves, or globs."""
    is_default: bool = False
    """Whether it serves those who name no other."""
    namespace: str = NAMESPACE
    """Where Argo CD itself lives: its AppProjects, and Applications of which no namespace is said."""
    url: str = ""
    """Of its pages for people; empty: there are none."""
    origin: Origin = Origin.CONFIGURATION

    @property
    def kind(self) -> str:
        """`kubernetes` or `rest`."""
        return "kubernetes" if isinstance(self.access, ByKubernetes) else "rest"

    def serves(self, project: str) -> bool:
        """Whether it serves a Project."""
        return any(each in ("*", project) or _matches(each, project) for each in self.projects)

    def shared(self, other: Definition) -> str:
        """Return a Project, or a pattern, that another connection serves too as far as their lists tell; empty: none.

        Whether two different globs have a Project in common is not asked.
        """
        mine = (each for each in self.projects if other.serves(each))
        theirs = (each for each in other.projects if self.serves(each))
        return next(mine, "") or next(theirs, "")

    def link(self, namespace: str, name: str) -> str:
        """Return where people see an Application; empty where there are no pages."""
        return f"{self.url.rstrip('/')}/applications/{namespace}/{name}" if self.url else ""


def _matches(pattern: str, project: str) -> bool:
    if not any(character in "*?[{" for character in pattern):
        return False
    try:
        return glob.compile(pattern).fullmatch(project)
    except PatternError:
        return False
