"""`helm-update-chart`: sets versions of a chart's dependencies, fetches them, and locks what was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.documents import chart
from towpath.documents.chart import DependencyVersion
from towpath.promotion.chart_dependencies import ChartDependencies
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.documents.edits import Edited
    from towpath.promotion.step import Outcome, StepContext


_BYTES: Final = 1 << 20
"""Of a `Chart.yaml`."""
_VERSION: Final = 100
"""What it costs to set one, in bytes of YAML."""


class ChartVersionConfig(Struct, kw_only=True):
    """The version that one dependency is to have."""

    repository: Annotated[
        str, Field("The repository, exactly as `Chart.yaml` names it.", min_length=1)
    ]
    name: Annotated[str, Field("The name, exactly as `Chart.yaml` has it.", min_length=1)]
    version: Annotated[str, Field("The version, or range of versions.", min_length=1)]


class HelmUpdateChartConfig(Struct, kw_only=True):
    """Which chart, and which of its dependencies."""

    path: Annotated[str, Field("The folder of the chart, in the work directory.", min_length=1)]
    charts: Annotated[
        list[ChartVersionConfig] | None,
        Field(
            "The versions to set; without it the newest within the ranges are taken.", min_items=1
        ),
    ] = None


class ChartCommitMessage(Struct):
    """What the step puts out, if anything has changed."""

    commit_message: Annotated[str, Field("Says what has changed, for a commit.")] = ""


class HelmUpdateChart(BaseStep):
    """Updates the dependencies of a chart."""

    name: ClassVar[str] = "helm-update-chart"
    config: ClassVar[type[Struct]] = HelmUpdateChartConfig
    output: ClassVar[type[Struct]] = ChartCommitMessage
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: HelmUpdateChartConfig) -> Outcome:
        """Update them. Nothing is written unless everything was fetched."""
        edited = None
        if config.charts:
            described = f"{config.path.rstrip('/')}/Chart.yaml"
            wanted = [
                DependencyVersion(each.repository, each.name, each.version)
                for each in config.charts
            ]
            before = await context.directory.read(described, most_bytes=_BYTES)
            found = await context.aside.run(
                edit,
                before,
                wanted,
                described,
                weight=len(before) + _VERSION * len(wanted),
                what=described,
                caller=context.project,
            )
            edited = found.data
        dependencies = ChartDependencies(
            context.directory,
            context.effects.charts,
            config.path,
            context.started,
            context.aside,
            context.project,
            context.alias,
        )
        changes = await dependencies.update(edited)
        if not changes:
            return Succeeded(
                message=f"{config.path}: its dependencies have the versions that are wanted"
            )
        lines = [f"- {name}: {change or 'removed'}" for name, change in changes.items()]
        message = "\n".join((f"Updated chart dependencies for {config.path}\n", *lines))
        return Succeeded(
            output={"commitMessage": message}, message=f"{config.path}: {', '.join(lines)}"
        )


def edit(before: bytes, wanted: list[DependencyVersion], path: str) -> Edited:
    """Return an edited file. Large ones are edited in a process of their own, so this is a function of a module."""
    return chart.set_versions(before, wanted, source=path)
