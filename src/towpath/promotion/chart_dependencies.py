"""The dependencies of a chart in the work directory: brought to what `Chart.yaml` asks for, or to what `Chart.lock` says.

As Helm does it: archives in `charts/`, the versions and a digest in `Chart.lock`. Everything is fetched before anything is
written, so what fails leaves the chart as it was.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.disk import writing
from towpath.disk.entries import EntryKind
from towpath.documents import chart, chart_archive, chart_lock
from towpath.documents.chart_lock import ChartLock, Locked
from towpath.errors import BadRequest, NotFound, TooLarge
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.promotion.effects import ChartRepositories
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

_FILE: Final = "file://"
_MOST: Final = 200
_DESCRIPTION_BYTES: Final = 1 << 20
"""Of `Chart.yaml` and `Chart.lock`."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_DESCRIPTIONS: Final = (("Chart.yaml", "Chart.lock"), ("requirements.yaml", "requirements.lock"))
"""Where dependencies stand, and what they were taken for: of charts of apiVersion v2, and of v1."""


@dataclass(slots=True)
class ChartDependencies:
    """The dependencies of one chart."""

    directory: WorkDirectory
    charts: ChartRepositories
    path: str
    """The chart's folder, as the manifest writes it."""
    moment: datetime
    """When a lock is said to have been made: the same on every run of a step."""
    aside: Aside
    project: str
    step: str
    """Its alias: what it changed is kept until it has told it, should the process end in between."""
    described: str = "Chart.yaml"
    locked: str = "Chart.lock"
    required: Sequence[Mapping[str, Any]] = field(default_factory=list)

    async def update(self, edited: bytes | None = None) -> dict[str, str]:
        """Take the newest versions within the ranges; return what became of locked versions (`chart.lock_changes`).

        `edited`: a `Chart.yaml` that is to take the place of the one that is there. Raises BadRequest, NotFound, and
        what fetching raises.
        """
        before = await self._begun(edited)
        taken = [await self._taken(each) for each in self.required]
        fetched = await self._fetched(taken)
        if edited is not None:
            await self.directory.write(self._at("Chart.yaml"), edited)
        await self._place(fetched)
        was = [each.document for each in before.dependencies] if before else []
        changes = chart.lock_changes(was, [each.document for each in taken])
        text = b""
        if (changes or before is None) and taken:
            text = chart_lock.written(taken, chart_lock.digest(self.required, taken), self.moment)
        if not changes:
            changes = await self._changed_before(await self._bytes(self.locked) or b"")
        else:
            await self._keep(text, changes)
        if text:
            await self.directory.write(self._at(self.locked), text)
        elif before is not None and not taken:
            await self.directory.delete(self._at(self.locked))
        return changes

    @property
    def _record(self) -> Path:
        """Where it is kept: beside the work directory, out of reach of steps."""
        key = hashlib.sha256(f"{self.step}\0{self.path}\0{self.moment}".encode()).hexdigest()[:16]
        return self.directory.root.with_name(f"{self.directory.root.name}.charts-{key}.json")

    async def _keep(self, lock: bytes, changes: Mapping[str, str]) -> None:
        """Keep what a lock that is written next changes, for another run of this step."""
        kept = {"lock": hashlib.sha256(lock).hexdigest(), "changes": changes}
        await asyncio.to_thread(writing.write, self._record, json.dumps(kept).encode())

    async def _changed_before(self, lock: bytes) -> dict[str, str]:
        """Return what a run of this step that was cut off has changed, if it came to this lock; else nothing."""
        try:
            kept = json.loads(await asyncio.to_thread(self._record.read_bytes))
        except (OSError, ValueError):
            return {}
        is_it = kept["lock"] == hashlib.sha256(lock).hexdigest()
        return {str(name): str(change) for name, change in kept["changes"].items()} if is_it else {}

    async def build(self) -> None:
        """Bring `charts/` to what the lock says; without a lock as `update` does.

        Raises as that, and BadRequest for a lock that is out of sync.
        """
        before = await self._begun(None)
        if before is None:
            await self.update()
            return
        if chart_lock.digest(self.required, before.dependencies) != before.digest:
            raise BadRequest(
                f"{self._at(self.locked)}: it is out of sync with {self.described}, whose dependencies have changed since; "
                "run helm-update-chart, or remove the lock"
            )
        await self._place(await self._fetched(before.dependencies))

    async def _begun(self, edited: bytes | None) -> ChartLock | None:
        """Read what the chart asks for, and return its lock."""
        data = edited
        if data is None:
            try:
                data = await self.directory.read(
                    self._at("Chart.yaml"), most_bytes=_DESCRIPTION_BYTES
                )
            except NotFound as error:
                raise NotFound(
                    f"{self._at('Chart.yaml')}: there is none, so there is no chart"
                ) from error
        found = await self.aside.run(
            _read,
            data,
            await self._bytes("requirements.yaml"),
            {name: await self._bytes(name) for _, name in _DESCRIPTIONS},
            self.path,
            weight=len(data),
            what=self._at("Chart.yaml"),
            caller=self.project,
        )
        self.described, self.locked, self.required, lock = found
        if len(self.required) > _MOST:
            raise BadRequest(f"{self._at(self.described)}: it has more than {_MOST} dependencies")
        return lock

    async def _bytes(self, name: str) -> bytes | None:
        """Return a file of the chart, None if it has none."""
        try:
            return await self.directory.read(self._at(name), most_bytes=_DESCRIPTION_BYTES)
        except NotFound:
            return None

    async def _taken(self, dependency: Mapping[str, Any]) -> Locked:
        """Return the version that is taken for a dependency."""
        name, wanted = str(dependency.get("name") or ""), str(dependency.get("version") or "")
        repository = str(dependency.get("repository") or "")
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{self._at(self.described)}: a dependency has the name {name[:80]!r}")
        if not repository:
            await self._there(f"charts/{name}", name)
            return Locked(name, repository, wanted)
        if repository.startswith(_FILE):
            _, version = await self._local(name, repository)
            _within(name, version, wanted)
            return Locked(name, repository, version)
        return Locked(name, repository, await self.charts.choose(repository, name, wanted))

    async def _fetched(self, taken: Sequence[Locked]) -> dict[str, bytes]:
        """Return the archives of dependencies by their file names; those that are folders in `charts/` have none."""
        found: dict[str, bytes] = {}
        for each in taken:
            if not each.repository:
                continue
            if each.repository.startswith(_FILE):
                data, version = await self._local(each.name, each.repository)
                _within(each.name, version, each.version)
            else:
                data = await self.charts.archive(each.repository, each.name, each.version)
            file = f"{each.name}-{each.version}.tgz"
            if not _NAME.fullmatch(file.replace("+", "_")):
                raise BadRequest(
                    f"dependency {each.name}: {each.version[:80]!r} is no version of a file"
                )
            found[file] = data
        return found

    async def _place(self, fetched: Mapping[str, bytes]) -> None:
        """Write archives into `charts/`, and remove those of other versions and of dependencies that are gone."""
        folder = self._at("charts")
        there = await self.directory.list(folder) if await self.directory.stat(folder) else []
        for entry in there:
            if entry.path.endswith(".tgz") and entry.path not in fetched:
                await self._remove_chart(f"{folder}/{entry.path}")
        for file, data in fetched.items():
            path = f"{folder}/{file}"
            if await self.directory.stat(path) is None or await self.directory.read(path) != data:
                await self.directory.write(path, data)

    async def _remove_chart(self, path: str) -> None:
        """Remove an archive that a dependency had; what is no chart is left, as Helm leaves it."""
        try:
            data = await self.directory.read(path, most_bytes=chart_archive.MOST_BYTES)
            await asyncio.to_thread(chart_archive.read, data, path)
        except BadRequest:
            return
        await self.directory.delete(path)

    async def _local(self, name: str, repository: str) -> tuple[bytes, str]:
        """Return the archive and the version of a chart in the work directory."""
        given = repository.removeprefix(_FILE)
        if given.startswith("/"):
            raise BadRequest(
                f"dependency {name}: {repository!r} must be relative to the chart: file://../{name}"
            )
        source = f"dependency {name} ({self._at(given)})"
        self.directory.resolve(self._at(given), is_strict=True)
        await self._there(given, name)
        data = await asyncio.to_thread(
            chart_archive.packed, await self._files(self._at(given), source), source
        )
        found, version = await asyncio.to_thread(_described, data, source)
        if found != name:
            raise BadRequest(f"{source}: the chart there is called {found!r}")
        return data, version

    async def _files(self, folder: str, source: str) -> dict[str, bytes]:
        """Return what lies in a folder by path. Links are refused: nobody knows where they lead later."""
        found: dict[str, bytes] = {}
        left = chart_archive.UNPACKED_BYTES
        for entry in await self.directory.walk(folder):
            if entry.kind is EntryKind.LINK:
                raise BadRequest(
                    f"{source}: {entry.path} is a link, and no archive of a chart has those"
                )
            if entry.kind is not EntryKind.FILE:
                continue
            if entry.size > left or len(found) >= chart_archive.MOST_ENTRIES:
                raise TooLarge(
                    f"{source}: it has more than {chart_archive.UNPACKED_BYTES:,} bytes or "
                    f"{chart_archive.MOST_ENTRIES:,} files"
                )
            found[entry.path] = await self.directory.read(f"{folder}/{entry.path}")
            left -= entry.size
        return found

    async def _there(self, path: str, name: str) -> None:
        entry = await self.directory.stat(self._at(path))
        if entry is None:
            raise NotFound(f"dependency {name}: there is no folder {self._at(path)}")

    def _at(self, path: str) -> str:
        return f"{self.path.rstrip('/')}/{path}"


def _read(
    data: bytes, requirements: bytes | None, locks: Mapping[str, bytes | None], path: str
) -> tuple[str, str, Sequence[Mapping[str, Any]], ChartLock | None]:
    """Return where a chart lists its dependencies and locks them, what it asks for, and its lock.

    Long texts are read in a process of their own, so this is a function of a module. Raises BadRequest.
    """
    document = chart.first_document(data, f"{path}/Chart.yaml")
    is_old = isinstance(document, dict) and document.get("apiVersion") == "v1"
    described, locked = _DESCRIPTIONS[is_old]
    text = (requirements or b"") if is_old else data
    required = chart.dependencies(text, f"{path}/{described}")
    lock = locks[locked]
    return described, locked, required, chart_lock.read(lock, f"{path}/{locked}") if lock else None


def _described(data: bytes, source: str) -> tuple[str, str]:
    found = chart_archive.read(data, source)
    return found.name, found.version


def _within(name: str, version: str, wanted: str) -> None:
    """Raise NotFound for a version that is not within a range, BadRequest for what is none."""
    try:
        fits = semver.parse_range(wanted).contains(semver.parse(version))
    except semver.VersionError as error:
        raise BadRequest(f"dependency {name}: {error}") from error
    if not fits:
        raise NotFound(f"dependency {name}: its version {version} is not within {wanted!r}")
