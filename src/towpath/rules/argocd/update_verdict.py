"""What a Promotion has to do about an Application now: begin an operation, wait, or nothing more.

The operation that Argo CD ran last decides, and whose it was. It has done what is wanted if it is this Promotion's, if it
succeeded, and if what it synced is what is wanted; an error that Argo CD has found since is waited out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.rules.argocd.application import COMPLETE, ERRORS, RUNNING
from towpath.rules.argocd.revision_match import Relation, compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.rules.argocd.application import Application, OperationState
    from towpath.rules.argocd.revision_match import Known


@dataclass(frozen=True, slots=True)
class Start:
    """An operation is to be begun."""

    why: str


@dataclass(frozen=True, slots=True)
class SyncWait:
    """Something is under way, ours or somebody else's."""

    why: str
    phase: str = RUNNING
    is_ours: bool = False
    wants_refresh: bool = False
    """Whether Argo CD is to be asked to compare anew."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What is wanted was synced by an operation of this Promotion."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class SyncFailed:
    """The operation of this Promotion came to nothing, and another try would come to the same."""

    why: str
    phase: str


Verdict = Start | SyncWait | Synced | SyncFailed


def verdict(
    application: Application,
    desired: Sequence[str],
    promotion: str,
    known: Known | None = None,
    *,
    has_begun: bool = True,
) -> Verdict:
    """Return what is to be done about an Application of which these revisions are wanted, one for each source.

    `has_begun`: whether the step has begun an operation of it. One of its Promotion may be that of an earlier step, which
    has done what that step wanted.
    """
    state, pending = application.state, application.pending
    if state is not None and not state.is_complete:
        is_ours = state.operation.promotion == promotion
        return SyncWait(_under_way(application, state), state.phase, is_ours=is_ours)
    found = (
        Start("no operation was begun yet")
        if state is None
        else _judged(application, state, desired, promotion if has_begun else "", known)
    )
    if isinstance(found, Start) and pending is not None:
        if pending.promotion == promotion:
            return SyncWait(
                f"{application.said} has not begun the operation{application.left_alone}",
                is_ours=True,
            )
        return SyncWait(
            f"{application.said} is to begin an operation of {pending.by}, which comes first"
        )
    return found


def _judged(
    application: Application,
    state: OperationState,
    desired: Sequence[str],
    promotion: str,
    known: Known | None,
) -> Verdict:
    if not promotion or state.operation.promotion != promotion:
        return Start(f"the last operation was that of {state.operation.by}")
    if state.has_failed:
        return SyncFailed(
            f"{application.said}: the sync ended {state.phase}: {state.why}", state.phase
        )
    if state.revisions is None:
        return Start("the operation ended without saying what it synced")
    found = compared(application, desired, state.revisions, known)
    wrong = [each for each in found if not each.relation.matches]
    if any(each.relation is Relation.NEWER for each in wrong):
        said = "; ".join(each.said for each in wrong)
        return SyncFailed(
            f"{application.said} was synced, but not to what this Promotion is about: {said}. Promote what is there now, or "
            "have the step set the revision (updateTargetRevision)",
            state.phase,
        )
    if any(each.relation is Relation.UNKNOWN for each in wrong):
        return SyncWait(
            f"{application.said}: {'; '.join(each.said for each in wrong)}", is_ours=True
        )
    if wrong:
        return Start("; ".join(each.said for each in wrong))
    if errors := application.having(ERRORS):
        said = "; ".join(each.said for each in errors)
        return SyncWait(
            f"{application.said} was synced, but Argo CD has found an error since: {said}",
            is_ours=True,
            wants_refresh=True,
        )
    later = [each.said for each in found if each.relation is Relation.SAME_TREES]
    return Synced("; ".join(later))


def _under_way(application: Application, state: OperationState) -> str:
    if state.phase not in COMPLETE and state.finished_at is not None:
        said = f"a try of the operation of {state.operation.by} failed, and another follows"
    else:
        said = f"the operation of {state.operation.by} is {state.phase or 'under way'}"
    return f"{application.said}: {said}" + (f": {state.message}" if state.message else "")
