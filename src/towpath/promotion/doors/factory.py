"""Makes the doors of one Promotion that act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from towpath.clients.git.pushing.integration import Policy
from towpath.promotion import checkouts
from towpath.promotion.committing import UPSTREAM, CommitIdentity
from towpath.promotion.doors.argocd import ConnectedArgoCD, NoInstallations
from towpath.promotion.doors.bases import RemoteBases
from towpath.promotion.doors.forge import ConnectedForge
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.doors.http import EgressDoor
from towpath.promotion.doors.jira import ConnectedJira
from towpath.promotion.doors.messages import OutboxDoor
from towpath.promotion.doors.objects import AdmittedObjects
from towpath.promotion.doors.rendering import RenderingDoor
from towpath.promotion.doors.servicenow import ConnectedServiceNow
from towpath.promotion.effects import Effects
from towpath.resources import scheme

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clients.forges.opening import Forges
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.promotion.doors.argocd import Installations
    from towpath.promotion.doors.charts import ChartSources
    from towpath.promotion.doors.rendering import Renderers
    from towpath.promotion.doors.trackers import ProjectTrackers, Trackers
    from towpath.promotion.effects import ChartRepositories, ManifestRendering
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.journal import Journal
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.released.reporting import ReleaseReporter
    from towpath.resources.kinds import Ref
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the doors of all Promotions have in common."""

    egress: Egress
    rendering: Renderers
    charts: ChartSources
    trackers: Trackers
    forges: Forges
    policy: Policy = Policy.ALWAYS_REBASE
    """How commits that are pushed and those of others are brought together."""
    argocd: Installations = field(default_factory=NoInstallations)
    """The connections to Argo CD."""
    releases: ReleaseReporter | None = None
    """Who tells what was released; None: nobody looks."""
    identity: CommitIdentity = UPSTREAM
    """Who commits where neither the manifest nor the ClusterConfig says it."""
    ui_url: str = ""
    """Where people reach the web UI, `ctx.uiBaseUrl` of expressions; empty: nobody has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingDoors:
    """The `EffectsFactory` of a Promotion that is carried out."""

    outside: Outside
    git: GitClient
    charts: ChartRepositories
    trackers: ProjectTrackers
    writer: SystemAuthority
    requester: Requester
    """Who changes objects."""
    journal: Journal
    stage: str
    clock: Clock
    store: Store
    subject: Ref
    """Whose steps they are."""

    def of(
        self, step: str, *, directory: WorkDirectory, started: datetime, aside: Aside
    ) -> Effects:
        """Return the doors for the step of an alias that began first at a moment (UTC)."""
        notes = self.journal.of(step)
        mark = f"{self.git.project}/{self.git.promotion}/{step}"
        return Effects(
            git=RepositoryDoor(
                self.git,
                step=step,
                started=started,
                directory=directory,
                journal=notes,
                aside=aside,
                policy=self.outside.policy,
            ),
            forge=ConnectedForge(self.outside.forges, self.git, notes, self._page()),
            http=EgressDoor(
                self.outside.egress,
                project=self.git.project,
                promotion=self.git.promotion,
                step=step,
                directory=directory,
                journal=notes,
            ),
            objects=AdmittedObjects(
                self.writer, self.requester, self.git.project, self.git.disclosed
            ),
            rendering=rendering_door(self.outside, self.git, self.charts, aside),
            charts=self.charts,
            argocd=ConnectedArgoCD(
                self.outside.argocd,
                stage=self.stage,
                clock=self.clock,
                journal=notes,
                git=self.git,
            ),
            jira=ConnectedJira(self.trackers, mark=mark, journal=notes, clock=self.clock),
            servicenow=ConnectedServiceNow(
                self.trackers, mark=mark, journal=notes, clock=self.clock
            ),
            messages=OutboxDoor(
                self.store,
                self.writer,
                self.requester,
                self.clock,
                subject=self.subject,
                stage=self.stage,
                step=step,
                journal=notes,
                disclosed=self.git.disclosed,
            ),
        )

    def _page(self) -> str:
        """Return where people see the Promotion; nothing for a run of a hook, or where nobody says where the web UI is."""
        if not self.outside.ui_url or self.subject.kind != scheme.PROMOTION:
            return ""
        project, name = quote(self.subject.namespace, safe=""), quote(self.subject.name, safe="")
        return f"{self.outside.ui_url}/p/{project}/promotion/{name}"

    async def restore(self, directory: WorkDirectory) -> bool:
        """Take up the work trees that a former process made; return whether all are there."""
        return await checkouts.restore(directory, self.git)


def rendering_door(
    outside: Outside, git: GitClient, charts: ChartRepositories, aside: Aside
) -> ManifestRendering:
    """Return the door that renders, which reads what a kustomization names elsewhere; plans use it as well."""
    bases = RemoteBases(
        project=git.project, git=git, charts=charts, egress=outside.egress, aside=aside
    )
    return RenderingDoor(outside.rendering, bases)
