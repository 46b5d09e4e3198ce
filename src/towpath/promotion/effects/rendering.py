"""Rendering as steps see it: charts and kustomizations that lie in the work directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.work_directory import WorkDirectory


class ManifestRendering(Protocol):
    """Renders manifests from files of a work directory; nothing goes out, and no file of it is changed."""

    @effect(EffectClass.CONVERGENT)
    async def chart(
        self,
        directory: WorkDirectory,
        chart: str,
        *,
        release: str,
        namespace: str,
        values: Sequence[bytes] = (),
        set_values: Sequence[tuple[str, str, bool]] = (),
        with_crds: bool = False,
        with_hooks: bool = True,
        with_tests: bool = True,
        kube_version: str = "",
        api_versions: Sequence[str] = (),
    ) -> list[RenderedManifest]:
        """Return what a Helm chart renders to, hooks last.

        `values` are contents of values files; of `set_values`, which win over them, each is a key, a value, and whether
        the value is literal. Raises NotFound, BadRequest with Helm's words, TooLarge, Timeout, and Unavailable.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def kustomization(
        self,
        directory: WorkDirectory,
        path: str,
        *,
        kube_version: str = "",
        api_versions: Sequence[str] = (),
    ) -> str:
        """Return what a folder is built to by Kustomize, as a stream of YAML documents.

        `kube_version` and `api_versions` are for the charts that it names. Raises as `chart`.
        """
        ...
