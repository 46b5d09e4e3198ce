"""What is asked of Helm, and what it answers, whichever way it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from towpath.clients.confinement.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.clients.confinement import Confinement
    from towpath.documents.manifests.streams import RenderedManifest


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value given beside the values files, as `--set` and `--set-literal` take it."""

    key: str
    value: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRendering:
    """A chart, and how it is to be rendered."""

    chart: Path
    """Its folder, or its archive."""
    shown: str
    """What people call it."""
    release: str
    namespace: str
    values: tuple[bytes, ...] = ()
    """The contents of values files; later ones win."""
    set_values: tuple[SetValue, ...] = ()
    with_crds: bool = False
    with_hooks: bool = True
    with_tests: bool = True
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class Helm(Protocol):
    """A way to run Helm."""

    async def render(
        self, wanted: ChartRendering, *, confinement: Confinement, scratch: Path
    ) -> list[RenderedManifest]:
        """Return what a chart renders to, in the order in which Helm installs it, hooks last.

        `scratch`: a folder that is private, empty and among what the confinement lets be written. Raises BadRequest
        with Helm's words for what does not render, TooLarge, Timeout and Unavailable.
        """
        ...

    def command(self, scratch: Path) -> Path:
        """Write a program into a folder that Kustomize may call as `helm`; return it."""
        ...

    @property
    def reads(self) -> tuple[Path, ...]:
        """What it is made of, which a confinement must let it read."""
        ...


def written(wanted: ChartRendering, scratch: Path) -> list[Path]:
    """Write the values into files whose names mean nothing to Helm, as commas would; return them."""
    files = []
    for number, contents in enumerate(wanted.values):
        files.append(scratch / f"values-{number}.yaml")
        files[-1].write_bytes(contents)
    return files


def environment(scratch: Path, path: str) -> Mapping[str, str]:
    """Return what Helm is told of its surroundings."""
    folders = {
        f"HELM_{name}": f"{scratch}/helm/{folder}"
        for name, folder in (
            ("CACHE_HOME", "cache"),
            ("CONFIG_HOME", "config"),
            ("DATA_HOME", "data"),
            ("PLUGINS", "plugins"),
        )
    }
    return surroundings(scratch, path, **folders)
