"""Pushes that are not sent: what would come of them is made in the mirror, and recorded."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from towpath.clients.git import git_errors
from towpath.clients.git.objects import objects, tags
from towpath.clients.git.pushing import branch_queue, push
from towpath.clients.git.pushing.integration import Integrated, integrate
from towpath.messages import short_id
from towpath.promotion.doors.pushing import Pushing, no_tag
from towpath.promotion.doors.recording.recorder import PlannedPush

if TYPE_CHECKING:
    from towpath.clients.git.pushing.branch_queue import Answer, Wish
    from towpath.clients.git.repository import Repository
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.git import NotPushed, Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPushing(Pushing):
    """The pushes of one step of a plan from one work tree."""

    recorder: Recorder
    step: str

    @classmethod
    def of(cls, pushing: Pushing, recorder: Recorder, step: str) -> RecordedPushing:
        """Return pushes that are recorded, in the place of those that are sent."""
        given = {each.name: getattr(pushing, each.name) for each in fields(pushing)}
        return cls(**given, recorder=recorder, step=step)

    async def reached(self, repository: Repository, branch: str, wish: Wish) -> Answer:
        """Record what would be pushed, and to what it would be added: the branch as it is, or as the plan would leave it."""
        mirror, tip = self.tree.mirror, self.recorder.branch(self.tree.mirror, branch)
        if tip is None:
            # Else it would be new.
            with contextlib.suppress(git_errors.RefNotFound, git_errors.EmptyRepository):
                tip = (await repository.resolve(branch=branch)).commit
        head = wish.commit
        if tip == head:
            return push.AlreadyThere(head)
        if tip is not None and not wish.force:
            if await objects.is_ancestor(mirror, head, tip):
                return push.AlreadyThere(head)
            put = await integrate(
                mirror,
                ours=head,
                theirs=tip,
                policy=wish.policy,
                branch=branch,
                committer=wish.committer,
                edits=wish.edits,
            )
            if not isinstance(put, Integrated):
                return put
            if put.commit != head and not await wish.can_follow():
                return branch_queue.Unclean()
            head = put.commit
            if head == tip:
                return push.AlreadyThere(head)  # the branch has all changes, by other commits
        if head not in self.recorder.provisional and head != wish.commit:
            self.recorder.provisional[head] = self.step
        self._record(str(repository), branch, tip, head, force=wish.force)
        return push.Pushed(head)

    def _record(
        self, repository: str, branch: str, tip: str | None, head: str, *, force: bool
    ) -> None:
        self.recorder.move_branch(self.tree.mirror, branch, head)
        self.recorder.pushes.append(
            PlannedPush(
                step=self.step,
                mirror=self.tree.mirror,
                repository=repository,
                branch=branch,
                base=tip,
                head=head,
                force=force,
                rendered=self.recorder.rendered.below(self.tree.path),
            )
        )
        how = ", whatever is there" if force else ""
        what = f"{self.path} to branch {branch} of {repository}{how}"
        self.recorder.call(self.step, "git", "push", what)

    async def tag(self, tag: str) -> Sent | NotPushed:
        """Record that a tag would be pushed."""
        tree, mirror = self.tree, self.tree.mirror
        target = tags.made(tree.admin, tag) or await tags.fetched(mirror, tag)
        if target is None:
            return no_tag(self.path, tag)
        commit = await mirror.find(f"{target}^{{commit}}") or tree.head
        self.recorder.set_tag(mirror, tag, commit)
        said = self.recorder.told(f"tag {tag} on commit {short_id(commit)} of {mirror}")
        self.recorder.call(self.step, "git", "push_tag", said)
        return self.sent(tree.branch or "", tree.head)
