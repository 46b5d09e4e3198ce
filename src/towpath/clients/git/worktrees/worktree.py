"""A checked-out commit in a real directory, belonging to one mirror.

The tree is detached, because git checks a branch out once only; the branch's name is recorded beside it and
pushes name it. `touched` lists what was written through this class. Whoever lets another program loose in
the directory says so (`opaque`), and then nothing in it is trusted until it was cleaned.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Final

from towpath import faults
from towpath.clients.git import arguments
from towpath.clients.git.mirrors.extent import Extent
from towpath.clients.git.objects import commits, objects, tags
from towpath.clients.git.program import administration
from towpath.clients.git.program.administration import WorkTreeRecord
from towpath.clients.git.worktrees import embedded, measuring, moving, staging, tree_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer

_ATTRIBUTES: Final = ".gitattributes"

BEFORE_COMMIT: Final = faults.point("git.before-commit", "files are changed but not committed")
AFTER_COMMIT: Final = faults.point(
    "git.after-commit", "the commit is made but nobody was told of it"
)


class WorkTree:
    """One work tree. Its methods are for one task at a time; different trees are independent."""

    def __init__(
        self,
        mirror: Mirror,
        path: Path,
        admin: Path,
        record: WorkTreeRecord,
        *,
        is_empty: bool = False,
    ) -> None:
        self.mirror = mirror
        self.path = path
        self.admin = admin
        self.record = record
        self._kept: WorkTreeRecord | None = None
        """What is written down, as far as we know."""
        self.touched: set[str] = set()
        """Files that were written or deleted; whoever does so beside this class notes them first, by `wrote`."""
        self._writes = 0
        """How often something was noted to be written."""
        self._committed: int | None = None
        """How often that was when the last commit was begun, which took all."""
        self.folders: set[str] = set()
        """Folders that were made, and may have stayed empty."""
        self.opaque = False
        self.extent = Extent()
        """What was written when it was brought to its commit."""
        self._rules: str | None = None
        """The attributes under which its files were written; None: nobody knows."""
        self._is_empty = is_empty
        self._place = administration.identity(path)

    @property
    def is_in_place(self) -> bool:
        """Whether its folder still lies at `path`: a program may have put another one there, or a link to one."""
        return self._place is not None and self._place == administration.identity(self.path)

    @property
    def head(self) -> str:
        """The commit the tree is at."""
        return (self.admin / "HEAD").read_text("ascii").strip()

    @property
    def branch(self) -> str | None:
        """The branch that was checked out, or None (tag, commit)."""
        return self.record.branch

    async def read(self, path: str) -> bytes:
        """Return a file. Raises PathNotFound. Links are followed inside the tree only."""
        return await tree_files.read(self.path, path)

    async def write(self, path: str, data: bytes, *, executable: bool | None = None) -> None:
        """Write a file, making directories as needed; `executable` None keeps what it was. Raises BadRequest."""
        target = tree_files.inside(self.path, path)
        self._note(target)
        await tree_files.write(target, path, data, executable=executable)

    async def delete(self, path: str) -> None:
        """Delete a file or link. Raises PathNotFound, BadRequest."""
        target = tree_files.inside(self.path, path, follow=False)
        self._note(target)
        await tree_files.delete(target, path)

    def wrote(self, name: str) -> None:
        """Take note that a file is about to be written or deleted."""
        self.touched.add(name)
        self._writes += 1

    async def has_changes(self) -> bool:
        """Whether something is there that a commit would take."""
        if self._committed == self._writes and not self.opaque:
            return False
        return await self.stage() != (await objects.read_commit(self.mirror, self.head)).tree

    async def clear(self) -> None:
        """Delete every tracked file, also those not yet committed: what the step `git-clear` does."""
        self.opaque = True
        await self._add_all()
        await self._git("rm", "-rf", "--quiet", "--sparse", "--ignore-unmatch", ".")

    async def stage(self) -> str:
        """Return the id of the tree that `git add --all` would make of what is here.

        As long as only tracked files were written, and only through this class, it costs what changed:
        neither the other files nor git's index are looked at, and the index is left behind.
        """
        if not self.opaque:
            tree = await staging.tree(
                self._git,
                self.mirror,
                path=self.path,
                admin=self.admin,
                head=self.head,
                written=self.touched,
            )
            if tree is not None:
                self._behind.touch()
                return tree
        await self._add_all()
        return (await self._git("write-tree")).decode("ascii").strip()

    async def _add_all(self) -> None:
        if self.opaque:
            await asyncio.to_thread(embedded.refuse, self.path, self.mirror.directory.parent)
        await self.catch_up()
        # Of a file that a sparse checkout leaves out, git may have to fetch what the commit has.
        await self._git("add", "--all", "--sparse", ".", reach=bool(self.record.sparse))

    @property
    def _behind(self) -> Path:
        """Is there while git's index may be older than `head`."""
        return self.admin / "index.behind"

    async def catch_up(self) -> None:
        """Have git's index say what `head` has: for `add`, which files are tracked counts, and for programs that run git here."""
        if self._behind.exists():
            await self._git("read-tree", "--reset", "HEAD")
            self._behind.unlink(missing_ok=True)

    async def commit(
        self,
        *,
        message: str,
        author: Person,
        committer: Person,
        when: datetime,
        signer: Signer | None = None,
    ) -> str | None:
        """Commit everything that changed on top of `head` and return the commit, or None if nothing did.

        The message is stored as `objects.commit` says; after this, `head` is the new commit.
        """
        BEFORE_COMMIT()
        head, writes = self.head, self._writes
        tree = await self.stage()
        if tree == (await objects.read_commit(self.mirror, head)).tree:
            self._committed = writes
            return None
        made = await commits.commit(
            self.mirror,
            tree=tree,
            parents=(head,),
            message=message,
            author=author,
            committer=committer,
            when=when,
            signer=signer,
        )
        self._detach(made)
        self._committed = writes
        AFTER_COMMIT()
        return made

    async def move_to(self, commit: str, branch: str | None = None) -> None:
        """Bring the files to `commit`, touching only what differs, and throw away what is not committed.

        Of untracked files only those written through this class go; `clean` takes all of them.
        """
        arguments.full_commit(commit)
        if not await self._moved(commit):
            await asyncio.to_thread(
                tree_files.forget, self.path.resolve(), self.touched | self.folders
            )
            await self._reset(commit)
        self.touched.clear()
        self.folders.clear()
        self.keep(WorkTreeRecord(self.record.project, branch, self.record.sparse))

    def follow(self, commit: str) -> None:
        """Note that `commit` has taken the place of `head`; the files are brought to it by `settle`."""
        self.keep(dataclasses.replace(self.record, due=arguments.full_commit(commit)))

    async def settle(self) -> None:
        """Bring the files to the commit that was followed, if there is one: whoever looks at them next may do so."""
        if self.record.due is not None:
            await self.move_to(self.record.due, self.record.branch)

    async def tag(
        self,
        tag: str,
        *,
        message: str,
        tagger: Person,
        when: datetime,
        signer: Signer | None = None,
        force: bool = False,
    ) -> str:
        """Make an annotated tag of `head`, known in this work tree alone, and return its object; see `tags.make`."""
        return await tags.make(
            self.mirror,
            self.admin,
            tag,
            commit=self.head,
            message=message,
            tagger=tagger,
            when=when,
            signer=signer,
            force=force,
        )

    async def _moved(self, commit: str) -> bool:
        """Bring the files to `commit` without git, if it is known what they are now; return whether they are there."""
        if self.opaque or self.record.sparse or self.folders:
            return False
        if any(name.rpartition("/")[2] == _ATTRIBUTES for name in self.touched):
            return False
        before = None if self._is_empty else self.head
        if self._rules != "" and before is not None:
            return False
        extent = await self._fit(commit)
        if extent.attributes or (before is None and extent.files > moving.MOST):
            return False
        rules, self._rules = self._rules, None  # as long as nobody knows
        if not await moving.moved(
            self.mirror, self.path.resolve(), self.admin, before, commit, self.touched
        ):
            self._rules = rules
            return False
        self._behind.touch()
        self._detach(commit)
        self._unmark()
        self.extent, self._rules, self._is_empty = extent, extent.attributes, False
        return True

    def _unmark(self) -> None:
        (self.admin / moving.MARK).unlink(missing_ok=True)

    async def _fit(self, commit: str) -> Extent:
        return await measuring.fit(
            self.mirror,
            commit,
            self.path,
            sparse=self.record.sparse,
            bounds=self.mirror.bounds,
        )

    async def clean(self) -> None:
        """Undo whatever any program did here: files, ignored ones too, index, config, hooks, `info/`."""
        head = self.head
        self.mirror.write_configuration()
        await asyncio.to_thread(administration.reset, self.path, self.admin)
        self._is_empty = True
        self._kept = None  # who knows what a program wrote there
        # Before the files are written: a `.gitattributes` that was left would say how.
        await self._git("clean", "-ffdxq")
        await self.sparse(self.record.sparse)
        await self._reset(head)
        self.touched.clear()
        self.folders.clear()
        self.opaque = False

    async def _reset(self, commit: str) -> None:
        """Have git write the files of `commit`: the only place where it does, so that nothing is written unmeasured."""
        self.extent = await self._fit(commit)
        # Files that were written without git are in no index yet: it would leave them behind.
        await self.catch_up()
        is_as_before = self._is_empty or self._rules == self.extent.attributes
        self._rules = None
        await self._git("reset", "--quiet", "--hard", commit, "--", reach=True)
        if not is_as_before:
            # Git wrote what differs. Line ends and encodings of the rest are still as the rules were before.
            (self.admin / "index").unlink(missing_ok=True)
            await self._git("reset", "--quiet", "--hard", commit, "--", reach=True)
        self._is_empty, self._rules = False, self.extent.attributes
        self._unmark()

    async def sparse(self, directories: Sequence[str]) -> None:
        """Narrow the tree to `directories` (cone mode; files at the root stay); none means everything."""
        wanted = tuple(arguments.directory(directory) for directory in directories)
        if wanted:
            listed = "".join(f"{directory}\n" for directory in wanted).encode()
            await self._git("sparse-checkout", "set", "--cone", "--stdin", stdin=listed, reach=True)
        elif (self.admin / "info" / "sparse-checkout").exists():
            await self._git("sparse-checkout", "disable", reach=True)
        self.keep(dataclasses.replace(self.record, sparse=wanted))

    def keep(self, record: WorkTreeRecord) -> None:
        """Write `record` down beside the tree, if it is another."""
        if record != self._kept:
            administration.keep(self.admin, record)
        self.record = self._kept = record

    def lies(self, path: Path) -> None:
        """Take what is at `path` for its folder: nobody else has written there."""
        self.path = path
        self._place = administration.identity(path)

    def moved(self, path: Path) -> None:
        """Note that the directory now is at `path`."""
        self.lies(path)
        administration.replace(self.admin / "gitdir", f"{path / '.git'}\n")

    def _detach(self, commit: str) -> None:
        administration.write_head(self.admin, commit)

    def _note(self, target: Path) -> None:
        self.wrote(str(target.relative_to(self.path.resolve())))

    async def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        reach: bool = False,
    ) -> bytes:
        # Named outright: what a program put into .git must not lead us to another repository.
        where = {"GIT_DIR": str(self.admin), "GIT_WORK_TREE": str(self.path)}
        mirror = self.mirror
        run = mirror.reach if reach and mirror.options.blobless else mirror.run
        finished = await run(
            "-C", str(self.path), *arguments, stdin=stdin, variables={**where, **(variables or {})}
        )
        return mirror.expect(finished, f"git {arguments[0]} in a work tree of")
