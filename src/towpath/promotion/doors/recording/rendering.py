"""The door that renders, in a plan: it does what it does in a Promotion, and says that what the step writes was rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion.effects import ManifestRendering

if TYPE_CHECKING:
    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.rendering import ChartToRender, KustomizationToBuild
    from towpath.promotion.work_directory import WorkDirectory


class RecordedRendering(ManifestRendering):
    """Rendering for one step of a plan."""

    def __init__(self, recorder: Recorder, rendering: ManifestRendering) -> None:
        self._recorder = recorder
        self._rendering = rendering

    async def chart(
        self, directory: WorkDirectory, wanted: ChartToRender
    ) -> list[RenderedManifest]:
        """Return what a Helm chart renders to."""
        found = await self._rendering.chart(directory, wanted)
        self._recorder.has_rendered = True
        return found

    async def kustomization(self, directory: WorkDirectory, wanted: KustomizationToBuild) -> str:
        """Return what a folder is built to."""
        found = await self._rendering.kustomization(directory, wanted)
        self._recorder.has_rendered = True
        return found
