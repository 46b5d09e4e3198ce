"""Those who push to one branch: an idle branch is pushed to at once, and what waits meanwhile goes in one push.

The commits of a batch are put on top of one another, each as if its Promotion had run after the one before it. A batch
that the server refuses is split until it is known whose commit it does not want; the others land. Who is cancelled while
it waits leaves the queue; of a push that is under way nobody is cut off, and who was cancelled meanwhile finds its commit
on the branch later.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.objects import objects
from towpath.clients.git.pushing import push
from towpath.clients.git.pushing.integration import Conflicted, Integrated, Unsafe, integrate
from towpath.clients.git.pushing.patience import PushPatience
from towpath.clients.git.pushing.push import AlreadyThere, Moved, Pushed, Refused
from towpath.clients.git.pushing.waiting_line import Waiter, WaitingLine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.pushing.integration import Committer, Policy
    from towpath.clients.git.pushing.picking import Edits
    from towpath.clock import Clock

log = logging.getLogger("towpath.clients.git")

MOST: Final = 200
"""Of one batch."""
_SENT: Final = 8
"""Commits that are remembered of one wish, because one of them may have arrived unnoticed."""


@dataclass(frozen=True, slots=True)
class Unclean:
    """The branch moved, and whoever pushes cannot follow: its work tree has changes that are not committed."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The branch moved at each of so many tries."""

    tries: int
    moved: Moved


Answer = Pushed | AlreadyThere | Refused | Conflicted | Unsafe | Unclean | GaveUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One commit that is to get onto the branch."""

    commit: str
    policy: Policy
    committer: Committer
    announce: Callable[[str], Awaitable[None]]
    """Told the commit that will stand for it on the branch, durably, before it is sent."""
    can_follow: Callable[[], Awaitable[bool]]
    """Whether its commit may be replaced by one on top of what others pushed."""
    edits: Edits = field(default_factory=dict)
    """What scalars it set, in which files."""
    force: bool = False
    """Whether the branch is to be at the commit whatever is there. Goes alone."""
    most_tries: int | None = None
    """None: as long as there is patience."""


@dataclass(eq=False, slots=True)
class _Member(Waiter[Answer]):
    wish: Wish
    tries: int = 0
    sent: list[str] = field(default_factory=list)
    """What was announced for it."""


class BranchQueue:
    """The queue of one branch of a repository, as one credential and one Project see it."""

    def __init__(
        self,
        mirror: Mirror,
        branch: str,
        clock: Clock,
        turn: Callable[[], contextlib.AbstractAsyncContextManager[None]],
        on_idle: Callable[[], object] = lambda: None,
    ) -> None:
        """`turn` is held for each push: other Projects push to the same branch. `on_idle`: called once nobody waits."""
        self._mirror = mirror
        self._branch = branch
        self._clock = clock
        self._turn = turn
        self._on_idle = on_idle
        self._line = WaitingLine(f"pushes to {branch}", _next, self._serve, self._rest)
        self._head: str | None = None
        """Where the branch was a moment ago, told by the server while somebody pushes. What was fetched before may be
        older than what a member was built on."""

    async def push(self, wish: Wish) -> Answer:
        """Return what became of a wish. Raises what pushing and integrating raise."""
        member = _Member(wish)
        await self._line.join(member)
        return member.answer.result()

    async def close(self) -> None:
        """End the push that is under way; who waits for it is told so."""
        await self._line.close()

    async def _serve(self, members: Sequence[_Member]) -> None:
        async with self._turn():
            await self._settle(members)

    def _rest(self) -> None:
        self._head = None
        self._on_idle()

    async def _settle(self, members: Sequence[_Member]) -> None:
        """See to it that each of these has its answer, also those that stand in another's way."""
        pending = [list(members)]
        patience = PushPatience(self._clock)
        while pending:
            batch = [member for member in pending.pop(0) if not member.is_over]
            if not batch:
                continue
            refused = await self._land(batch, patience)
            left = [member for member in batch if not member.is_over]
            if refused is None or not left:
                continue
            if len(left) == 1:
                left[0].settle(refused)
                continue
            middle = (len(left) + 1) // 2
            pending[:0] = [left[:middle], left[middle:]]

    async def _land(self, members: Sequence[_Member], patience: PushPatience) -> Refused | None:
        """Push these together; return why the server does not want them, None if they all have their answers."""
        while True:
            stack = await self._stacked([member for member in members if not member.is_over])
            if not stack:
                return None
            if not await self._announced(stack):
                continue  # somebody went away: its commit must not go along
            top = stack[-1][1]
            outcome = await self._sent(stack, top)
            match outcome:
                case Refused():
                    return outcome
                case Pushed() | AlreadyThere():
                    self._head = top
                    for member, commit in stack:
                        member.settle(type(outcome)(commit))
                case Moved():
                    self._head = outcome.theirs
                    for member, _ in stack:
                        await self._look_after(member, outcome)
                    if all(member.is_over for member, _ in stack) or await patience.again():
                        continue
                    for member in members:
                        member.settle(GaveUp(member.tries, outcome))

    async def _stacked(self, members: Sequence[_Member]) -> list[tuple[_Member, str]]:
        """Return who goes along, with the commit that stands for each, on top of that of the one before.

        Who does not go with the branch as it is has its answer. Who does not go with another of the batch is left for
        later: the other may be refused.
        """
        if not members:
            return []
        if members[0].wish.force:
            return [(members[0], members[0].wish.commit)]
        if self._head is None and len(members) > 1:
            self._head = await self._fetched()
        tip, stack = self._head, list[tuple[_Member, str]]()
        for member in members:
            if tip is None:
                # Alone, or the first on a new branch. The server says if it is not on top of what is there.
                stack.append((member, member.wish.commit))
                tip = member.wish.commit
                continue
            try:
                put = await self._put(member, tip)
            except Exception as error:  # noqa: BLE001 - one that cannot be put on top does not keep the others
                member.fail(error)
                continue
            if isinstance(put, Integrated):
                stack.append((member, put.commit))
                tip = put.commit
            elif not stack:
                member.settle(put)
        return stack

    async def _fetched(self) -> str | None:
        try:
            return await self._mirror.fetch_branch(self._branch)
        except git_errors.RefNotFound:
            return None

    async def _put(self, member: _Member, tip: str) -> Integrated | Conflicted | Unsafe | Unclean:
        wish = member.wish
        put = await integrate(
            self._mirror,
            ours=wish.commit,
            theirs=tip,
            policy=wish.policy,
            branch=self._branch,
            committer=wish.committer,
            edits=wish.edits,
        )
        if (
            isinstance(put, Integrated)
            and put.commit != wish.commit
            and not await wish.can_follow()
        ):
            return Unclean()
        return put

    async def _announced(self, stack: Sequence[tuple[_Member, str]]) -> bool:
        """Tell each member which commit will stand for it; whether all are still there after that."""
        await asyncio.gather(*(self._announce(member, commit) for member, commit in stack))
        return not any(member.is_over for member, _ in stack)

    async def _announce(self, member: _Member, commit: str) -> None:
        if commit in member.sent or member.is_over:
            return
        try:
            await member.wish.announce(commit)
        except Exception as error:  # noqa: BLE001 - what is not on record is not sent
            member.fail(error)
        else:
            member.sent = [*member.sent[1 - _SENT :], commit]

    async def _sent(
        self, stack: Sequence[tuple[_Member, str]], top: str
    ) -> Pushed | AlreadyThere | Moved | Refused:
        force = stack[0][0].wish.force
        for member, _ in stack:
            member.tries += 1
        try:
            return await push.to_branch(self._mirror, top, self._branch, force=force)
        except (errors.Unavailable, errors.Timeout) as error:
            # The server may have it all the same.
            with contextlib.suppress(errors.TowpathError):
                if await push.contains(self._mirror, self._branch, top):
                    log.warning(
                        "a push that broke off had arrived",
                        extra={"repository": str(self._mirror), "cause": str(error)},
                    )
                    return Pushed(top)
            raise

    async def _look_after(self, member: _Member, moved: Moved) -> None:
        """Answer a member for whom it is over: one of its commits had arrived, or it has tried often enough."""
        if moved.theirs is not None:
            for commit in member.sent:
                if await objects.is_ancestor(self._mirror, commit, moved.theirs):
                    member.settle(AlreadyThere(commit))
                    return
        if member.wish.most_tries is not None and member.tries >= member.wish.most_tries:
            member.settle(GaveUp(member.tries, moved))


def _next(waiting: Sequence[_Member]) -> Sequence[_Member]:
    """Return who goes next: all that wait, but who forces goes alone."""
    if waiting[0].wish.force:
        return waiting[:1]
    return list(itertools.takewhile(lambda member: not member.wish.force, waiting[:MOST]))
