"""Searches a mirror for the commits that a subscription selects: along a branch, or among tags."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git.objects import history, tag_details
from towpath.rules.commit_selection import CommitCandidate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from towpath.artifacts.sieve import Sieve
    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.mirrors.remote import Tag
    from towpath.clients.git.objects.history import CommitEntry
    from towpath.rules.commit_selection import CommitRules

MOST_COMMITS: Final = 200_000
"""Of a branch that are looked at for enough that are wanted."""
_PAGE_BYTES: Final = 2 << 20
"""Of commits and their paths that are read at a time, where that is more than one commit."""
_MOST_TAGS: Final = 256
"""Tags whose commits are looked at in one go."""


@dataclass(frozen=True, slots=True)
class CommitsFound:
    """What a search came to, and what the repository was then."""

    seen: str
    """The branch's commit, or a digest of the tags: as long as it is the same, so is what is found."""
    commits: tuple[CommitCandidate, ...]


@dataclass(frozen=True, slots=True)
class CommitSearch:
    """One search."""

    mirror: Mirror
    rules: CommitRules
    sieve: Sieve
    note: Callable[[str], None]
    verdicts: Verdicts | None = None
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it is seen what the mirror lacks, and fetched."""

    async def along(self, head: str, before: CommitsFound | None) -> list[CommitCandidate]:
        """Return what is wanted of the commits from `head` back, the newest first.

        `before`: an earlier search by the same rules; where its head is met, what it found is what follows.
        """
        found: list[CommitCandidate] = []
        limit = self.rules.limit
        start, skip, size, looked_at = head, 0, limit, 0
        while True:
            page, size = await self._page(start, skip, size)
            for entry in page:
                if before is not None and entry.id == before.seen:
                    return [*found, *before.commits][:limit]
                if await self._is_wanted(entry):
                    found.append(_candidate(entry))
                    if len(found) == limit:
                        return found
            looked_at += len(page)
            if len(page) < size:
                return found
            if looked_at >= MOST_COMMITS:
                self.note(f"only the newest {looked_at:,} commits of the branch were looked at")
                return found
            start, skip, size = page[-1].id, 1, min(size * 2, history.MAX_PAGE)

    async def _page(self, start: str, skip: int, size: int) -> tuple[list[CommitEntry], int]:
        """Return commits, and how many they would be if there were enough: fewer where they say much."""
        while True:
            try:
                page = await history.commits(
                    self.mirror,
                    start,
                    limit=size,
                    skip=skip,
                    since=self.rules.since,
                    with_paths=self.rules.needs_paths,
                    most_bytes=_PAGE_BYTES if size > 1 else history.LISTED_BYTES,
                )
            except errors.TooLarge:
                if size == 1:
                    raise
                size = max(1, size // 4)
            else:
                return page, size

    async def _is_wanted(self, entry: CommitEntry) -> bool:
        candidate = _candidate(entry)
        if self.verdicts is not None:
            self.verdicts.looked_at(1)
        return await self._satisfies(candidate) and await self._touches(candidate, entry.paths)

    async def _satisfies(self, candidate: CommitCandidate) -> bool:
        found = await self.sieve.satisfies(candidate)
        if not found and self.verdicts is not None:
            self.verdicts.exclude(
                *(candidate.shown, "expressionFilter", "it comes to false"), candidate.subject
            )
        return found

    async def _touches(self, candidate: CommitCandidate, paths: Sequence[str]) -> bool:
        found = await self.sieve.touches(paths)
        if not found and self.verdicts is not None:
            rule, reason = self.sieve.untouched(paths)
            self.verdicts.exclude(candidate.shown, rule, reason, candidate.subject)
        return found

    async def among(self, tags: Sequence[Tag]) -> list[CommitCandidate]:
        """Return the commits that are wanted of those that tags lead to. `tags`: as far as names tell, in their order."""
        found: list[CommitCandidate] = []
        wrong: list[str] = []
        limit = self.rules.limit
        if self.rules.by_age:
            every = await self._candidates(tags, wrong)
            # Of the same second those come first whose name does, as git lists them.
            every.sort(key=lambda each: each.tag)
            every.sort(key=_made, reverse=True)
            start = 0
            while start < len(every) and len(found) < limit:
                found += await self._wanted(every[start : start + _MOST_TAGS])
                start += _MOST_TAGS
            unseen = [each.tag for each in every[start:]]
        else:
            start, size = 0, limit
            while start < len(tags) and len(found) < limit:
                found += await self._wanted(
                    await self._candidates(tags[start : start + size], wrong)
                )
                start, size = start + size, min(size * 2, _MOST_TAGS)
            unseen = [tag.name for tag in tags[start:]]
        if self.verdicts is not None:
            for name in wrong:
                self.verdicts.exclude(name, "commit", "it leads to no commit")
            extra = [each.shown for each in found[limit:]]
            self.verdicts.beyond((*extra, *unseen), len(extra) + len(unseen), limit)
        if wrong:
            more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
            self.note(f"passed over: tag {wrong[0]}{more}, which leads to no commit")
        return found[:limit]

    async def _candidates(self, tags: Sequence[Tag], wrong: list[str]) -> list[CommitCandidate]:
        """Return the commits of tags, in their order; `wrong` is given those that lead to none."""
        async with self.catching_up:
            told = await tag_details.have(self.mirror, tags)
        commits: dict[str, CommitEntry] = {}
        for start in range(0, len(tags), history.MAX_PAGE):
            part = tags[start : start + history.MAX_PAGE]
            commits |= await history.these(self.mirror, {tag.commit for tag in part})
        found = []
        for tag in tags:
            entry, details = commits.get(tag.commit), told.get(tag.name)
            if entry is None or details is None:
                wrong.append(tag.name)
                continue
            found.append(
                _candidate(
                    entry,
                    tag=tag.name,
                    date=details.date,
                    tagger=details.tagger,
                    annotation=details.annotation,
                )
            )
        return found

    async def _wanted(self, candidates: Sequence[CommitCandidate]) -> list[CommitCandidate]:
        passed = [each for each in candidates if await self._satisfies(each)]
        if not self.rules.needs_paths or not passed:
            return passed
        changed = await history.these(self.mirror, {each.id for each in passed}, with_paths=True)
        return [each for each in passed if await self._touches(each, changed[each.id].paths)]


def _candidate(
    entry: CommitEntry,
    *,
    tag: str = "",
    date: datetime | None = None,
    tagger: str = "",
    annotation: str = "",
) -> CommitCandidate:
    return CommitCandidate(
        id=entry.id,
        date=date or entry.date,
        author=entry.author,
        committer=entry.committer,
        subject=entry.subject,
        tag=tag,
        tagger=tagger,
        annotation=annotation,
    )


def _made(candidate: CommitCandidate) -> datetime:
    return candidate.date
