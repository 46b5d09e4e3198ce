"""What Helm and Kustomize are on this machine, and what the operator lets them take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath.app.settings import sizes, wrong
from towpath.clients.confinement import Limits
from towpath.clients.helm import installed
from towpath.clients.kustomize.program import Kustomize
from towpath.promotion.doors.rendering import Renderers

if TYPE_CHECKING:
    from collections.abc import Iterator

_USUAL: Final = Limits()


class RenderingSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What a rendering may take, and whether there is one where the kernel cannot confine it."""

    confinement: Literal["Required", "IfPossible"] = "Required"
    seconds: float = _USUAL.seconds
    memory: int | str = _USUAL.memory_bytes
    """Of each of its processes."""
    output: int | str = _USUAL.output_bytes
    """What is rendered may come to."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        if not 0 < self.seconds < float("inf"):
            yield "seconds", f"{self.seconds} is not a number of seconds"
        yield from wrong.size("memory", self.memory)
        yield from wrong.size("output", self.output)


def renderers(settings: RenderingSettings, *, programs: str) -> Renderers:
    """Return what renders manifests; `programs`: where programs are looked for, as in `PATH`; empty: the usual folders."""
    path = programs or os.environ.get("PATH", os.defpath)
    return Renderers(
        helm=installed.found(path),
        kustomize=Kustomize.on(path),
        limits=Limits(
            seconds=settings.seconds,
            memory_bytes=sizes.read(settings.memory),
            output_bytes=sizes.read(settings.output),
        ),
        must_confine=settings.confinement == "Required",
    )
