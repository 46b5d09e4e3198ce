"""The real Kustomize and Helm, and steps that render with them, without an engine."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support import kubectl
from tests.support.git_client import WHEN
from towpath.clients.confinement import Limits
from towpath.clients.helm.embedded import EmbeddedHelm
from towpath.clients.helm.program import HelmProgram
from towpath.clients.kustomize.program import Kustomize
from towpath.promotion.doors.bases import RemoteBases
from towpath.promotion.doors.rendering import Renderers, RenderingDoor
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.helm_template import HelmTemplate
from towpath.promotion.steps.helm_update_chart import HelmUpdateChart
from towpath.promotion.steps.kustomize_build import KustomizeBuild
from towpath.promotion.work_directory import WorkDirectory
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.helm.rendering import Helm
    from towpath.promotion.step import Outcome

NOTHING = Renderers(helm=None, kustomize=None)
"""For whoever renders nothing."""
UNPACKED = Path(__file__).resolve().parents[2] / ".tools/kustomize/usr/bin"
REGISTRY = StepRegistry([HelmTemplate(), HelmUpdateChart(), KustomizeBuild()])


@cache
def helm() -> Helm:
    """Return Helm within Python, which is there wherever the tests are; `TOWPATH_TEST_HELM` names a program to test with instead."""
    if program := os.environ.get("TOWPATH_TEST_HELM"):
        return HelmProgram(Path(program))
    found = EmbeddedHelm.installed()
    assert found is not None, "helm-python-sdk is not installed: run `make setup`"
    return found


@cache
def kustomize() -> Kustomize:
    """Return the kustomize on PATH, else the one that `make setup` unpacks."""
    on_path = shutil.which("kustomize")
    found = Kustomize.on(str(Path(on_path).parent if on_path else UNPACKED))
    assert found is not None, "kustomize is neither on PATH nor in .tools: run `make setup`"
    return found


@cache
def of_kubectl() -> Kustomize:
    """Return the one in kubectl."""
    return Kustomize(Path(kubectl.find()), ("kustomize",))


def both(**limits: Any) -> Renderers:
    """Return what renders, with both programs."""
    return Renderers(helm=helm(), kustomize=kustomize(), limits=Limits(**limits))


def door(
    renderers: Renderers,
    *,
    project: str = "shop",
    git: Any = None,
    charts: Any = None,
    egress: Any = None,
    aside: Aside | None = None,
) -> RenderingDoor:
    """Return the door of a Promotion; what is not given is not needed."""
    bases = RemoteBases(
        project=project, git=git, charts=charts, egress=egress, aside=aside or Aside()
    )
    return RenderingDoor(renderers, bases)


@dataclass
class _Effects:
    rendering: Any
    charts: Any


@dataclass
class Bench:
    """A work directory with a few files, and steps that are run in it."""

    root: Path
    rendering: Renderers = field(default_factory=both)
    charts: Any = None
    git: Any = None
    egress: Any = None
    project: str = "shop"
    count: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.directory = WorkDirectory(self.root)

    def put(self, **files: str) -> None:
        """Write files; `__` in a name is `/`, one `_` a dot before the extension."""
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_yaml", ".yaml"), text)

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        real = self.root / path
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text)

    def read(self, path: str) -> str:
        """Return what a file holds."""
        return (self.root / path).read_text()

    def files(self, folder: str) -> dict[str, str]:
        """Return all files of a folder by their paths in it."""
        top = self.root / folder
        return {
            str(path.relative_to(top)): path.read_text()
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }

    async def run(self, uses: str, *, alias: str = "", **config: Any) -> Outcome:
        """Run a step with a configuration as a manifest gives it; each is a step of its own unless an `alias` says which.

        Raises InvalidConfig and what steps raise.
        """
        self.count += 1
        found = REGISTRY.find(uses)
        assert found is not None
        async with Aside() as aside:
            rendering = door(
                self.rendering,
                project=self.project,
                git=self.git,
                charts=self.charts,
                egress=self.egress,
                aside=aside,
            )
            effects = _Effects(rendering, self.charts)
            name = alias or f"step-{self.count}"
            context: Any = _Context(self.project, self.directory, effects, aside, name)
            outcome: Outcome = await found.step.run(context, found.read(config))
            return outcome


@dataclass
class _Context:
    project: str
    directory: WorkDirectory
    effects: _Effects
    aside: Aside
    alias: str
    started: datetime = WHEN


async def plainly(argv: list[Any], folder: Path) -> int:
    """Run a program as anybody would, without any confinement; return its exit code."""
    process = await asyncio.create_subprocess_exec(*map(str, argv), cwd=folder)
    return await process.wait()
