"""The kinds that Towpath adds."""

from __future__ import annotations

from typing import Final

from towpath.resources import (
    argocd_connection,
    hook_run,
    message,
    promotion_journal,
    stage_hook,
)
from towpath.resources.kinds import Index, Kind
from towpath.resources.scheme.groups import TOWPATH
from towpath.resources.scheme.rows import READY, STATUS, columns, indexes

PROMOTION_JOURNAL: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="PromotionJournal",
    plural="promotionjournals",
    namespaced=True,
    type=promotion_journal.PromotionJournal,
    generation=True,
    sealed=True,
)
ARGOCD_CONNECTION: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="ArgoCDConnection",
    plural="argocdconnections",
    namespaced=False,
    type=argocd_connection.ArgoCDConnection,
    columns=(READY, STATUS),
    status=True,
    generation=True,
)
MESSAGE: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="Message",
    plural="messages",
    namespaced=True,
    type=message.Message,
    columns=columns(
        Channel=".spec.channel.name",
        State=".status.state",
        Attempts=".status.attempts",
        Error=".status.lastError",
    ),
    indexes=(
        Index("queue", derive=message.queue_of),
        Index("place", derive=message.place_of),
        Index("thread", derive=message.thread_of),
        Index("ended", derive=message.ended_of),
        *indexes("spec.order", "spec.channel.kind", "spec.channel.name", "status.state"),
    ),
    status=True,
    generation=True,
)
STAGE_HOOK: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="StageHook",
    plural="stagehooks",
    namespaced=True,
    type=stage_hook.StageHook,
    columns=(*columns(Events=".spec.events", Blocking=".spec.blocking"), READY, STATUS),
    status=True,
    generation=True,
)
HOOK_RUN: Final = Kind(
    group=TOWPATH,
    version="v1alpha1",
    name="HookRun",
    plural="hookruns",
    namespaced=True,
    type=hook_run.HookRun,
    columns=columns(
        Hook=".spec.hook",
        Stage=".spec.stage",
        Event=".spec.event.event",
        Phase=".status.phase",
        Message=".status.message",
    ),
    indexes=(
        *indexes("spec.hook", "spec.stage", "status.phase", "metadata.creationTimestamp"),
        Index(hook_run.BLOCKS, derive=hook_run.blocked_stage),
    ),
    status=True,
    generation=True,
)
