"""What a checker of health is: asked about one Stage, it says how well that is, and why not better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.stage import Health
    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.drift import Drift
    from towpath.rules.argocd.revision_match import Known


class ArgoCDReading(Protocol):
    """What a checker may ask Argo CD, by the connection that serves the Stage."""

    async def application(self, namespace: str, name: str) -> Application | None:
        """Return an Application, None if there is none. `namespace`: empty for the connection's own.

        Raises Unavailable or Timeout where the connection cannot be reached, Forbidden, and NotFound where none serves the
        Stage.
        """
        ...

    async def namespace(self) -> str:
        """Return the namespace of Applications of which none is said. Raises NotFound."""
        ...

    async def refresh(self, application: Application) -> None:
        """Ask Argo CD to compare an Application anew, without its cache; a refusal is no matter."""
        ...

    async def related(
        self, application: Application, questions: Sequence[tuple[int, str, str]]
    ) -> Known:
        """Return how revisions of Git sources are related (`revision_match.questions`)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """Which Stage a checker is asked about, and what it may ask."""

    project: str
    stage: str
    argocd: ArgoCDReading
    images: Mapping[str, Sequence[str]]
    """What was promoted of each image repository, tags and digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one check found."""

    health: Health
    drift: Sequence[Drift] | None = ()
    """What is there in the place of what was promoted; None: nobody can tell now."""


class Checker(Protocol):
    """One kind of check. Instances keep nothing of a check."""

    name: ClassVar[str]
    """What `uses` says, such as `argocd-update`."""

    async def check(self, context: CheckContext, config: Any) -> Checked:
        """Look. `config` is what the step that left the check has said; it may be anything.

        What it raises counts as Unknown, with the error's text.
        """
        ...
