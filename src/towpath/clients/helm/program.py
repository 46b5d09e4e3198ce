"""Helm as a program: `helm template`, confined."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import confinement as confining
from towpath.clients.helm import rendering
from towpath.documents.manifests import streams
from towpath.messages import foreign

if TYPE_CHECKING:
    from towpath.clients.confinement import Confinement
    from towpath.clients.helm.rendering import ChartRendering
    from towpath.documents.manifests.streams import RenderedManifest

NAME: Final = "helm"
AS_VERSION: Final = "v3.18.0"
"""What Kustomize is told: it asks for the third, and what it asks for besides, the fourth answers as well."""
_SHIM: Final = """#!/bin/sh
[ "$1" = version ] && echo {version} && exit
exec {helm} "$@"
"""
_LOGGED: Final = re.compile(
    r"WARNING: |(time=\S+ )?level=|[0-9]{4}/[0-9/]+ [0-9:]+ (INFO|WARN|DEBUG) "
)


@dataclass(frozen=True, slots=True)
class HelmProgram:
    """The program `helm`, 3.12 or newer."""

    program: Path

    @classmethod
    def on(cls, path: str) -> HelmProgram | None:
        """Return the one that is found on a PATH, None if there is none."""
        found = shutil.which(NAME, path=path)
        return None if found is None else cls(Path(found))

    @property
    def reads(self) -> tuple[Path, ...]:
        """Where it lies."""
        return (Path(os.path.realpath(self.program)),)

    def command(self, scratch: Path) -> Path:
        """Return a program that is this one but for its version: Kustomize takes no other than the third."""
        shim = scratch / "helm-for-kustomize"
        shim.write_text(_SHIM.format(version=AS_VERSION, helm=shlex.quote(str(self.program))))
        shim.chmod(0o700)
        return shim

    async def render(
        self, wanted: ChartRendering, *, confinement: Confinement, scratch: Path
    ) -> list[RenderedManifest]:
        """Return what a chart renders to; see `Helm`."""
        files = await asyncio.to_thread(rendering.written, wanted, scratch)
        done = await confining.run(
            [str(self.program), *arguments(wanted, files)],
            confinement,
            environment=rendering.environment(scratch, str(self.program.parent)),
            directory=scratch,
            name=NAME,
        )
        if done.code:
            raise refusal(wanted.shown, done.stderr)
        return streams.sourced(done.stdout.decode("utf-8", "replace"))


def arguments(wanted: ChartRendering, values: list[Path]) -> list[str]:
    """Return the arguments of `helm` that render a chart."""
    given = ["template", f"--namespace={wanted.namespace}"]
    given += [f"--values={file}" for file in values]
    given += [
        f"{'--set-literal' if each.is_literal else '--set'}={each.key}={each.value}"
        for each in wanted.set_values
    ]
    given += [f"--api-versions={each}" for each in wanted.api_versions]
    if wanted.kube_version:
        given.append(f"--kube-version={wanted.kube_version}")
    if wanted.with_crds:
        given.append("--include-crds")
    if not wanted.with_hooks:
        given.append("--no-hooks")
    if not wanted.with_tests:
        given.append("--skip-tests")
    return [*given, "--", wanted.release, str(wanted.chart)]


def refusal(chart: str, said: str) -> errors.TowpathError:
    """Return the error for a chart that does not render, with what Helm said of it."""
    if "out of memory" in said or "MemoryError" in said:
        return errors.TooLarge(f"chart {chart}: to render it takes more memory than it may have")
    lines = [line for line in said.strip().splitlines() if not _LOGGED.match(line)]
    told = foreign(" ".join(lines).removeprefix("Error: ")) or "it gave no reason"
    return errors.BadRequest(f"chart {chart}: Helm does not render it: {told}")
