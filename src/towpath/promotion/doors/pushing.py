"""Pushing from a work tree, by the queue of its branch: what is noted before, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.clients.git.objects import tags
from towpath.clients.git.pushing import branch_queue, push
from towpath.clients.git.pushing.branch_queue import Wish
from towpath.clients.git.pushing.integration import Committer, Conflicted, Policy, Unsafe
from towpath.promotion import committing
from towpath.promotion.effects.classes import EffectClass
from towpath.promotion.effects.git import NotPushed, Sent, WhyNotPushed
from towpath.promotion.repeatable_edits import edits_below

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.git.repository import Repository
    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.promotion.checkout import Checkout
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

_NOTE: Final = "push"
_MOST_PATHS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushing:
    """The pushes of one step from one work tree."""

    client: GitClient
    journal: EffectNotes
    directory: WorkDirectory
    aside: Aside
    policy: Policy
    """How our commits and those of others are brought together."""
    started: datetime
    path: str
    """Of the work tree, as the manifest has it."""
    tree: WorkTree
    made: Checkout

    async def to_branch(
        self, branch: str, *, force: bool, most_tries: int | None
    ) -> Sent | NotPushed:
        """Push to a branch."""
        tree, mirror, head = self.tree, self.tree.mirror, self.tree.head
        noted = self.journal.noted(_NOTE)
        # A note made at another commit is from before the Promotion began anew: what is to be pushed now is `head`.
        if isinstance(noted, dict) and (noted.get("branch"), noted.get("head")) == (branch, head):
            sent = str(noted.get("commit"))
            if await push.contains(mirror, branch, sent):
                return self._done(branch, sent)

        async def announce(commit: str) -> None:
            note = {"branch": branch, "commit": commit, "head": head}
            await self.journal.note(_NOTE, note, effect=EffectClass.PROBED)

        async def can_follow() -> bool:
            return not await tree.has_changes()

        by = committing.who(self.client.identity, self.made)
        repository = await self.client.open(
            self.made.url, insecure=self.made.insecure, blobless=self.made.blobless
        )
        answer = await self.reached(
            repository,
            branch,
            Wish(
                commit=head,
                policy=self.policy,
                committer=Committer(person=by.person, when=self.started, signer=by.signer),
                announce=announce,
                can_follow=can_follow,
                edits=edits_below(
                    self.directory, tree, aside=self.aside, project=self.client.project
                ),
                force=force,
                most_tries=most_tries,
            ),
        )
        match answer:
            case push.Pushed() | push.AlreadyThere():
                return self._done(branch, answer.commit)
            case push.Refused(explained=reason, remote=remote):
                said = _with_remote(f"{mirror} refused the push to {branch}: {reason}", remote)
                return NotPushed(WhyNotPushed.REFUSED, said)
            case branch_queue.Unclean():
                return NotPushed(
                    WhyNotPushed.UNCLEAN,
                    f"{branch} of {mirror} has moved, and {self.path} has changes that are not committed; commit "
                    "everything before git-push",
                )
            case Conflicted():
                return self._conflict(branch, answer)
            case Unsafe():
                return NotPushed(
                    WhyNotPushed.UNSAFE,
                    f"{branch} of {mirror} has moved, and commit {answer.commit} cannot be put on top of it without "
                    "losing its signature",
                )
            case branch_queue.GaveUp():
                said = f"{branch} of {mirror} moved at each of {answer.tries} attempts to push: {answer.moved.reason}"
                return NotPushed(WhyNotPushed.EXHAUSTED, _with_remote(said, answer.moved.remote))

    async def reached(self, repository: Repository, branch: str, wish: Wish) -> branch_queue.Answer:
        """Return what became of a wish to have a commit on a branch, in the branch's queue."""
        return await repository.push(branch, self.client.project, wish)

    async def tag(self, tag: str) -> Sent | NotPushed:
        """Push a tag."""
        tree, mirror = self.tree, self.tree.mirror
        target = tags.made(tree.admin, tag) or await tags.fetched(mirror, tag)
        if target is None:
            return no_tag(self.path, tag)
        note = {"tag": tag, "commit": target}
        await self.journal.note(_NOTE, note, effect=EffectClass.PROBED)
        outcome = await push.to_tag(mirror, target, tag)
        match outcome:
            case push.Pushed() | push.AlreadyThere():
                return self.sent(tree.branch or "", tree.head)
            case push.Refused(explained=reason, remote=remote):
                said = _with_remote(f"{mirror} refused the tag {tag}: {reason}", remote)
                return NotPushed(WhyNotPushed.REFUSED, said)
            case push.Moved(reason=reason, remote=remote):
                said = _with_remote(f"{mirror} refused the tag {tag}: {reason}", remote)
                return NotPushed(WhyNotPushed.REFUSED, said)

    def _done(self, branch: str, commit: str) -> Sent:
        if self.tree.head != commit:
            # For most Promotions it is the last step: nobody looks at the files any more.
            self.tree.follow(commit)
        return self.sent(branch, commit)

    def sent(self, branch: str, commit: str) -> Sent:
        """Return the answer that something is at a commit on the server."""
        return Sent(
            commit=commit, branch=branch, url=self.made.url, repository=str(self.tree.mirror)
        )

    def _conflict(self, branch: str, conflicted: Conflicted) -> NotPushed:
        """Begin anew if that can help: somebody checked out the very branch. Else the conflict would come back."""
        mirror = self.tree.mirror
        paths = messages.first(conflicted.paths, _MOST_PATHS)
        trees = self.directory.trees.values()
        if any(tree.mirror is mirror and tree.branch == branch for tree in trees):
            return NotPushed(
                WhyNotPushed.CONFLICTING,
                f"{branch} of {mirror} has moved, and both sides changed {paths}; promote again to build on what is "
                "there now",
            )
        return NotPushed(
            WhyNotPushed.CONFLICTING_ELSEWHERE,
            f"{branch} of {mirror} is not what was built on, and both sides changed {paths}; check {branch} out with "
            "git-clone, or push with `force: true`",
        )


def no_branch(path: str) -> NotPushed:
    """Return what a push from a work tree comes to that is on no branch, where none is named."""
    return NotPushed(
        WhyNotPushed.NO_BRANCH,
        f"{path} is not on a branch: a commit or tag was checked out; name targetBranch",
    )


def no_tag(path: str, tag: str) -> NotPushed:
    """Return what the push of a tag comes to that nobody has made."""
    return NotPushed(
        WhyNotPushed.NO_TAG, f"there is no tag {tag!r} in {path}: a git-tag step makes one"
    )


def _with_remote(message: str, remote: tuple[str, ...]) -> str:
    """Return a message with what the server wrote, line by line, as git shows it."""
    return "\n".join((message, *(f"remote: {line}" for line in remote)))
