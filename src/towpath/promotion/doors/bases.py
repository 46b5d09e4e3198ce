"""Fetches what a kustomization names elsewhere, so that Kustomize, which has no network, finds it beside the rest.

Repositories come by Git with the Project's credentials, charts by `charts`, other files by HTTP. They are put into a tree
like the work directory, made of links to its files; the kustomizations in it name what was fetched. The work directory
itself stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from towpath.documents import chart_archive, kustomization
from towpath.errors import Forbidden, NotFound, TooLarge, TowpathError, Unavailable
from towpath.promotion import rooted_path
from towpath.promotion.doors import surveying
from towpath.runtime.threads import Stopped, in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.clients.http import Egress
    from towpath.documents.kustomization import GitBase, WantedChart
    from towpath.promotion.effects import ChartRepositories
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside
    from towpath.runtime.threads import Stop

_FETCHED: Final = ".fetched"
_MOST: Final = 100
"""Of what lies elsewhere, for one build."""
_MOST_FILES: Final = 250_000
_FILE_BYTES: Final = 16 << 20
_LIGHT: Final = 64 << 10
"""Of kustomizations that are read in a thread, together: half a second at worst, in which others work as well."""
_MOST_READ: Final = 64 << 20
_CPU_SECONDS: Final = 60.0
_COMMIT_DIGITS: Final = frozenset("0123456789abcdef")
_FULL_COMMIT: Final = 40


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBases:
    """What kustomizations of one Promotion name elsewhere."""

    project: str
    git: GitClient
    charts: ChartRepositories
    egress: Egress
    aside: Aside

    @contextlib.asynccontextmanager
    async def beside(self, directory: WorkDirectory, path: str) -> AsyncIterator[Path | None]:
        """Yield the root of a tree in which nothing that a kustomization names lies elsewhere, as long as it is needed.

        None stands for the work directory as it is: then nothing lies elsewhere. Raises BadRequest, NotFound and what
        fetching raises, naming the kustomization and what it names.
        """
        folder = directory.resolve(path)
        found = await self.looked(surveying.finds_something, directory.root, folder)
        if not found:
            yield None
            return
        async with directory.scratch() as scratch:
            root = scratch / "tree"
            await in_thread(_like, directory.root, root)
            fetching = _Fetching(root, self, await asyncio.to_thread(_own_folder, root))
            try:
                await fetching.folder(root / folder.relative_to(directory.root))
                yield root
            finally:
                await fetching.give_back()

    async def looked(
        self, look: Callable[[surveying.Reading, Path, Path], T], root: Path, folder: Path
    ) -> T:
        """Return what is found in kustomizations: in a thread, and in a process of its own where they are long."""
        try:
            return await asyncio.to_thread(look, surveying.Reading(_LIGHT), root, folder)
        except surveying.TooLongError:
            return await self.aside.run(
                look,
                surveying.Reading(_MOST_READ),
                root,
                folder,
                weight=_MOST_READ,
                what="what kustomizations name elsewhere",
                caller=self.project,
                seconds=_CPU_SECONDS,
            )

    async def file(self, url: str) -> bytes:
        """Return one file that a URL names, asked for without any credential."""
        answer = await self.egress.request("GET", url, most_bytes=_FILE_BYTES)
        match answer.status:
            case 200:
                return answer.body
            case 401 | 403:
                raise Forbidden(
                    f"it answered {answer.status}; files are asked for without a credential: name a repository with ?ref= "
                    "for one that needs it"
                )
            case 404:
                raise NotFound(
                    "it answered 404; for a folder of a repository name a ref with ?ref="
                )
            case _:
                raise Unavailable(f"it answered {answer.status}")


@dataclass(slots=True)
class _Fetching:
    """A tree under way."""

    root: Path
    bases: RemoteBases
    own: Path
    """The folder for what is fetched. It was made for that: what lies in the work directory may be links to anywhere."""
    trees: list[WorkTree] = field(default_factory=list)
    places: dict[str, Path] = field(default_factory=dict)
    """Where what was fetched lies, by what names it."""
    count: int = 0
    """Of charts."""

    async def folder(self, first: Path) -> None:
        """Fetch what kustomizations name, beginning with one folder, and have them name what was fetched."""
        seen: set[Path] = set()
        pending = [first]
        while pending:
            here = pending.pop()
            if here in seen:
                continue
            seen.add(here)
            if len(seen) > surveying.MOST_FOLDERS:
                raise TooLarge(f"it builds on more than {surveying.MOST_FOLDERS:,} folders")
            said = await self.bases.looked(surveying.look, self.root, here)
            if said.file is None:
                continue
            shown = str(said.file.relative_to(self.root))
            named: dict[str, str] = {}
            for name, entry in kustomization.entries(said.document):
                is_far = kustomization.is_elsewhere(entry)
                there = (
                    await self._place(shown, entry)
                    if is_far
                    else surveying.at(self.root, here, entry)
                )
                if there is not None and name in kustomization.FOLDERS and there.is_dir():
                    pending.append(there)
                if is_far and there is not None:
                    named[entry] = _relative(there, here)
            for each in said.charts:
                await self._chart(shown, each, here)
            if named:
                changed = kustomization.mapped(said.document, functools.partial(_named, named))
                await asyncio.to_thread(_replace, said.file, json.dumps(changed))
                self._changes(said.file)

    async def give_back(self) -> None:
        """Hand work trees back."""
        for tree in self.trees:
            await self.bases.git.repositories.give_back(tree)

    def _changes(self, place: Path) -> None:
        """Have a work tree cleaned, once it is handed back, in which something was put at a place."""
        for tree in self.trees:
            if tree.path in place.parents:
                tree.opaque = True

    async def _place(self, shown: str, entry: str) -> Path:
        """Return where something from elsewhere lies, once it was fetched."""
        known = self.places.get(entry)
        if known is None:
            if len(self.places) >= _MOST:
                raise TooLarge(f"{shown}: it names more than {_MOST} bases and files elsewhere")
            place = self.own / str(len(self.places))
            try:
                base = kustomization.git_base(entry)
                if base is not None:
                    known = await self._base(base, place)
                else:
                    known = await self._file(entry, place)
            except TowpathError as error:
                raise type(error)(f"{shown}: {entry[:200]}: {error.message}") from error
            self.places[entry] = known
        return known

    async def _base(self, base: GitBase, place: Path) -> Path:
        """Check a repository out, and return the folder in it that is meant."""
        repository = await self.bases.git.open(base.url)
        named: dict[str, str] = {}
        if base.ref:
            refs = await repository.refs()
            kind = (
                "tag"
                if base.ref in refs.tags
                else "branch"
                if base.ref in refs.branches
                else "commit"
            )
            if kind == "commit" and not _is_commit(base.ref):
                raise NotFound(f"{base.url} has neither a tag nor a branch {base.ref[:100]!r}")
            named[kind] = base.ref
        resolved = await repository.resolve(**named)
        tree = await repository.checkout(
            resolved, path=place, project=self.bases.project, beside=self.trees
        )
        self.trees.append(tree)
        folder = rooted_path.resolve(place, base.folder, is_strict=True)
        if not await asyncio.to_thread(folder.exists):
            raise NotFound(
                f"{base.url} has nothing at {base.folder!r} in {base.ref or 'its default branch'}"
            )
        return folder

    async def _file(self, url: str, place: Path) -> Path:
        """Fetch one file."""
        data = await self.bases.file(url)
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        file = place / (name if name.isprintable() and name not in ("", ".", "..") else "file.yaml")
        await asyncio.to_thread(_write, file, data)
        return file

    async def _chart(self, shown: str, wanted: WantedChart, folder: Path) -> None:
        """Fetch a chart to where Kustomize looks for it."""
        self.count += 1
        if self.count > _MOST:
            raise TooLarge(f"{shown}: with it {_MOST} charts and more are to be fetched")
        try:
            version = await self.bases.charts.choose(
                wanted.repository, wanted.name, wanted.version or "*"
            )
            data = await self.bases.charts.archive(wanted.repository, wanted.name, version)
            place = rooted_path.resolve(
                self.root,
                f"{folder.relative_to(self.root)}/{wanted.place}/{wanted.name}",
                is_strict=True,
            )
            await asyncio.to_thread(_unpack, data, place, wanted.name)
            self._changes(place)
        except TowpathError as error:
            raise type(error)(f"{shown}: chart {wanted.name[:100]}: {error.message}") from error


def _named(names: Mapping[str, str], _: str, entry: str) -> str:
    return names.get(entry, entry)


def _relative(there: Path, here: Path) -> str:
    return os.path.relpath(there, here)


def _is_commit(ref: str) -> bool:
    return len(ref) == _FULL_COMMIT and set(ref) <= _COMMIT_DIGITS


def _like(stop: Stop, root: Path, made: Path) -> None:
    """Make a tree of links to the files of another one; what Git keeps beside its work trees is left out."""
    made.mkdir(mode=0o700)
    left = _MOST_FILES
    for place, folders, names in os.walk(root):
        inner = os.path.relpath(place, root)
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *names):
            if stop():
                raise Stopped
            if name == ".git":
                continue
            left -= 1
            if left < 0:
                raise TooLarge(
                    f"the work directory has more than {_MOST_FILES:,} files and folders"
                )
            source, target = root / inner / name, made / inner / name
            if source.is_symlink():
                target.symlink_to(os.readlink(source))  # noqa: PTH115 - a Path would spell it anew
            elif source.is_dir():
                target.mkdir(mode=0o700)
            elif source.is_file():
                target.hardlink_to(source)


def _own_folder(root: Path) -> Path:
    """Make a folder at a place that nothing of the work directory has. The names are the same each time: objects may tell them."""
    for number in itertools.count():
        folder = root / (f"{_FETCHED}-{number}" if number else _FETCHED)
        with contextlib.suppress(FileExistsError):  # a link, also one to nothing, is there too
            folder.mkdir(mode=0o700)
            return folder
    raise AssertionError("names do not end")


def _replace(file: Path, text: str) -> None:
    """Put another file in the place of one; what that is a link to stays as it is."""
    file.unlink()
    file.write_text(text, encoding="utf-8")


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    file.write_bytes(data)


def _unpack(data: bytes, place: Path, source: str) -> None:
    for path, contents in chart_archive.read(data, source).files.items():
        _write(place / path, contents)
