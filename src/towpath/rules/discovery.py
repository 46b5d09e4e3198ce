"""What a discovery amounts to: is it enough to make Freight of, and what do the conditions say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.resources import moments
from towpath.resources.meta import Condition, with_condition

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.warehouse import DiscoveredArtifacts

HEALTHY = "Healthy"
READY = "Ready"
RECONCILING = "Reconciling"
CREATED = "FreightCreated"
SATISFIED = "FreightCreationCriteriaSatisfied"
SETTLING = "Settling"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why no Freight can be made of what was found."""

    healthy: str
    """Reason of the condition Healthy."""
    ready: str
    """Reason of the condition Ready."""
    message: str


def shortfall(found: DiscoveredArtifacts) -> Shortfall | None:
    """Return why no Freight can be made of a discovery, None if it can."""
    if not (found.git or found.images or found.charts or found.results):
        return Shortfall(
            "MissingArtifacts", "MissingArtifacts", "no subscription has found anything"
        )
    for commits in found.git:
        if not commits.commits:
            return Shortfall(
                "NoCommitsDiscovered",
                "MissingCommits",
                f"no commit of {commits.repo_url} matches the subscription; see its branch, tags and path filters",
            )
    for image in found.images:
        if not image.references:
            return Shortfall(
                "NoImageReferencesDiscovered",
                "MissingImageReferences",
                f"no tag of {image.repo_url} matches the subscription; see its strategy, constraint, allow and "
                "ignore rules and platform",
            )
    for chart in found.charts:
        if not chart.versions:
            return Shortfall(
                "NoChartVersionsDiscovered",
                "MissingChartVersions",
                f"no version of chart {chart.name or chart.repo_url} matches the subscription; see its constraint",
            )
    for other in found.results:
        if not other.artifact_references:
            return Shortfall(
                "NoArtifactsDiscovered",
                "MissingArtifacts",
                f"nothing matches the subscription {other.name}",
            )
    return None


class Conditions:
    """The conditions of a Warehouse while they are brought in line."""

    def __init__(self, conditions: list[Condition], *, at: str, generation: int) -> None:
        """`at`: now, as resources write it."""
        self.all = list(conditions)
        self._at = at
        self._generation = generation

    def put(
        self, type_: str, status: str, reason: str, message: str, *, since: datetime | None = None
    ) -> None:
        """Set the condition of a type. `since`: it holds since then, whatever was said before."""
        if since is not None:
            self.drop(type_)
        self.all = with_condition(
            self.all,
            Condition(
                type=type_,
                status=status,
                reason=reason,
                message=message,
                last_transition_time=self._at if since is None else moments.whole_seconds(since),
                observed_generation=self._generation,
            ),
        )

    def drop(self, *types: str) -> None:
        """Remove the conditions of types."""
        self.all = [found for found in self.all if found.type not in types]

    def failed(self, healthy: str, ready: str, message: str, *, again: bool) -> None:
        """Say that it did not come to an end, and whether it is tried again."""
        self.put(HEALTHY, "False", healthy, message)
        self.put(READY, "False", ready, message)
        if again:
            self.put(RECONCILING, "True", "RetryAfterError", message)
        else:
            self.drop(RECONCILING)
