"""The gate of the hooks: whether runs of blocking ones let the next Promotion begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.rules import hook_attempts
from towpath.rules.gates import commands
from towpath.rules.gates.gate import NAMED, Bars, Gate, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.hook_run import HookRun
    from towpath.resources.stage import Stage

HOOKS: Final = "hooks"


def said(runs: Sequence[HookRun]) -> str:
    """Return what holds a Stage up: hooks that have failed, or else those that have not ended; empty if there are none."""
    if not runs:
        return ""
    failed = [run for run in runs if hook_attempts.has_failed(run.status)]
    names = sorted({run.spec.hook for run in failed or runs})
    what = "has failed, which blocks" if failed else "has not ended yet, which blocks"
    plural = "have failed, which block" if failed else "have not ended yet, which block"
    run = min(failed or runs, key=lambda each: each.spec.event.revision)
    told = run.status.message if run.status else ""
    more = f": {told}" if told else ""
    return (
        f"{'hook' if len(names) == 1 else 'hooks'} {listed(names)} {what if len(names) == 1 else plural}"
        f" (HookRun {run.metadata.name}){more}"
    )


def gate(stage: Stage, runs: Sequence[HookRun]) -> Gate:
    """Return whether hooks let a Promotion begin. `runs`: those that hold the Stage up."""
    if not runs:
        reason = "no hook that blocks is under way or has failed"
        return Gate(name=HOOKS, open=True, reason=reason, bars=Bars.START)
    first = min(runs, key=lambda run: run.spec.event.revision)
    return Gate(
        name=HOOKS,
        open=False,
        reason=said(runs),
        bars=Bars.START,
        since=moments.read(first.metadata.creation_timestamp),
        opens_by=(
            "the success of the run, also of a further try",
            "who may write StageHooks, by ending or deleting the run",
        ),
        command=commands.names(stage, "hookruns"),
        evidence=tuple(
            Ref(scheme.HOOK_RUN, stage.metadata.namespace, run.metadata.name)
            for run in runs[:NAMED]
        ),
    )
