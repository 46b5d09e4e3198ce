"""`helm-template`: renders a Helm chart into files of the work directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.documents.manifests import file_names
from towpath.errors import NotFound, TooLarge
from towpath.promotion.chart_dependencies import ChartDependencies
from towpath.promotion.effects.rendering import ChartToRender
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.documents.manifests.streams import RenderedManifest
    from towpath.promotion.step import Outcome, StepContext

_FILES: Final = (".yaml", ".yml")
_CPU_SECONDS: Final = 60.0
_VALUES_BYTES: Final = 16 << 20
"""Of all values files together, which are held in memory."""


class HelmSetValue(Struct, kw_only=True):
    """One value."""

    key: Annotated[str, Field("Where it goes, such as `image.tag`.", min_length=1)]
    value: Annotated[str, Field("The value, as `--set` reads it.")]
    literal: Annotated[
        bool, Field("Whether the value is taken as it is, as `--set-literal` does.")
    ] = False


class HelmTemplateConfig(Struct, kw_only=True):
    """Which chart, with what, into which files."""

    path: Annotated[str, Field("The chart, in the work directory.", min_length=1)]
    out_path: Annotated[
        str,
        Field("Where the manifests go: a `.yaml` or `.yml` file, else a folder.", min_length=1),
    ]
    out_layout: Annotated[
        str,
        Field(
            "How a folder is laid out: `helm`, a file for each template; `flat`, a file for each object.",
            enum=("helm", "flat"),
        ),
    ] = "helm"
    release_name: Annotated[str, Field("The name of the release.", min_length=1)]
    use_release_name: Annotated[
        bool, Field("Whether a folder named after the release is above those of the charts.")
    ] = False
    namespace: Annotated[str, Field("The namespace; that of the Project if empty.")] = ""
    values_files: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field("Files with values, in the work directory; later ones win."),
    ] = []  # noqa: RUF012 - msgspec copies it
    ignore_missing_value_files: Annotated[
        bool, Field("Whether values files that do not exist are left out.")
    ] = False
    set_values: Annotated[
        list[HelmSetValue], Field("Single values, which win over those of files.")
    ] = []  # noqa: RUF012 - msgspec copies it
    build_dependencies: Annotated[
        bool, Field("Whether the chart's dependencies are fetched first.")
    ] = False
    include_crds: Annotated[bool, Field("Whether CRDs are among the manifests.")] = False
    disable_hooks: Annotated[bool, Field("Whether hooks are left out.")] = False
    skip_tests: Annotated[bool, Field("Whether tests are left out.")] = False
    kube_version: Annotated[str, Field("The version of Kubernetes that templates see.")] = ""
    api_versions: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field("API versions that templates see besides those of Kubernetes."),
    ] = []  # noqa: RUF012 - msgspec copies it


class HelmTemplate(BaseStep):
    """Renders a Helm chart."""

    name: ClassVar[str] = "helm-template"
    config: ClassVar[type[Struct]] = HelmTemplateConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: HelmTemplateConfig) -> Outcome:
        """Render it, and write what it renders to."""
        values = await _values(context, config)
        if config.build_dependencies:
            await ChartDependencies(
                context.directory,
                context.effects.charts,
                config.path,
                context.started,
                context.aside,
                context.project,
                context.alias,
            ).build()
        wanted = ChartToRender(
            path=config.path,
            release=config.release_name,
            namespace=config.namespace or context.project,
            values=values,
            set_values=[(each.key, each.value, each.literal) for each in config.set_values],
            with_crds=config.include_crds,
            with_hooks=not config.disable_hooks,
            with_tests=not config.skip_tests,
            kube_version=config.kube_version,
            api_versions=config.api_versions,
        )
        manifests = await context.effects.rendering.chart(context.directory, wanted)
        if config.out_path.endswith(_FILES):
            files = {config.out_path: "".join(each.marked for each in manifests)}
        else:
            release = config.release_name if config.use_release_name else ""
            named = await context.aside.run(
                laid_out,
                manifests,
                config.out_layout,
                release,
                weight=sum(len(each.text) for each in manifests),
                what=f"{config.path}: its manifests",
                caller=context.project,
                seconds=_CPU_SECONDS,
            )
            files = {f"{config.out_path}/{name}": text for name, text in named.items()}
        for path, text in files.items():
            await context.directory.write(path, text.encode())
        return Succeeded(
            message=f"{config.path}: {len(manifests)} manifests in {len(files)} files of {config.out_path}"
        )


def laid_out(manifests: list[RenderedManifest], layout: str, release: str) -> dict[str, str]:
    """Return files by name. Many manifests are named in a process of their own, so this is a function of a module."""
    if layout == "flat":
        return file_names.flat(manifests)
    return file_names.helm_layout(manifests, release)


async def _values(context: StepContext, config: HelmTemplateConfig) -> list[bytes]:
    """Return the contents of the values files. Raises NotFound for one that is missing and must not be, and TooLarge."""
    found, size = [], 0
    for path in config.values_files:
        try:
            data = await context.directory.read(path, most_bytes=_VALUES_BYTES)
        except NotFound:
            if not config.ignore_missing_value_files:
                raise
            continue
        size += len(data)
        if size > _VALUES_BYTES:
            raise TooLarge(
                f"config.valuesFiles: with {path} they have more than {_VALUES_BYTES:,} bytes together, which is the limit"
            )
        found.append(data)
    return found
