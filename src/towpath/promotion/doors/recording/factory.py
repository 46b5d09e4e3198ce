"""Makes the doors of one plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.promotion.doors.argocd import ConnectedArgoCD
from towpath.promotion.doors.factory import rendering_door
from towpath.promotion.doors.forge import ConnectedForge
from towpath.promotion.doors.http import EgressDoor
from towpath.promotion.doors.jira import ConnectedJira
from towpath.promotion.doors.recording.argocd import RecordedArgoCD
from towpath.promotion.doors.recording.forge import RecordedForge
from towpath.promotion.doors.recording.git import RecordedGit
from towpath.promotion.doors.recording.http import RecordedHttp
from towpath.promotion.doors.recording.jira import RecordedJira
from towpath.promotion.doors.recording.messages import RecordedMessages
from towpath.promotion.doors.recording.objects import RecordedObjects
from towpath.promotion.doors.recording.rendering import RecordedRendering
from towpath.promotion.doors.recording.servicenow import RecordedServiceNow
from towpath.promotion.doors.servicenow import ConnectedServiceNow
from towpath.promotion.effects import Effects

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.doors.trackers import ProjectTrackers
    from towpath.promotion.effects import ChartRepositories
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.journal import Journal
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDoors:
    """The `EffectsFactory` of a plan."""

    recorder: Recorder
    outside: Outside
    git: GitClient
    charts: ChartRepositories
    trackers: ProjectTrackers
    store: Store
    journal: Journal
    stage: str
    clock: Clock
    allow_reads: bool = False
    """Whether `http` steps may send requests that change nothing."""

    def of(
        self, step: str, *, directory: WorkDirectory, started: datetime, aside: Aside
    ) -> Effects:
        """Return the doors for the step of an alias."""
        notes = self.journal.of(step)
        mark = f"{self.git.project}/{self.git.promotion}/{step}"
        jira = ConnectedJira(self.trackers, mark=mark, journal=notes, clock=self.clock)
        servicenow = ConnectedServiceNow(self.trackers, mark=mark, journal=notes, clock=self.clock)
        reading = EgressDoor(
            self.outside.egress,
            project=self.git.project,
            promotion=self.git.promotion,
            step=step,
            directory=directory,
            journal=notes,
        )
        return Effects(
            git=RecordedGit(
                self.recorder,
                self.git,
                step=step,
                started=started,
                directory=directory,
                journal=notes,
                aside=aside,
                policy=self.outside.policy,
            ),
            forge=RecordedForge(
                self.recorder,
                step,
                self.outside.forges,
                ConnectedForge(self.outside.forges, self.git, notes),
            ),
            http=RecordedHttp(self.recorder, step, reading if self.allow_reads else None),
            objects=RecordedObjects(
                self.recorder, step, self.store, self.git.project, self.git.disclosed
            ),
            rendering=RecordedRendering(
                self.recorder, rendering_door(self.outside, self.git, self.charts, aside)
            ),
            charts=self.charts,
            argocd=RecordedArgoCD(
                self.recorder,
                step,
                ConnectedArgoCD(
                    self.outside.argocd,
                    stage=self.stage,
                    clock=self.clock,
                    journal=notes,
                    git=self.git,
                ),
            ),
            jira=RecordedJira(self.recorder, step, self.trackers, jira),
            servicenow=RecordedServiceNow(self.recorder, step, self.trackers, servicenow),
            messages=RecordedMessages(
                self.recorder,
                step,
                self.store,
                self.git.project,
                disclosed=self.git.disclosed,
                aside=aside,
            ),
        )

    async def restore(self, directory: WorkDirectory) -> bool:
        """Say that all is there: a plan begins in an empty folder."""
        del directory
        return True
