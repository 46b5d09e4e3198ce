"""Sends one commit to one branch or tag, and says exactly what became of it.

The commit's id is known before anything is sent, so that whoever was killed in between can ask `contains`
afterwards: a branch that holds the commit means the push is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git import arguments, git_errors, rejections
from towpath.clients.git.mirrors.talk import RefUpdate
from towpath.clients.git.objects import objects
from towpath.clients.git.push_outcomes import AlreadyThere, Moved, Outcome, Pushed, Refused

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

__all__ = [
    "AlreadyThere",
    "Moved",
    "Outcome",
    "Pushed",
    "Refused",
    "contains",
    "to_branch",
    "to_tag",
]

BEFORE_PUSH: Final = faults.point("git.before-push", "a commit is made but not yet sent")
AFTER_PUSH: Final = faults.point(
    "git.after-push", "the server has the commit but nobody was told so yet"
)


async def to_branch(
    mirror: Mirror,
    commit: str,
    branch: str,
    *,
    force: bool = False,
    expected: str | None = None,
) -> Outcome:
    """Send `commit` to `branch`.

    Without `force` the branch only moves forward. `force` moves it wherever it stands; with `expected` it
    moves only if it is there (an empty `expected`: only if it does not exist yet), forward or not.
    Raises RefNotFound when the mirror does not have the commit (it was made anew), AuthenticationFailed,
    RepositoryNotFound, Unreachable and Timeout; after the last two it is
    unknown whether the server has the commit, so ask `contains` before sending again.
    """
    target = f"refs/heads/{arguments.branch(branch)}"
    options = ["--force"] if force and expected is None else []
    if expected is not None:
        options = [
            f"--force-with-lease={target}:{arguments.full_commit(expected) if expected else ''}"
        ]
    full = arguments.full_commit(commit)
    BEFORE_PUSH()
    outcome = None
    if expected is None:
        outcome = await mirror.talk.push(RefUpdate(full, target, is_forced=force))
    if outcome is None:
        outcome = await _send(mirror, full, target, options)
    AFTER_PUSH()
    if isinstance(outcome, Pushed | AlreadyThere):
        mirror.pushed(branch, commit)
    if isinstance(outcome, Moved) and force and "non-fast-forward" in outcome.reason:
        # Not a race: this server lets nobody overwrite a branch.
        return Refused(f"denying non-fast-forward ({outcome.reason})", outcome.remote)
    if isinstance(outcome, Moved) and outcome.theirs is None and not force and expected is None:
        return await _after_a_move(mirror, commit, branch, outcome)
    return outcome


async def to_tag(mirror: Mirror, target: str, tag: str, *, force: bool = False) -> Outcome:
    """Send the commit or tag object `target` as `tag`; an existing tag stays unless `force`."""
    options = ["--force"] if force else []
    BEFORE_PUSH()
    outcome = await _send(
        mirror, arguments.full_commit(target), f"refs/tags/{arguments.tag(tag)}", options
    )
    AFTER_PUSH()
    return outcome


async def contains(mirror: Mirror, branch: str, commit: str) -> bool:
    """Fetch `branch` and tell whether it holds `commit`; false when there is no such branch."""
    try:
        head = await mirror.fetch_branch(branch)
    except git_errors.RefNotFound:
        return False
    return await objects.is_ancestor(mirror, commit, head)


async def _send(mirror: Mirror, commit: str, target: str, options: list[str]) -> Outcome:
    """Have git send it."""
    finished = await mirror.reach(
        "push", "--porcelain", "--no-verify", *options, "origin", f"{commit}:{target}"
    )
    line = _verdict(finished.stdout.decode("utf-8", "replace"), target)
    if line is None:
        raise mirror.failure(finished, f"pushing {target} to")
    flag, summary = line
    if flag != "!":
        return AlreadyThere(commit) if flag == "=" else Pushed(commit)
    remote = git_errors.remote_lines(finished.stderr)
    reason = summary.rpartition("(")[2].removesuffix(")") if "(" in summary else summary
    if rejections.is_moved(summary):
        return Moved(reason, remote=remote)
    if await mirror.find(commit) is None:
        raise git_errors.RefNotFound(
            f"commit {commit} is not in the mirror of {mirror} any more; start again at git-clone"
        )
    if "remote failure" in summary or "no match" in summary or "unexpected" in summary:
        raise errors.Unavailable(f"pushing {target} to {mirror}: {reason}")
    return Refused(reason, remote)


async def _after_a_move(mirror: Mirror, commit: str, branch: str, moved: Moved) -> Outcome:
    try:
        theirs = await mirror.fetch_branch(branch)
    except git_errors.RefNotFound:
        # Nothing is in the way under this name, so it is the name: `env` beside `env/prod`.
        return Refused(f"{moved.reason}: {branch} cannot be made", moved.remote)
    if await objects.is_ancestor(mirror, commit, theirs):
        return AlreadyThere(commit)
    return Moved(moved.reason, theirs, moved.remote)


def _verdict(porcelain: str, target: str) -> tuple[str, str] | None:
    """Return flag and summary of the line about `target`: `FLAG<tab>FROM:TO<tab>SUMMARY (REASON)`."""
    for line in porcelain.splitlines():
        flag, _, rest = line.partition("\t")
        names_, _, summary = rest.partition("\t")
        if len(flag) == 1 and names_.endswith(f":{target}"):
            return flag, summary
    return None
