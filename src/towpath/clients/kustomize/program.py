"""Kustomize as a program, confined: no plugins, no functions, no network."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients import confinement as confining
from towpath.clients.confinement.surroundings import surroundings
from towpath.messages import foreign

if TYPE_CHECKING:
    from towpath.clients.confinement import Confinement

_WARNING: Final = re.compile(r"# Warning: |[0-9]{4}/[0-9/]+ [0-9:]+ well-defined vars")
_REACHED_OUT: Final = ("socket: permission denied", "/git init'", "/git fetch")
_OF_KUBECTL: Final = re.compile(r"^(error: |E[0-9]{4} .*?\] \"command failed\" err=[<\"]?\s*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """How charts in kustomizations are rendered."""

    command: Path
    """What is called as `helm`."""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kustomize:
    """The program `kustomize`, or `kubectl kustomize`."""

    program: Path
    arguments: tuple[str, ...]

    @classmethod
    def on(cls, path: str) -> Kustomize | None:
        """Return the one that is found on a PATH: `kustomize`, else `kubectl`, else None."""
        for name, arguments in (("kustomize", ("build",)), ("kubectl", ("kustomize",))):
            found = shutil.which(name, path=path)
            if found is not None:
                return cls(Path(found), arguments)
        return None

    @property
    def reads(self) -> tuple[Path, ...]:
        """Where it lies."""
        return (Path(os.path.realpath(self.program)),)

    async def build(
        self,
        folder: Path,
        shown: str,
        charts: Charts | None,
        *,
        confinement: Confinement,
        scratch: Path,
    ) -> str:
        """Return what a folder is built to, as a stream of YAML documents.

        `shown`: what people call the folder. `scratch`: a folder that is private, empty and among what the confinement lets be written. Raises BadRequest
        with Kustomize's words for what cannot be built, TooLarge, Timeout and Unavailable.
        """
        given = [*self.arguments, "--load-restrictor=LoadRestrictionsNone"]
        if charts is not None:
            given += ["--enable-helm", f"--helm-command={charts.command}"]
            if charts.kube_version:
                given.append(f"--helm-kube-version={charts.kube_version}")
            given += [f"--helm-api-versions={each}" for each in charts.api_versions]
        done = await confining.run(
            [str(self.program), *given, "--", str(folder)],
            confinement,
            environment=surroundings(
                scratch, "/usr/bin:/bin", KUSTOMIZE_PLUGIN_HOME=f"{scratch}/plugins"
            ),
            directory=scratch,
            name="kustomize",
        )
        if done.code:
            raise _refusal(shown, done.stderr)
        return done.stdout.decode("utf-8", "replace")


def _refusal(folder: str, said: str) -> errors.TowpathError:
    if "out of memory" in said:
        return errors.TooLarge(f"{folder}: to build it takes more memory than it may have")
    lines = [line for line in said.strip().splitlines() if not _WARNING.match(line)]
    told = foreign(_OF_KUBECTL.sub("", " ".join(lines)).removeprefix("Error: "))
    why = told or "it gave no reason"
    if any(sign in said for sign in _REACHED_OUT):
        why += (
            "; Kustomize has no network: fetched for it is what resources, bases, components, patches, files of generators "
            "and helmCharts name"
        )
    return errors.BadRequest(f"{folder}: Kustomize does not build it: {why}")
