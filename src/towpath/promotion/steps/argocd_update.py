"""`argocd-update`: changes sources of Applications of Argo CD, has them synced, and waits until that has succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.promotion.argocd_fields import (
    MINUTES,
    ONE_WAY,
    AppName,
    AppNamespace,
    AppSelector,
    ArgoCDAppsOutput,
    which,
)
from towpath.promotion.argocd_syncing import AppEntry, Looked, look
from towpath.promotion.step import BaseStep
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule
from towpath.rules.argocd.desired_revisions import ImageUpdate, SourceUpdate

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class ArgoCDHelmImage(Struct, kw_only=True):
    """A Helm parameter to set."""

    key: Annotated[str, Field("Name of the parameter.", min_length=1)]
    value: Annotated[str, Field("Its value, as it is; it may be empty.")]


class ArgoCDHelm(Struct, kw_only=True):
    """Helm parameters to set."""

    images: Annotated[
        list[ArgoCDHelmImage],
        Field(
            "The parameters; all others stay, and one that is there twice gets it twice.",
            min_items=1,
        ),
    ]


class ArgoCDKustomizeImage(Struct, kw_only=True):
    """An image for Kustomize to put in."""

    RULES: ClassVar = (
        Rule(
            expression="!(has(self.tag) && self.tag != '' && has(self.digest) && self.digest != '')",
            message="tag and digest exclude each other",
            holds=lambda image, _: not (image.get("tag") and image.get("digest")),
        ),
    )

    repo_url: Annotated[str, Field("The image, by the name it has in manifests.", min_length=1)]
    tag: Annotated[str, Field("Its tag.")] = ""
    digest: Annotated[str, Field("Its digest, such as `sha256:…`.")] = ""
    new_name: Annotated[str | None, Field("Another name to put in its place.", min_length=1)] = None


class ArgoCDKustomize(Struct, kw_only=True):
    """Images for Kustomize to put in."""

    images: Annotated[
        list[ArgoCDKustomizeImage] | None,
        Field("The images; all others stay.", min_items=1),
    ] = None


class ArgoCDSourceUpdate(Struct, kw_only=True):
    """What is wanted of the sources of an address."""

    RULES: ClassVar = (
        Rule(
            expression="!(has(self.updateTargetRevision) && self.updateTargetRevision) || has(self.desiredRevision)",
            message="updateTargetRevision needs a desiredRevision",
            holds=lambda each, _: (
                bool(each.get("desiredRevision")) or not each.get("updateTargetRevision")
            ),
        ),
    )

    repo_url: Annotated[
        str, Field("Address of the source, as the Application has it.", min_length=1)
    ]
    chart: Annotated[str | None, Field("The chart, where the source is one.", min_length=1)] = None
    source_position: Annotated[
        int | None,
        Field(
            "Which source of the Application, from 1 on, where several have this address and only one is meant.",
            format="int32",
            minimum=1,
            maximum=1000,
        ),
    ] = None
    desired_revision: Annotated[
        str | None,
        Field(
            "The commit or the chart's version that has to be synced for the step to succeed.",
            min_length=1,
        ),
    ] = None
    update_target_revision: Annotated[
        bool, Field("Whether the source's targetRevision becomes the desired one.")
    ] = False
    kustomize: Annotated[ArgoCDKustomize | None, Field("Images for Kustomize.")] = None
    helm: Annotated[ArgoCDHelm | None, Field("Helm parameters.")] = None


class ArgoCDAppUpdate(Struct, kw_only=True):
    """Applications to sync, and what is wanted of their sources."""

    RULES: ClassVar = ONE_WAY

    name: AppName = None
    namespace: AppNamespace = None
    selector: AppSelector = None
    sources: Annotated[
        list[ArgoCDSourceUpdate] | None,
        Field("What is wanted of the sources; none: they stay as they are.", min_items=1),
    ] = None


class ArgoCDUpdateConfig(Struct, kw_only=True):
    """Which Applications to change and to sync."""

    apps: Annotated[list[ArgoCDAppUpdate], Field("The Applications.", min_items=1)]


class ArgoCDUpdate(BaseStep):
    """Changes and syncs Applications."""

    name: ClassVar[str] = "argocd-update"
    config: ClassVar[type[Struct]] = ArgoCDUpdateConfig
    output: ClassVar[type[Struct]] = ArgoCDAppsOutput
    timeout_seconds: ClassVar[float | None] = MINUTES
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: ArgoCDUpdateConfig) -> Outcome:
        """Look once; whatever is to be waited for wakes it again."""
        return (await examined(context, config)).outcome


async def examined(context: StepContext, config: ArgoCDUpdateConfig) -> Looked:
    """Look once, and return besides which check the Stage would be given."""
    return await look(
        context,
        [
            AppEntry(
                which=which(app), updates=tuple(source_update(each) for each in app.sources or ())
            )
            for app in config.apps
        ],
    )


def source_update(given: ArgoCDSourceUpdate) -> SourceUpdate:
    """Return an update as the rules read it."""
    return SourceUpdate(
        repo_url=given.repo_url,
        chart=given.chart or "",
        position=given.source_position or 0,
        desired_revision=given.desired_revision or "",
        sets_target=given.update_target_revision,
        images=tuple(
            ImageUpdate(
                repo_url=each.repo_url,
                tag=each.tag,
                digest=each.digest,
                new_name=each.new_name or "",
            )
            for each in (given.kustomize.images if given.kustomize else None) or ()
        ),
        parameters=tuple((each.key, each.value) for each in given.helm.images)
        if given.helm
        else (),
    )
