"""A mirror of one repository: fetched when somebody wants to know what is new, and read."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from typing import TYPE_CHECKING, Final

from towpath.clients import process
from towpath.demo.argocd import git_objects
from towpath.demo.argocd.git_objects import GitObjects
from towpath.demo.argocd.source_error import RepositoryError, SourceError
from towpath.errors import TowpathError
from towpath.versions import tags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.demo.argocd.installation_settings import GitPlace

_FETCH_SECONDS: Final = 60.0
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_ABBREVIATED: Final = re.compile(r"[0-9a-f]{7,39}")
_RANGE: Final = re.compile(r"[*xX^~<>=| ]")
_NOWHERE: Final = frozenset({"", ".", ".."})
_LINK: Final = "120000"
_TREE: Final = "40000"
_MODULE: Final = "160000"
_DEEPEST: Final = 200
"""Folders in one another that are read."""


class GitRepository:
    """One repository. Whoever asks for what is new while it is fetched waits for the next fetch, together with others."""

    def __init__(self, place: GitPlace, directory: Path, programs: str) -> None:
        """`directory`: where the mirror lies; it is made when it is needed."""
        self._place = place
        self._directory = directory
        self._environment = {
            "PATH": programs,
            "HOME": os.devnull,
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            **_login(place),
        }
        self._objects = GitObjects(directory, self._environment)
        self._next: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._is_fetched = False
        self.fetches = 0
        """How often it was fetched."""

    async def resolve(self, revision: str, *, fresh: bool = True) -> str:
        """Return the commit that a revision is: a branch, a tag (peeled), a range of versions, a commit, `HEAD`.

        `fresh`: as it is now, not as it was when it was fetched last. Raises RepositoryError, SourceError.
        """
        if _COMMIT.fullmatch(revision):
            if await self._read(f"{revision}^{{commit}}") is None:
                await self.fetch()
            return revision
        if fresh or not self._is_fetched:
            await self.fetch()
        named = [f"refs/tags/{revision}", f"refs/heads/{revision}"]
        if revision in ("", "HEAD"):
            named = ["HEAD"]
        elif _RANGE.search(revision):
            named = [f"refs/tags/{await self._newest_in(revision)}"]
        elif revision.startswith("refs/"):
            named = [revision]
        elif _ABBREVIATED.fullmatch(revision):
            named.append(revision)
        for each in named:
            found = await self._read(f"{each}^{{commit}}")
            if found is not None:
                return found[0]
        raise SourceError(f"unable to resolve '{revision}' to a commit SHA")

    async def fetch(self) -> None:
        """Have what the repository has now. Raises RepositoryError."""
        if self._next is None:
            self._next = asyncio.create_task(self._fetch_next())
        await asyncio.shield(self._next)

    async def folder(self, commit: str, path: str) -> tuple[str, dict[str, str]]:
        """Return the id of a folder of a commit, and the ids of the files in it by name. Raises SourceError."""
        found = await self._read(f"{commit}:{_clean(path)}")
        if found is None and await self._read(f"{commit}^{{commit}}") is None:
            raise SourceError(f"fatal: remote error: upload-pack: not our ref {commit}")
        if found is None or found[1] != "tree":
            raise SourceError(f"{path}: app path does not exist")
        names = {name: each for mode, name, each in git_objects.entries(found[2]) if mode != _TREE}
        return found[0], names

    async def files(self, tree: str, *, recurse: bool = True) -> dict[str, bytes]:
        """Return the files below a folder, by path; links and submodules are left out.

        Raises SourceError, also for names that would lead out of it.
        """
        return await asyncio.to_thread(self._files, tree, "", recurse)

    async def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit, None if it is not there."""
        found = await self._read(f"{commit}:{_clean(path)}")
        return found[2] if found is not None and found[1] == "blob" else None

    def close(self) -> None:
        """End what runs."""
        self._objects.close()

    def _files(self, tree: str, prefix: str, recurse: bool) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        read = self._objects.read(tree)
        if prefix.count("/") > _DEEPEST:
            raise SourceError(f"more than {_DEEPEST} folders lie in one another")
        for mode, name, each in git_objects.entries(read[2] if read else b""):
            if name in _NOWHERE or "/" in name:
                # Whoever pushes may write trees that git itself would not: a path of them could lead anywhere.
                raise SourceError(f"{prefix}{name!r} is no name of a file")
            if mode == _TREE:
                if recurse:
                    found |= self._files(each, f"{prefix}{name}/", recurse)
            elif mode not in (_LINK, _MODULE):
                blob = self._objects.read(each)
                if blob is not None:
                    found[f"{prefix}{name}"] = blob[2]
        return found

    async def _read(self, name: str) -> tuple[str, str, bytes] | None:
        if not (self._directory / "HEAD").is_file():
            await self.fetch()
        return await asyncio.to_thread(self._objects.read, name)

    async def _fetch_next(self) -> None:
        async with self._turn:
            self._next = None  # who comes from now on may have been told of something newer
            await self._fetch()

    async def _fetch(self) -> None:
        if not (self._directory / "HEAD").is_file():
            self._directory.mkdir(parents=True, exist_ok=True)
            await self._git("init", "--quiet", "--bare", ".")
        self.fetches += 1
        if not self._is_fetched:
            head = await self._git("ls-remote", "--symref", self._place.url, "HEAD")
            if branch := re.match(rb"ref: (refs/heads/\S+)\tHEAD", head):
                await self._git("symbolic-ref", "HEAD", branch[1].decode())
        wanted = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        flags = ("--quiet", "--prune", "--no-auto-maintenance", "--no-write-fetch-head")
        await self._git("fetch", *flags, self._place.url, *wanted)
        self._is_fetched = True

    async def _newest_in(self, constraint: str) -> str:
        listed = await self._git("for-each-ref", "--format=%(refname:strip=2)", "refs/tags/")
        try:
            found = tags.by_version(listed.decode().split(), constraint=constraint, strict=False)
        except tags.SelectionError:
            found = []
        return found[0] if found else constraint

    async def _git(self, *arguments: str) -> bytes:
        try:
            done = await process.run(
                ["git", *arguments],
                environment=self._environment,
                directory=self._directory,
                seconds=_FETCH_SECONDS,
                secrets=[self._place.password] if self._place.password else [],
            )
        except TowpathError as error:
            raise RepositoryError(f"failed to list refs: {error.message}") from error
        if done.code:
            said = " ".join(done.stderr.split())
            raise RepositoryError(f"failed to list refs: git {arguments[0]}: {said}")
        return done.stdout


def _clean(path: str) -> str:
    """Return a path as git takes it after a commit: empty for the root."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _login(place: GitPlace) -> Mapping[str, str]:
    """Return what makes git show a name and a password at once."""
    if not place.user:
        return {}
    value = base64.b64encode(f"{place.user}:{place.password}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {value}",
    }
