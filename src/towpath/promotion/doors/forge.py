"""The door to forges that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.forges.pull_request import NewPullRequest
from towpath.clients.git.objects import objects, words
from towpath.promotion.effects.classes import EffectClass
from towpath.promotion.effects.forge import (
    ForgeDoor,
    NothingToMerge,
    NotMerged,
    SeenPullRequest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.forges.opening import Forges
    from towpath.clients.forges.pull_request import Forge, PullRequest
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.effects.forge import ForgeRepository, WantedPullRequest
    from towpath.promotion.git_client import GitClient

AFTER_OPENING: Final = faults.point(
    "promotion.after-pull-request", "a pull request was opened, and nobody knows of it yet"
)
_NOTE: Final = "pull-request"
_LONGEST_TITLE: Final = 250
"""Characters that all forges take."""


class ConnectedForge(ForgeDoor):
    """Pull requests for one step of one Promotion."""

    def __init__(
        self, forges: Forges, git: GitClient, journal: EffectNotes, page: str = ""
    ) -> None:
        """`page`: where people see the Promotion; empty: nobody has said where the web UI is."""
        self._page = page
        self._forges = forges
        self._git = git
        self._journal = journal

    async def open(
        self, repository: ForgeRepository, wanted: WantedPullRequest
    ) -> SeenPullRequest | NothingToMerge:
        """Find one, or open one.

        After a crash the same one is found: a forge has no two open ones of the same branches.
        """
        for branch in (wanted.source, wanted.target):
            if not words.is_utf8(branch):
                raise errors.BadRequest(
                    f"branch {branch!a}: its name is not in UTF-8, and forges take no other; rename it"
                )
        forge = await self._forge(repository)
        opened = await self._git.open(repository.url, insecure=repository.insecure)
        head = (await opened.resolve(branch=wanted.source)).commit
        found = _best(await forge.find(wanted.source, wanted.target, head))
        if found is None:
            target = (await opened.resolve(branch=wanted.target)).commit
            ours = await objects.read_commit(opened.mirror, head)
            theirs = await objects.read_commit(opened.mirror, target)
            if ours.tree == theirs.tree:
                return NothingToMerge(
                    f"{wanted.source} and {wanted.target} of {opened} have the same files"
                )
            new = self._worded(wanted, words.readable(ours.message))
            note = {"source": wanted.source, "target": wanted.target, "head": head}
            await self._journal.note(_NOTE, note, effect=EffectClass.PROBED)
            made = await forge.create(new)
            AFTER_OPENING()
            if made is None:  # somebody was faster
                made = _best(await forge.find(wanted.source, wanted.target, head))
            if made is None:
                raise errors.Unavailable(
                    f"{forge.name}: it says that there is a pull request from {wanted.source} to {wanted.target}, and does not "
                    "list it"
                )
            return await self._labelled(forge, made, wanted.labels, is_found=False)
        return await self._labelled(forge, found, wanted.labels, is_found=True)

    async def look(self, repository: ForgeRepository, number: int) -> SeenPullRequest:
        """Return a pull request."""
        return seen(await (await self._forge(repository)).get(number))

    async def merge(
        self, repository: ForgeRepository, number: int, method: str = ""
    ) -> SeenPullRequest | NotMerged:
        """Merge a pull request, if it can be."""
        forge = await self._forge(repository)
        there = await forge.get(number)
        if there.is_merged:
            return seen(there, is_found=True)
        if not there.is_open:
            return NotMerged(f"pull request {number} was closed and not merged", is_final=True)
        if there.is_being_merged:
            return _under_way(number)
        if there.hindrance:
            return NotMerged(
                f"pull request {number} cannot be merged: {there.hindrance}",
                is_final=there.is_hopeless,
            )
        if not there.head:  # without it whatever is pushed until then would be merged
            return NotMerged(
                f"pull request {number} cannot be merged: {forge.name} does not say which commit it is at",
                is_final=False,
            )
        try:
            refused = await forge.merge(number, method, there.head)
        except errors.Conflict as error:
            return NotMerged(error.message, is_final=True)
        if refused is not None:
            return NotMerged(
                f"pull request {number} cannot be merged: {refused.why}", is_final=False
            )
        there = await forge.get(number)
        # What it said may be older than the merge, or the merge goes on behind its answer.
        return seen(there) if there.is_merged else _under_way(number)

    async def _forge(self, repository: ForgeRepository) -> Forge:
        self._forges.place(repository.url, repository.provider)  # before a Secret is opened
        token, source = await self._git.token(repository.url)
        return self._forges.open(
            repository.url,
            repository.provider,
            token=token,
            source=source,
            insecure=repository.insecure,
        )

    async def _labelled(
        self, forge: Forge, request: PullRequest, labels: Sequence[str], *, is_found: bool
    ) -> SeenPullRequest:
        missing = [each for each in labels if each not in request.labels]
        if missing and request.is_open:
            await forge.label(request.number, missing)
        return seen(request, is_found=is_found)

    def _worded(self, wanted: WantedPullRequest, message: str) -> NewPullRequest:
        """Return title and description: those that are given, else the words of the newest commit, and a link to the Promotion.

        Raises Forbidden.
        """
        first, _, rest = message.strip().partition("\n")
        title = wanted.title or first
        description = wanted.description or (message if wanted.title else rest).strip()
        for name, value in (("title", wanted.title), ("description", wanted.description)):
            if self._git.disclosed.holds(value):
                raise errors.Forbidden(
                    f"{name}: it holds a value of a Secret, which everybody who sees the pull request would read; leave it out"
                )
        return NewPullRequest(
            source=wanted.source,
            target=wanted.target,
            title=title[:_LONGEST_TITLE] or f"{wanted.source} to {wanted.target}",
            description=f"{description}\n\n{self._link}".strip() if self._page else description,
        )

    @property
    def _link(self) -> str:
        return f"[Promotion {self._git.promotion} of {self._git.project}]({self._page})"


def seen(request: PullRequest, *, is_found: bool = False) -> SeenPullRequest:
    """Return a pull request as steps see it."""
    return SeenPullRequest(
        number=request.number,
        url=request.url,
        is_open=request.is_open,
        is_merged=request.is_merged,
        commit=request.commit,
        is_found=is_found,
    )


def _under_way(number: int) -> NotMerged:
    return NotMerged(f"pull request {number} is being merged", is_final=False, is_under_way=True)


def _best(found: Sequence[PullRequest]) -> PullRequest | None:
    """Return the one to take: one that is open, else one that was merged; the newest of several."""
    there = [each for each in found if each.number]
    some = [each for each in there if each.is_open] or [each for each in there if each.is_merged]
    return max(some, key=lambda each: (each.created, each.number)) if some else None
