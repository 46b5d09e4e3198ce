"""A kind as commands name it: its words, its group, the columns of its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.cli.kinds.columns import Column

GROUP: Final = "kargo.akuity.io"


@dataclass(frozen=True, slots=True)
class NamedKind:
    """One kind that can be named on the command line."""

    name: str
    """As manifests have it."""
    plural: str
    """As paths have it; what it is called in usage."""
    words: tuple[str, ...]
    """What it may be called besides."""
    columns: tuple[Column, ...] = ()
    """Between NAME and AGE."""
    long: tuple[Column, ...] = ()
    """Behind AGE: what may be long."""
    wide: tuple[Column, ...] = ()
    """Behind those, with `-o wide` only."""
    group: str = GROUP
    version: str = "v1alpha1"
    in_project: bool = True
    is_single: bool = False
    """Whether there is one in a Project, which needs no name."""
    can_delete: bool = False
    is_own: bool = True
    """Whether Kargo's API has it; the others are asked for over the Kubernetes API."""
    has_age: bool = True
    freight: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None
    """What of an object refers to Freight that its columns show."""
    collection: str = ""
    """As the paths of what is kept for Projects, for all of them and for the system have it; empty for other kinds."""
    places: tuple[str, ...] = ()
    """Where else than in a Project such things are kept: `shared`, `system`."""
    usual: str = ""
    """What it is called in usage, if not by its plural."""
    order: Callable[[dict[str, Any]], str] | None = None
    """By what a list of them is ordered; as the server has it if not given."""

    @property
    def printed(self) -> str:
        """As a write is told: `stage.kargo.akuity.io`."""
        return f"{self.name.lower()}.{self.group}" if self.group else self.name.lower()

    @property
    def api_version(self) -> str:
        """The document's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version
