"""A checked-out commit in a real directory, belonging to one mirror.

The tree is detached, because git checks a branch out once only; the branch's name is recorded beside it and
pushes name it. `touched` lists what was written through this class. Whoever lets another program loose in
the directory says so (`opaque`), and then nothing in it is trusted until it was cleaned.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git import (
    administration,
    arguments,
    commits,
    embedded,
    git_errors,
    measuring,
    moving,
    objects,
    staging,
    tags,
)
from towpath.clients.git.administration import WorkTreeRecord
from towpath.clients.git.extent import Extent
from towpath.disk import writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.person import Person
    from towpath.clients.git.signing import Signer

_ATTRIBUTES: Final = ".gitattributes"

BEFORE_COMMIT: Final = faults.point("git.before-commit", "files are changed but not committed")
AFTER_COMMIT: Final = faults.point(
    "git.after-commit", "the commit is made but nobody was told of it"
)
AFTER_REGISTRATION: Final = faults.point(
    "git.after-registration", "the mirror knows of a work tree that is not there yet"
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
        """Files that were written or deleted; whoever does so beside this class notes them first."""
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
        target = self._inside(path)
        try:
            return await asyncio.to_thread(target.read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise git_errors.PathNotFound(f"{path} is not a file of the work tree") from error

    async def write(self, path: str, data: bytes, *, executable: bool | None = None) -> None:
        """Write a file, making directories as needed; `executable` None keeps what it was."""
        target = self._inside(path)
        self._note(target)
        try:
            await asyncio.to_thread(_write, target, data, executable)
        except OSError as error:
            raise errors.BadRequest(f"cannot write {path}: {error.strerror}") from error

    async def delete(self, path: str) -> None:
        """Delete a file or link. Raises PathNotFound."""
        target = self._inside(path, follow=False)
        self._note(target)
        try:
            await asyncio.to_thread(target.unlink)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise git_errors.PathNotFound(f"{path} is not a file of the work tree") from error
        except OSError as error:
            raise errors.BadRequest(f"cannot delete {path}: {error.strerror}") from error

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
        await self._catch_up()
        # Of a file that a sparse checkout leaves out, git may have to fetch what the commit has.
        await self._git("add", "--all", "--sparse", ".", reach=bool(self.record.sparse))

    @property
    def _behind(self) -> Path:
        """Is there while git's index may be older than `head`."""
        return self.admin / "index.behind"

    async def _catch_up(self) -> None:
        """Have the index say what `head` has: which files are tracked, and with which line ends, counts for `add`."""
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
        head = self.head
        tree = await self.stage()
        if tree == (await objects.read_commit(self.mirror, head)).tree:
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
        AFTER_COMMIT()
        return made

    async def move_to(self, commit: str, branch: str | None = None) -> None:
        """Bring the files to `commit`, touching only what differs, and throw away what is not committed.

        Of untracked files only those written through this class go; `clean` takes all of them.
        """
        arguments.full_commit(commit)
        if not await self._moved(commit):
            await asyncio.to_thread(self._forget_touched)
            await self._reset(commit)
        self.touched.clear()
        self.folders.clear()
        self.keep(WorkTreeRecord(self.record.project, branch, self.record.sparse))

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
        if self.opaque or self._is_empty or self._rules != "" or self.record.sparse or self.folders:
            return False
        if any(name.rpartition("/")[2] == _ATTRIBUTES for name in self.touched):
            return False
        extent = await self._fit(commit)
        if extent.attributes:
            return False
        rules, self._rules = self._rules, None  # as long as nobody knows
        if not await moving.moved(
            self.mirror, self.path.resolve(), self.admin, self.head, commit, self.touched
        ):
            self._rules = rules
            return False
        self._behind.touch()
        self._detach(commit)
        self._unmark()
        self.extent, self._rules = extent, extent.attributes
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
        await self._catch_up()
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
        self.keep(WorkTreeRecord(self.record.project, self.record.branch, wanted))

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

    def _inside(self, path: str, *, follow: bool = True) -> Path:
        target = self.path / arguments.path(path)
        root = self.path.resolve()
        if _goes_round(target if follow else target.parent):
            raise errors.BadRequest(f"{path} leads nowhere: links on the way go round in a circle")
        resolved = target.resolve() if follow else target.parent.resolve() / target.name
        if not resolved.is_relative_to(root) or ".git" in resolved.relative_to(root).parts:
            raise errors.BadRequest(f"{path} leads out of the work tree through a link")
        return resolved

    def _note(self, target: Path) -> None:
        self.touched.add(str(target.relative_to(self.path.resolve())))

    def _forget_touched(self) -> None:
        """Delete what was written, deepest first, so that only what is tracked comes back."""
        root = self.path.resolve()
        for name in sorted(self.touched | self.folders, reverse=True):
            target = root / name
            if _goes_round(target.parent) or not target.parent.resolve().is_relative_to(root):
                continue
            if target.is_dir() and not target.is_symlink():
                _remove_empty(target, root)
                continue
            with contextlib.suppress(NotADirectoryError):  # a file took the place of its folder
                target.unlink(missing_ok=True)
            _remove_empty(target.parent, root)

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


def added(mirror: Mirror, path: Path, commit: str, record: WorkTreeRecord) -> WorkTree:
    """Register a work tree of `commit` at `path`, which holds no files yet; the mirror's lock is held.

    It is what `git worktree add --detach --no-checkout` does, in one piece: git's own command, ended half-way, leaves
    what later ones stumble over. Raises Unavailable.
    """
    name = secrets.token_hex(8)
    making, admin = mirror.directory / f".{name}.new", mirror.directory / "worktrees" / name
    try:
        making.mkdir()
        (making / "HEAD").write_text(f"{commit}\n", "ascii")
        (making / "commondir").write_text("../..\n", "ascii")
        (making / "gitdir").write_bytes(os.fsencode(path / ".git") + b"\n")
        admin.parent.mkdir(exist_ok=True)
        making.rename(admin)
        tree = WorkTree(mirror, path, admin, record, is_empty=True)
        tree.keep(record)
        AFTER_REGISTRATION()
        path.mkdir(mode=0o700)
        (path / ".git").write_bytes(b"gitdir: " + os.fsencode(admin) + b"\n")
        tree.lies(path)
    except OSError as error:
        for left in (making, path, admin):
            mirror.trash.take(left)
        raise errors.Unavailable(
            f"a work tree of {mirror} cannot be made: {error.strerror or error}"
        ) from error
    return tree


def reopened(mirror: Mirror, path: Path) -> WorkTree:
    """Return the work tree that was made at `path` before. Raises NotFound when it is not one, or is not whole."""
    admin = administration.of(path)
    if admin.parent != mirror.directory / "worktrees" or not administration.belongs(path, admin):
        raise errors.NotFound(
            f"{path.name} is not a work tree of {mirror} any more; run git-clone again"
        )
    tree = WorkTree(mirror, path, admin, administration.read(admin))
    unknown = f"nobody knows any more which commit the work tree {path.name} of {mirror} is at; run git-clone again"
    try:
        arguments.full_commit(tree.head)
    except (OSError, ValueError, errors.BadRequest) as error:
        raise errors.NotFound(unknown) from error
    if moving.is_half_way(admin):
        raise errors.NotFound(unknown)
    return tree


def _write(target: Path, data: bytes, executable: bool | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else 0o644
    if executable is not None:
        mode = 0o755 if executable else 0o644
    writing.place(target, data, mode=mode & 0o777)


def _goes_round(path: Path) -> bool:
    """Whether links on the way to a path lead back to themselves."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _remove_empty(directory: Path, root: Path) -> None:
    while directory != root:
        try:
            directory.rmdir()
        except OSError:
            return
        directory = directory.parent
