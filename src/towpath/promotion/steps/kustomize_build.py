"""`kustomize-build`: builds a kustomization into files of the work directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.documents.manifests import file_names
from towpath.promotion.effects.rendering import KustomizationToBuild
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_FILES: Final = (".yaml", ".yml")
_CPU_SECONDS: Final = 60.0


class KustomizeHelmPlugin(Struct, kw_only=True):
    """How charts that a kustomization names are rendered."""

    api_versions: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field("API versions that templates see besides those of Kubernetes."),
    ] = []  # noqa: RUF012 - msgspec copies it
    kube_version: Annotated[str, Field("The version of Kubernetes that templates see.")] = ""


class KustomizePlugin(Struct, kw_only=True):
    """What the plugins that come with Kustomize are told."""

    helm: Annotated[
        KustomizeHelmPlugin | None, Field("How charts that a kustomization names are rendered.")
    ] = None


class KustomizeBuildConfig(Struct, kw_only=True):
    """What to build into which files."""

    path: Annotated[
        str, Field("The folder of the kustomization, in the work directory.", min_length=1)
    ]
    out_path: Annotated[
        str,
        Field("Where the manifests go: a `.yaml` or `.yml` file, else a folder.", min_length=1),
    ]
    output_format: Annotated[
        str,
        Field(
            "How files of a folder are named: `kargo`, `[namespace-]kind-name.yaml`; `kustomize`, as "
            "`kustomize build -o` names them.",
            enum=("kargo", "kustomize"),
        ),
    ] = "kargo"
    plugin: Annotated[
        KustomizePlugin | None, Field("What the plugins that come with Kustomize are told.")
    ] = None


class KustomizeBuild(BaseStep):
    """Builds a kustomization."""

    name: ClassVar[str] = "kustomize-build"
    config: ClassVar[type[Struct]] = KustomizeBuildConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: KustomizeBuildConfig) -> Outcome:
        """Build it, and write what it is built to."""
        told = config.plugin.helm if config.plugin is not None else None
        wanted = KustomizationToBuild(
            path=config.path,
            kube_version=told.kube_version if told is not None else "",
            api_versions=told.api_versions if told is not None else (),
        )
        stream = await context.effects.rendering.kustomization(context.directory, wanted)
        if config.out_path.endswith(_FILES):
            files = {config.out_path: stream}
        else:
            named = await context.aside.run(
                named_files,
                stream,
                config.output_format,
                config.path,
                weight=len(stream),
                what=f"{config.path}: its manifests",
                caller=context.project,
                seconds=_CPU_SECONDS,
            )
            files = {f"{config.out_path}/{name}": text for name, text in named.items()}
        for path, text in files.items():
            await context.directory.write(path, text.encode())
        return Succeeded(message=f"{config.path}: {len(files)} files at {config.out_path}")


def named_files(stream: str, output_format: str, path: str) -> dict[str, str]:
    """Return files by name. Long streams are read in a process of their own, so this is a function of a module."""
    return (file_names.kustomize if output_format == "kustomize" else file_names.kargo)(
        stream, path
    )
