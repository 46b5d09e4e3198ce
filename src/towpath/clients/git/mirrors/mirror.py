"""One bare mirror per repository and credential, made when first wanted and kept by fetching.

A mirror holds what was asked for, not everything: single branches and tags are fetched by name, and file
contents only when they are read (a blobless partial clone), where the server offers that; git falls back to
whole objects where it does not. It is made beside its place and renamed into it, so a half-made one is
never used; a damaged one is thrown away and made anew.
"""

from __future__ import annotations

import collections
import itertools
import logging
import secrets
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git import arguments, git_errors
from towpath.clients.git.mirrors import configuration, fetch_command, loose, tracking
from towpath.clients.git.mirrors.extent import CheckoutBounds
from towpath.clients.git.mirrors.lock import MirrorLock
from towpath.clients.git.mirrors.measures import Measures
from towpath.clients.git.mirrors.recall import Recall
from towpath.clients.git.mirrors.talk import Silence
from towpath.clients.git.program import fetch_room
from towpath.disk.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from towpath.clients import process
    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.credential import GitCredential
    from towpath.clients.git.mirrors.configuration import Options
    from towpath.clients.git.mirrors.talk import Talk
    from towpath.clients.git.program.command import Git

log = logging.getLogger("towpath.clients.git")

MOST_BYTES: Final = 20 << 30
"""Of the packs of a mirror, where nothing else is said."""
_MOST_RECENT: Final = 128
_FULL: Final = 40
"""Letters of a full id."""

_BEFORE_RENAME: Final = faults.point(
    "git.before-mirror-rename", "a mirror is made but not yet at its place"
)


class Mirror:
    """The mirror of one repository for one credential. `directory` exists once `ensure` returned."""

    def __init__(
        self,
        *,
        git: Git,
        root: Path,
        address: RepositoryAddress,
        transport: RepositoryAddress,
        credential: GitCredential,
        options: Options,
        trash: Trash | None = None,
        bounds: CheckoutBounds | None = None,
        measures: Measures | None = None,
        recall: Recall | None = None,
        most_bytes: int = MOST_BYTES,
        on_fetch: Callable[[Mirror], None] = lambda _: None,
        talk: Callable[[Mirror], Talk] = lambda _: Silence(),
    ) -> None:
        """`most_bytes`: what its packs may take. `on_fetch` is called after each fetch; `talk` makes what speaks to the server where that needs no git."""
        self.git = git
        self.trash = trash or Trash(root.with_name(f"{root.name}.trash"))
        self.bounds = bounds or CheckoutBounds()
        self.measures = measures or Measures()
        """What is known about the trees of all mirrors."""
        self.recall = recall or Recall()
        """Objects that were read lately, of all mirrors."""
        self.most_bytes = most_bytes
        self.address = address
        self.transport = transport
        self.credential = credential
        self.options = options
        self.talk = talk(self)
        self.key = configuration.key(address, transport, credential, options)
        self.directory = root / f"{self.key}.git"
        # Longer than one fetch may take, because that is what one waits for.
        self.lock = MirrorLock(root / f"{self.key}.lock", seconds=git.network_seconds * 2)
        self._root = root
        self._wishes = itertools.count(1)
        self._fetched: dict[str, int] = {}
        """When the last fetch of some refspecs began, as long as anybody waits for one."""
        self._waiting: collections.Counter[str] = collections.Counter()
        self._suspect = ""
        self._is_configured = False
        self._on_fetch = on_fetch
        self.recent: collections.OrderedDict[str, None] = collections.OrderedDict()
        """Refs that were wanted lately, the newest last."""

    def __str__(self) -> str:
        return str(self.address)

    async def ensure(self) -> None:
        """Make the mirror if it is not there."""
        if not self.is_there:
            async with self.lock.held():
                await self._make()

    async def run(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> process.Finished:
        """Run git in the mirror without network."""
        await self.ensure()
        return await self.git.run(
            *arguments, directory=self.directory, stdin=stdin, variables=variables
        )

    async def reach(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> process.Finished:
        """Run git in the mirror with network and credential."""
        await self.ensure()
        return await self.speak(*arguments, stdin=stdin, variables=variables)

    async def speak(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> process.Finished:
        """Run git as `reach` does, in a mirror that is there: for those who hold the lock."""
        work = self.git.reach(
            *arguments,
            directory=self.directory,
            address=self.transport,
            credential=self.credential,
            insecure=self.options.insecure,
            stdin=stdin,
            variables=variables,
        )
        return await fetch_room.within(work, self.directory, most=self.most_bytes, about=str(self))

    def expect(self, finished: process.Finished, doing: str) -> bytes:
        """Return what git printed, or raise what its failure while `doing` something means (`git_errors`)."""
        if finished.code != 0:
            raise self.failure(finished, doing)
        return finished.stdout

    def failure(self, finished: process.Finished, doing: str) -> errors.TowpathError:
        """Return the error for a command that failed; signs of damage are looked into at the next fetch."""
        error = git_errors.of(str(self), doing, finished.stderr)
        if isinstance(error, git_errors.CorruptMirror):
            self._suspect = str(error)
        if isinstance(error, git_errors.AuthenticationFailed):
            used = self.credential.source
            why = "none matches this URL"
            if self.address.scheme == "http":
                why += ", or they may not be sent over plain http"
            said = f"those of {used} were used" if used else f"{why}, so none was sent"
            return git_errors.AuthenticationFailed(f"{error.message} ({said})")
        return error

    def damaged(self, what: str) -> git_errors.CorruptMirror:
        """Return the error for `what` shows damage; it is looked into at the next fetch."""
        self._suspect = f"the local mirror of {self} is damaged: {what}"
        return git_errors.CorruptMirror(self._suspect)

    async def fetch_branch(self, branch: str) -> str:
        """Fetch `branch` and return its commit. Raises RefNotFound, and what `fetch` raises."""
        ref = self._wanted(tracking.HEADS + arguments.branch(branch))
        try:
            await self.fetch([f"+refs/heads/{branch}:{ref}"], branch=branch)
        except git_errors.RefNotFound:
            # What it was when it was last there must not be taken for what it is.
            async with self.lock.held():
                await self.git.run("update-ref", "-d", ref, directory=self.directory)
            raise
        found = await self._resolved(ref, f"branch {branch!r}")
        self.talk.has(f"refs/heads/{branch}", found)
        return found

    def _wanted(self, ref: str) -> str:
        self.recent[ref] = None
        self.recent.move_to_end(ref)
        if len(self.recent) > _MOST_RECENT:
            self.recent.popitem(last=False)
        return ref

    def pushed(self, branch: str, commit: str) -> None:
        """Note that the server's branch is at `commit` now."""
        self.talk.has(f"refs/heads/{branch}", commit)
        tracking.pushed(self.directory, branch, commit)

    async def fetch_tag(self, tag: str) -> str:
        """Fetch `tag` and return the commit it leads to. Raises RefNotFound, and what `fetch` raises."""
        ref = self._wanted(f"refs/tags/{arguments.tag(tag)}")
        await self.fetch([f"+{ref}:{ref}"])
        return await self._resolved(ref, f"tag {tag!r}")

    async def fetch_commit(self, commit: str) -> str:
        """Have `commit` in the mirror and return its full id; a shortened one is looked for everywhere.

        Nothing is fetched when the mirror has it. Raises RefNotFound when no branch or tag leads to it.
        """
        arguments.commit(commit)
        found = await self.find(commit)
        if found is None and len(commit) >= 40:
            try:
                await self.fetch([commit])
            except git_errors.RefNotFound:
                pass  # some servers only give what a ref leads to
            except git_errors.GitFailed as error:
                log.debug("fetching a commit by its id failed", extra={"cause": str(error)})
            found = await self.find(commit)
        if found is None:
            await self.fetch([f"+refs/heads/*:{tracking.HEADS}*", "+refs/tags/*:refs/tags/*"])
            found = await self.find(commit)
        if found is None:
            raise git_errors.RefNotFound(
                f"commit {commit!r} is not in {self}: no branch or tag leads to it"
            )
        return found

    async def branch(self, branch: str) -> str | None:
        """Return the commit of `branch` as last fetched or pushed, or None."""
        return await self.find(tracking.HEADS + arguments.branch(branch))

    async def find(self, name: str) -> str | None:
        """Return the full id of the commit `name` leads to, or None. Nothing is fetched."""
        await self.ensure()
        if len(name) == _FULL:
            found = self.recall.find(self.key, name) or loose.read(self.directory, name)
            if found is not None and found[0] == "commit":
                return name
        return await self._find(name)

    async def _find(self, name: str) -> str | None:
        # --end-of-options makes rev-parse echo itself; names are validated and refs begin with refs/.
        finished = await self.git.run(
            "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", directory=self.directory
        )
        found = finished.stdout.decode("ascii", "replace").strip()
        return found if finished.code == 0 and found else None

    async def fetch(self, refspecs: Sequence[str], *, branch: str = "") -> None:
        """Fetch `refspecs` (written by us, of validated names); `branch`: which one they name, if it is a single one.

        Wishes for the same that come while one waits share one fetch, as long as it began after they were made.
        Raises RefNotFound, AuthenticationFailed, RepositoryNotFound, Unreachable, Timeout. A mirror that
        showed signs of damage is checked first, and made anew if it is damaged.
        """
        what = "\n".join(refspecs)
        wish = next(self._wishes)
        self._waiting[what] += 1
        try:
            async with self.lock.held():
                if self._fetched.get(what, 0) > wish:
                    return
                began = next(self._wishes)
                await self._make_sound()
                if not branch or not await self.talk.fetched(branch):
                    await self._fetch_surely(refspecs)
                self._fetched[what] = began
                self._on_fetch(self)
        finally:
            self._waiting[what] -= 1
            if not self._waiting[what]:
                del self._waiting[what]
                self._fetched.pop(what, None)

    async def _fetch_surely(self, refspecs: Sequence[str]) -> None:
        """Have git fetch; once more if the mirror is found to be damaged and made anew."""
        try:
            await fetch_command.fetch(self, refspecs)
        except git_errors.CorruptMirror:
            if not await self._make_sound():
                raise
            await fetch_command.fetch(self, refspecs)

    async def fetch_blobs(self, names_: Sequence[str]) -> None:
        """Fetch contents of files by their ids, as git does where a partial clone lacks some. Raises what `fetch` raises."""
        async with self.lock.held():
            await self._make()
            await fetch_command.blobs(self, names_)

    async def discard(self) -> None:
        """Throw the mirror and the administration of its work trees away; the next use makes it anew."""
        async with self.lock.held():
            self._throw_away()

    def _throw_away(self) -> None:
        self.trash.take(self.directory)
        self.forget()

    def forget(self) -> None:
        """Forget what is in it: something was taken out."""
        self.recall.forget(self.key)
        self.talk.forget()

    @property
    def is_there(self) -> bool:
        """Whether it was made."""
        return (self.directory / "config").is_file()

    async def _make(self) -> None:
        """Make the mirror; the lock is held."""
        if self.is_there:
            if (
                not self._is_configured
            ):  # it may be from an older version, or a power cut have emptied a file
                self.write_configuration()
                self._is_configured = True
            return
        making = self._root / f".{self.key}.{secrets.token_hex(4)}.making"
        try:
            configuration.skeleton(making)
            self.write_configuration(making)
        except OSError as error:
            self.trash.take(making)
            raise errors.Unavailable(
                f"a mirror of {self} cannot be made: {error.strerror or error}; make room on the disk, or look to its rights"
            ) from error
        _BEFORE_RENAME()
        making.rename(self.directory)

    async def _make_sound(self) -> bool:
        """Make the mirror if it is not there, or anew if it is damaged; return whether it was. The lock is held."""
        await self._make()
        if not self._suspect or await self._sound():
            self._suspect = ""
            return False
        log.warning(
            "a Git mirror is damaged; it is made anew",
            extra={"repository": str(self), "mirror": self.key, "cause": self._suspect},
        )
        self._suspect = ""
        self._throw_away()
        await self._make()
        return True

    async def _sound(self) -> bool:
        """Look at every object. It takes seconds for a large mirror, and is only done on suspicion."""
        try:
            finished = await self.git.run(
                "fsck", "--full", "--no-dangling", "--no-progress", directory=self.directory
            )
        except (errors.Timeout, errors.TooLarge):
            return False
        return finished.code == 0

    def write_configuration(self, directory: Path | None = None) -> None:
        """Write the mirror's own settings anew; see `configuration.write`."""
        configuration.write(directory or self.directory, is_blobless=self.options.blobless)

    async def _resolved(self, ref: str, what: str) -> str:
        found = tracking.head(self.directory, ref) if ref.startswith(tracking.HEADS) else None
        if found is None:
            found = await self.find(ref)
        if found is None:
            raise git_errors.RefNotFound(f"{what} of {self} does not lead to a commit")
        return found
