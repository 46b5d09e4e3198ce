"""`argocd-sync`: has Applications of Argo CD synced as they are, whole or in part, and waits until that has succeeded."""

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
from towpath.promotion.argocd_syncing import AppEntry, look
from towpath.promotion.step import BaseStep
from towpath.resources.fields import Field, Struct
from towpath.rules.argocd.operation import SyncOptions

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class ArgoCDResource(Struct, kw_only=True):
    """An object of an Application."""

    group: Annotated[str, Field("API group; empty for the core group.")] = ""
    kind: Annotated[str, Field("Kind, such as `Deployment`.", min_length=1)]
    name: Annotated[str, Field("Its name.", min_length=1)]
    namespace: Annotated[
        str | None,
        Field("Its namespace; that of the Application's destination if not given.", min_length=1),
    ] = None


class ArgoCDAppSync(Struct, kw_only=True):
    """Applications to sync, and how."""

    RULES: ClassVar = ONE_WAY

    name: AppName = None
    namespace: AppNamespace = None
    selector: AppSelector = None
    resources: Annotated[
        list[ArgoCDResource] | None,
        Field("Objects to sync alone, without hooks; all where it is not given.", min_items=1),
    ] = None
    prune: Annotated[
        bool | None,
        Field(
            "Whether objects that are gone from the sources are deleted; as the Application's automated sync has it where it "
            "is not given."
        ),
    ] = None
    dry_run: Annotated[bool, Field("Whether Argo CD only tries it out.")] = False
    force: Annotated[
        bool, Field("Whether objects that cannot be changed are deleted and made anew.")
    ] = False
    strategy: Annotated[
        str,
        Field(
            "`hook` runs hooks and waves, `apply` leaves them out; `hook` where it is not given.",
            enum=("apply", "hook", ""),
        ),
    ] = ""
    sync_options: Annotated[
        list[str] | None,
        Field("Options such as `ServerSideApply=true`, in the place of the Application's own."),
    ] = None


class ArgoCDSyncConfig(Struct, kw_only=True):
    """Which Applications to sync."""

    apps: Annotated[list[ArgoCDAppSync], Field("The Applications.", min_items=1)]


class ArgoCDSync(BaseStep):
    """Syncs Applications."""

    name: ClassVar[str] = "argocd-sync"
    config: ClassVar[type[Struct]] = ArgoCDSyncConfig
    output: ClassVar[type[Struct]] = ArgoCDAppsOutput
    timeout_seconds: ClassVar[float | None] = MINUTES
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: ArgoCDSyncConfig) -> Outcome:
        """Look once; whatever is to be waited for wakes it again."""
        entries = [AppEntry(which=which(app), options=_options(app)) for app in config.apps]
        return (await look(context, entries)).outcome


def _options(app: ArgoCDAppSync) -> SyncOptions:
    return SyncOptions(
        resources=tuple(_resource(each) for each in app.resources or ()),
        prune=app.prune,
        dry_run=app.dry_run,
        options=None if app.sync_options is None else tuple(app.sync_options),
        strategy=app.strategy,
        force=app.force,
    )


def _resource(given: ArgoCDResource) -> dict[str, str]:
    found = {"group": given.group, "kind": given.kind, "name": given.name}
    return {**found, "namespace": given.namespace} if given.namespace else found
