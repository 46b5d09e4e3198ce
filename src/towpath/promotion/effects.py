"""The ways to the outside: whatever a step does beyond its work directory goes by one of these.

Each effect declares its class: *convergent*, repeating it is harmless; *probed*, our mark is
looked for before it is done again; *at least once*, a repeat after a crash is possible, recorded and shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.work_directory import WorkDirectory


class EffectClass(enum.StrEnum):
    """What repeating an effect means."""

    CONVERGENT = "Convergent"
    PROBED = "Probed"
    AT_LEAST_ONCE = "AtLeastOnce"


class EffectNotes(Protocol):
    """What a step remembers of effects that are under way, durably (`journal.py`). Keys are the step's own.

    The record of one step is gone once the step has ended; `note` has reached the disk when it returns.
    """

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key by this step of this Promotion; None if nothing was."""
        ...

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, before the effect is begun."""
        ...


class ManifestRendering(Protocol):
    """Renders manifests from files of a work directory; nothing goes out, and no file of it is changed."""

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


class ChartRepositories(Protocol):
    """Reads charts from elsewhere, by https, http or as OCI artifacts, with the Project's credentials."""

    async def choose(self, repository: str, name: str, wanted: str) -> str:
        """Return the newest version of a chart within a range, as the repository writes it.

        Raises BadRequest for what cannot be read, NotFound, which names what there is, Forbidden, Unavailable, Timeout and
        TooLarge.
        """
        ...

    async def archive(self, repository: str, name: str, version: str) -> bytes:
        """Return the archive of one version of a chart, which was checked. Raises as `choose`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The ways to the outside that a step is given."""

    git: GitClient
    rendering: ManifestRendering
    charts: ChartRepositories
    journal: EffectNotes
