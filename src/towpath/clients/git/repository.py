"""The way in: opens repositories by the URL in a manifest, and answers what a checkout asks for."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors, messages
from towpath.clients.git import arguments, git_errors
from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import ANONYMOUS, GitCredential
from towpath.clients.git.mirrors import remote
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.mirrors.extent import CheckoutBounds
from towpath.clients.git.mirrors.measures import Measures
from towpath.clients.git.mirrors.mirror import Mirror
from towpath.clients.git.mirrors.recall import Recall
from towpath.clients.git.mirrors.shared_refs import SharedRefs
from towpath.clients.git.objects import commits, signing, tree_edits
from towpath.clients.git.program import leftovers
from towpath.clients.git.pushing import branch_queue, push
from towpath.clients.git.pushing.branch_queue import BranchQueue
from towpath.clients.git.upkeep import MirrorLimits, Upkeep
from towpath.clients.git.wire.small_talk import SmallTalk
from towpath.clock import SystemClock
from towpath.disk.trash import Trash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer
    from towpath.clients.git.program.command import Git
    from towpath.clients.git.pushing.branch_queue import Wish
    from towpath.clients.git.worktrees.pool import Pool
    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.clients.http.manners import HostManners
    from towpath.clock import Clock

_SHOWN: Final = 10
_MOST_OPENED: Final = 256


@dataclass(frozen=True, slots=True)
class Resolved:
    """A commit the mirror has, and the branch it was asked for by, if it was."""

    commit: str
    branch: str | None = None


class Repositories:
    """All repositories of one process. Mirrors lie below `root`, one per URL, credential and options."""

    def __init__(
        self,
        *,
        git: Git,
        root: Path,
        pool: Pool,
        rewrites: addresses.Rewrites | None = None,
        options: Options | None = None,
        bounds: CheckoutBounds | None = None,
        limits: MirrorLimits | None = None,
        clock: Clock | None = None,
        manners: HostManners | None = None,
    ) -> None:
        """`bounds`: what one checkout may write; `limits`: what is kept of mirrors that nobody uses.

        `manners`: how hosts are treated by those who look what there is; None: they are asked whenever somebody wishes.
        """
        self._manners = manners
        self._bounds = bounds or CheckoutBounds()
        self._limits = limits or MirrorLimits()
        self._clock = clock or SystemClock()
        self._measures = Measures()
        self._recall = Recall()
        self._git = git
        self._root = root
        self._pool = pool
        self._rewrites = rewrites or addresses.Rewrites()
        self._options = options or Options()
        self._opened: collections.OrderedDict[str, Repository] = collections.OrderedDict()
        self._trash = Trash(root.with_name(f"{root.name}.trash"))
        self._upkeep = Upkeep(
            root,
            pool=pool,
            trash=self._trash,
            limits=self._limits,
            clock=self._clock,
            forget=self._forget,
        )

    async def start(self) -> None:
        """Make the folders and remove what a killed process left behind.

        Work trees outside the pool stay: `reopen` takes them up again. Raises Unavailable if git is missing or too old.
        """
        await self._pool.start()
        await asyncio.to_thread(_prepare, self._root, self._git, self._trash)
        await self._git.check()
        self._upkeep.start()

    def open(
        self, url: str, credential: GitCredential = ANONYMOUS, options: Options | None = None
    ) -> Repository:
        """Return the repository at `url`, as the manifest writes it. Nothing is fetched yet.

        Raises BadRequest when the URL cannot be accepted (see `addresses.parse`).
        """
        address = addresses.parse(url, allow_file=self._git.allow_file)
        mirror = Mirror(
            git=self._git,
            root=self._root,
            address=address,
            transport=self._rewrites.transport(address),
            credential=credential,
            options=options or self._options,
            trash=self._trash,
            bounds=self._bounds,
            measures=self._measures,
            recall=self._recall,
            most_bytes=self._limits.bytes,
            on_fetch=self._upkeep.fetched,
            talk=SmallTalk,
        )
        opened = self._opened.setdefault(
            mirror.key, Repository(mirror, self._pool, self._clock, self._manners)
        )
        self._opened.move_to_end(mirror.key)
        if len(self._opened) > _MOST_OPENED:  # whoever holds it goes on with it
            self._opened.popitem(last=False)
        opened.mirror.credential = credential  # it may have been renewed
        return opened

    def _forget(self, key: str) -> None:
        self._opened.pop(key, None)
        self._recall.forget(key)

    async def close(self) -> None:
        """Stop what goes on beside the callers' way, and end pushes."""
        for repository in list(self._opened.values()):
            await repository.close()
        await self._upkeep.close()
        await self._pool.close()
        await self._trash.close()

    async def give_back(self, tree: WorkTree) -> None:
        """Hand a work tree of any repository in; see `Pool.give_back`."""
        await self._pool.give_back(tree)

    async def drop(self, tree: WorkTree) -> None:
        """Remove a work tree of any repository, of which nothing is to be left."""
        await self._pool.drop(tree)


class Repository:
    """One repository as one credential sees it."""

    def __init__(
        self, mirror: Mirror, pool: Pool, clock: Clock, manners: HostManners | None = None
    ) -> None:
        self.mirror = mirror
        self._pool = pool
        self._clock = clock
        self.shared_refs = SharedRefs(mirror, clock, manners)
        self.catching_up = asyncio.Lock()
        """Held by those who see what the mirror lacks, and fetch it, so that it is fetched once for all of them."""
        self._queues: dict[tuple[str, str], BranchQueue] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._queued: collections.Counter[str] = collections.Counter()

    async def push(self, branch: str, project: str, wish: Wish) -> branch_queue.Answer:
        """Get a commit onto a branch, together with those that others of the Project push; see `branch_queue`."""
        arguments.branch(branch)
        key = (branch, project)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = BranchQueue(
                self.mirror,
                branch,
                self._clock,
                functools.partial(self._turn, branch),
                # Branches are made for single promotions: a queue each would never go.
                on_idle=functools.partial(self._queues.pop, key, None),
            )
        return await queue.push(wish)

    async def close(self) -> None:
        """End the pushes that are under way."""
        for queue in list(self._queues.values()):
            await queue.close()
        await self.mirror.talk.close()

    @contextlib.asynccontextmanager
    async def _turn(self, branch: str) -> AsyncIterator[None]:
        """Hold the lock that those of this process hold who push to a branch, one after the other."""
        self._queued[branch] += 1
        try:
            async with self._turns.setdefault(branch, asyncio.Lock()):
                yield
        finally:
            self._queued[branch] -= 1
            if not self._queued[branch]:
                del self._queued[branch], self._turns[branch]

    def __str__(self) -> str:
        return str(self.mirror)

    async def refs(self) -> remote.Refs:
        """Ask the server for branches, tags and the default branch."""
        return await remote.list_refs(self.mirror)

    async def resolve(
        self, *, branch: str | None = None, tag: str | None = None, commit: str | None = None
    ) -> Resolved:
        """Fetch what is named (nothing: the default branch) and return its commit.

        Raises BadRequest when more than one is given, EmptyRepository, and RefNotFound naming the
        repository, what was wanted and some of what there is.
        """
        given = [name for name in (branch, tag, commit) if name is not None]
        if len(given) > 1:
            raise errors.BadRequest(
                f"{self}: give one of branch, tag and commit, not {len(given)} of them"
            )
        try:
            if tag is not None:
                return Resolved(await self.mirror.fetch_tag(tag))
            if commit is not None:
                return Resolved(await self.mirror.fetch_commit(commit))
            name = branch if branch is not None else await self._default_branch()
            return Resolved(await self.mirror.fetch_branch(name), name)
        except git_errors.RefNotFound as error:
            raise await self._missing(error, branch, tag) from error

    async def checkout(
        self,
        resolved: Resolved,
        *,
        path: Path,
        project: str,
        sparse: Sequence[str] = (),
        beside: Iterable[WorkTree] = (),
    ) -> WorkTree:
        """Return a work tree of `resolved` at `path`; see `Pool.checkout`."""
        return await self._pool.checkout(
            self.mirror,
            path=path,
            commit=resolved.commit,
            branch=resolved.branch,
            project=project,
            sparse=sparse,
            beside=beside,
        )

    async def reopen(self, path: Path) -> WorkTree:
        """Return the work tree made at `path` before; see `Pool.reopen`."""
        return await self._pool.reopen(self.mirror, path)

    async def give_back(self, tree: WorkTree) -> None:
        """Hand a work tree in; see `Pool.give_back`."""
        await self._pool.give_back(tree)

    async def create_branch(
        self, branch: str, *, author: Person, when: datetime, signer: Signer | None = None
    ) -> Resolved:
        """Make `branch` with one empty commit, `Initial commit`, and push it.

        If somebody else made it meanwhile, theirs is what is returned. Raises Forbidden when the server
        refuses it, with the server's words.
        """
        arguments.branch(branch)
        made = await self.first_commit(author=author, when=when, signer=signer)
        outcome = await push.to_branch(self.mirror, made, branch, expected="")
        if isinstance(outcome, push.Refused):
            raise errors.Forbidden(
                f"{self} refused the new branch {branch!r}: {'; '.join((outcome.explained, *outcome.remote))}"
            )
        if isinstance(outcome, push.Moved):
            return Resolved(await self.mirror.fetch_branch(branch), branch)
        return Resolved(made, branch)

    async def first_commit(
        self, *, author: Person, when: datetime, signer: Signer | None = None
    ) -> str:
        """Make the empty commit that a new branch begins with, in the mirror alone; return it."""
        return await commits.commit(
            self.mirror,
            tree=await tree_edits.edit(self.mirror, None, {}),
            parents=(),
            message="Initial commit",
            author=author,
            committer=author,
            when=when,
            signer=signer,
        )

    async def _default_branch(self) -> str:
        return self.branch_among(await self.refs())

    def branch_among(self, refs: remote.Refs, branch: str = "") -> str:
        """Return a branch that is there: `branch`, or the default one where that is empty.

        Raises EmptyRepository, and RefNotFound that names some of what there is.
        """
        if not refs.branches:
            raise git_errors.EmptyRepository(f"{self} is empty: it has no commit yet")
        if branch and branch not in refs.branches:
            raise git_errors.RefNotFound(
                f"{self} has no branch {branch!r}; it has {some(branch, list(refs.branches))}"
            )
        if not branch and refs.default_branch not in refs.branches:
            raise git_errors.RefNotFound(
                f"{self} names no default branch that exists; name a branch"
            )
        return branch or refs.default_branch or ""

    async def _missing(
        self, error: git_errors.RefNotFound, branch: str | None, tag: str | None
    ) -> errors.TowpathError:
        refs = await self.refs()
        try:
            self.branch_among(refs, branch or next(iter(refs.branches), ""))
        except errors.NotFound as missing:
            return missing
        if tag is not None and tag not in refs.tags:
            return git_errors.RefNotFound(
                f"{self} has no tag {tag!r}; it has {some(tag, list(refs.tags))}"
            )
        return error


def some(wanted: str, there: list[str]) -> str:
    """Name a few of those `there`, the ones most like `wanted` first, then the first by name."""
    return messages.most_alike(wanted, there, _SHOWN, none="none", by_name=True)


def _prepare(root: Path, git: Git, trash: Trash) -> None:
    signing.clear(git)
    for folder in (root, git.home):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    trash.start()
    for left in root.glob(".*"):  # half-made, or half moved away
        trash.take(left)
    for mirror in root.glob("*.git"):
        leftovers.clear(mirror, trash)
