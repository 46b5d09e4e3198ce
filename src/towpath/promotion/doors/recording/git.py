"""The door to Git that sends nothing: it checks out and commits in a folder that is thrown away, and records pushes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from towpath.clients.git import git_errors, tags
from towpath.clients.git.repository import Resolved
from towpath.messages import short_id
from towpath.promotion import committing
from towpath.promotion.checkouts import Checkouts
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.doors.pushing import no_branch, no_tag
from towpath.promotion.doors.recording.recorder import PlanBase, PlannedPush
from towpath.promotion.effects.git import NotPushed, Sent

if TYPE_CHECKING:
    from towpath.clients.git.repository import Repository
    from towpath.promotion.checkout import Checkout
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.git import Author, Clone, Cloned, CommitMade


class RecordedGit(RepositoryDoor):
    """Git for one step of a plan."""

    def __init__(self, recorder: Recorder, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._recorder = recorder

    async def clone(self, wanted: Clone) -> Cloned:
        """Make the work trees, and note what is built on."""
        made = await super().clone(wanted)
        for each, commit in zip(wanted.trees, made.commits, strict=True):
            if commit not in self._recorder.provisional:
                base = PlanBase(
                    url=wanted.url,
                    insecure=wanted.insecure,
                    blobless=wanted.blobless,
                    branch=each.branch,
                    tag=each.tag,
                    commit=each.commit,
                    found=commit,
                )
                self._recorder.bases.append(base)
        return made

    async def commit(self, path: str, *, message: str, author: Author | None = None) -> CommitMade:
        """Commit, here alone; the Promotion's commit will have another id, made at another moment."""
        made = await super().commit(path, message=message, author=author)
        if made.is_new:
            self._recorder.provisional[made.commit] = self._step
            first = message.partition("\n")[0]
            self._recorder.call(self._step, "git", "commit", f"{path}: {first}")
        return made

    async def push(
        self, path: str, branch: str = "", *, force: bool = False, most_tries: int | None = None
    ) -> Sent | NotPushed:
        """Record what would be pushed, and to what it would be added."""
        del most_tries
        tree, made = Checkouts(self._directory).at(path)
        goal = branch or tree.branch
        if not goal:
            return no_branch(path)
        repository = await self._client.open(
            made.url, insecure=made.insecure, blobless=made.blobless
        )
        base = next(
            (
                each.head
                for each in reversed(self._recorder.pushes)
                if each.mirror is tree.mirror and each.branch == goal
            ),
            None,
        )
        if base is None:
            # Else it would be new.
            with contextlib.suppress(git_errors.RefNotFound, git_errors.EmptyRepository):
                base = (await repository.resolve(branch=goal)).commit
        self._recorder.pushes.append(
            PlannedPush(
                step=self._step,
                mirror=tree.mirror,
                repository=str(repository),
                branch=goal,
                base=base,
                head=tree.head,
                force=force,
            )
        )
        how = ", whatever is there" if force else ""
        self._recorder.call(
            self._step, "git", "push", f"{path} to branch {goal} of {repository}{how}"
        )
        return Sent(commit=tree.head, branch=goal, url=made.url, repository=str(repository))

    async def push_tag(self, path: str, tag: str) -> Sent | NotPushed:
        """Record that a tag would be pushed."""
        tree, made = Checkouts(self._directory).at(path)
        target = tags.made(tree.admin, tag) or await tree.mirror.find(f"refs/tags/{tag}")
        if target is None:
            return no_tag(path, tag)
        said = f"tag {tag} on commit {short_id(tree.head)} of {tree.mirror}"
        self._recorder.call(self._step, "git", "push_tag", said)
        return Sent(
            commit=tree.head,
            branch=tree.branch or "",
            url=made.url,
            repository=str(tree.mirror),
        )

    async def _create(self, repository: Repository, branch: str, made: Checkout) -> Resolved:
        """Make the branch's first commit here, and record that the branch would be made."""
        by = committing.who(self._client.identity, made)
        commit = await repository.first_commit(author=by.person, when=self._started)
        self._recorder.provisional[commit] = self._step
        self._recorder.call(
            self._step, "git", "push", f"new branch {branch} of {repository}, with one empty commit"
        )
        return Resolved(commit, branch)
