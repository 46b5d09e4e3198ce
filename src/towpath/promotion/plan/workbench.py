"""What plans are made with: the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.promotion import git_client
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.confidence import Confidence
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.surroundings import StepSurroundings
    from towpath.runtime.aside import Aside

_NAME: Final = "00000000000000000000000000"
"""Stands for the part of a Promotion's name that is drawn when it is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """Where plans are made, and by what."""

    around: StepSurroundings
    folder: Path
    """Where plans have their work directories, while they are made."""
    aside: Aside
    """Compares what is rendered."""

    async def git(
        self, project: str, stage: str, freight: str, confidence: Confidence, actor: str
    ) -> GitClient:
        """Return Git for a plan, which reads in the name of `actor` and signs nothing."""
        return await git_client.made(
            Ref(scheme.PROMOTION, project, name(stage, freight)),
            confidence.disclosed,
            store=self.around.store,
            repositories=self.around.repositories,
            credentials=self.around.credentials,
            actor=actor,
            whom=purpose(stage, freight),
            usual=self.around.outside.identity,
            is_signing=False,
            promoter=actor,
        )


def name(stage: str, freight: str) -> str:
    """Return what stands for the Promotion's name: one that is made will have its own."""
    return f"{stage}.{_NAME}.{freight[:7]}"


def purpose(stage: str, freight: str) -> str:
    """Return for what credentials are opened, on the record."""
    return f"a plan of Freight {freight} for Stage {stage}"
