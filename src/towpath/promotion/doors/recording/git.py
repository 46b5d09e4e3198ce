"""The door to Git that sends nothing: it checks out and commits in a folder that is thrown away, and records pushes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from towpath.clients.git.repository import Resolved
from towpath.promotion import committing
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.doors.recording.pushing import RecordedPushing
from towpath.promotion.doors.recording.recorder import PlanBase

if TYPE_CHECKING:
    from towpath.clients.git.repository import Repository
    from towpath.promotion.checkout import Checkout
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.git import Author, Clone, Cloned, CommitMade, Tagged, WantedTree


class RecordedGit(RepositoryDoor):
    """Git for one step of a plan."""

    def __init__(self, recorder: Recorder, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._recorder = recorder

    async def clone(self, wanted: Clone) -> Cloned:
        """Make the work trees, and note what is built on."""
        # A commit that an earlier step of the plan puts out is named by a text that stands for it.
        meant = [replace(each, commit=self._recorder.meant(each.commit)) for each in wanted.trees]
        return await super().clone(replace(wanted, trees=meant))

    async def commit(self, path: str, *, message: str, author: Author | None = None) -> CommitMade:
        """Commit, here alone; the Promotion's commit will have another id, made at another moment."""
        made = await super().commit(path, message=message, author=author)
        if made.is_new:
            self._recorder.provisional[made.commit] = self._step
            first = message.partition("\n")[0]
            self._recorder.call(self._step, "git", "commit", f"{path}: {first}")
        return made

    async def tag(self, path: str, tag: str, *, message: str, force: bool = False) -> Tagged:
        """Tag, here alone; the Promotion's tag will have another id, made at another moment."""
        made = await super().tag(path, tag, message=message, force=force)
        first = message.partition("\n")[0]
        self._recorder.call(self._step, "git", "tag", f"{path}: {tag}: {first}")
        return made

    def _pushing(self, path: str) -> RecordedPushing:
        return RecordedPushing.of(super()._pushing(path), self._recorder, self._step)

    async def _resolve(
        self, repository: Repository, wanted: WantedTree, made: Checkout
    ) -> Resolved:
        """Return what is checked out, as the steps before would have left it; what is not theirs is built on."""
        mirror, recorder = repository.mirror, self._recorder
        if wanted.tag and (commit := recorder.tag(mirror, wanted.tag)):
            return Resolved(commit)
        if wanted.branch and (commit := recorder.branch(mirror, wanted.branch)):
            return Resolved(commit, wanted.branch)
        found = await super()._resolve(repository, wanted, made)
        if found.branch and (commit := recorder.branch(mirror, found.branch)):
            return Resolved(
                commit, found.branch
            )  # the default branch, or one that was made just now
        if found.commit not in recorder.provisional:
            base = PlanBase(
                url=made.url,
                insecure=made.insecure,
                blobless=made.blobless,
                branch=wanted.branch,
                tag=wanted.tag,
                commit=wanted.commit,
                found=found.commit,
            )
            recorder.bases.append(base)
        return found

    async def _create(self, repository: Repository, branch: str, made: Checkout) -> Resolved:
        """Make the branch's first commit here, and record that the branch would be made."""
        by = committing.who(self._client.identity, made)
        commit = await repository.first_commit(author=by.person, when=self._started)
        self._recorder.provisional[commit] = self._step
        self._recorder.move_branch(repository.mirror, branch, commit)
        self._recorder.call(
            self._step, "git", "push", f"new branch {branch} of {repository}, with one empty commit"
        )
        return Resolved(commit, branch)
