"""Rendering as steps see it: charts and kustomizations that lie in the work directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.work_directory import WorkDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartToRender:
    """A Helm chart, and how it is to be rendered."""

    path: str
    """Its folder or archive, in the work directory."""
    release: str
    namespace: str
    values: Sequence[bytes] = ()
    """Contents of values files; later ones win."""
    set_values: Sequence[tuple[str, str, bool]] = ()
    """Of each the key, the value, and whether the value is literal; they win over `values`."""
    with_crds: bool = False
    with_hooks: bool = True
    with_tests: bool = True
    kube_version: str = ""
    api_versions: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KustomizationToBuild:
    """A kustomization, and how the charts that it names are to be rendered."""

    path: str
    """Its folder, in the work directory."""
    kube_version: str = ""
    api_versions: Sequence[str] = ()


class ManifestRendering(Protocol):
    """Renders manifests from files of a work directory; nothing goes out, and no file of it is changed."""

    @effect(EffectClass.CONVERGENT)
    async def chart(
        self, directory: WorkDirectory, wanted: ChartToRender
    ) -> list[RenderedManifest]:
        """Return what a Helm chart renders to, hooks last.

        Raises NotFound, BadRequest with Helm's words, TooLarge, Timeout, and Unavailable.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def kustomization(self, directory: WorkDirectory, wanted: KustomizationToBuild) -> str:
        """Return what a folder is built to by Kustomize, as a stream of YAML documents. Raises as `chart`."""
        ...
