"""Makes the manifests of an Application's sources, as Argo CD's repository server does."""

from __future__ import annotations

import asyncio
import collections
import fnmatch
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.clients.confinement import Confinement
from towpath.clients.helm import installed
from towpath.clients.helm.rendering import ChartRendering, SetValue
from towpath.clients.kustomize.program import Kustomize
from towpath.demo.argocd import chart_values, kustomize_edits, lookup_charts, sources
from towpath.demo.argocd.source_error import SourceError
from towpath.errors import TowpathError
from towpath.resources import manifests as reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.demo.argocd.git_repository import GitRepository
    from towpath.demo.argocd.git_sources import GitSources
    from towpath.demo.argocd.installation_settings import InstallationSettings
    from towpath.demo.argocd.keys import Document
    from towpath.demo.argocd.sources import SourceType

_KEPT: Final = 4096
"""How many results are kept: what a folder renders to depends on nothing but its contents and what is asked."""
_NAMES: Final = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Made:
    """What the sources of an Application come to."""

    revisions: tuple[str, ...]
    """What each source's revision resolved to, by position."""
    manifests: tuple[Document, ...]
    types: tuple[SourceType, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """One source, resolved."""

    source: Document
    repository: GitRepository
    commit: str
    references: Mapping[str, tuple[GitRepository, str]]
    """Repository and commit of the sources that lend files, by name."""
    application: str
    namespace: str

    @property
    def path(self) -> str:
        return str(self.source.get("path") or ".")


class Manifests:
    """Makes manifests; what was made once is kept."""

    def __init__(self, settings: InstallationSettings, git: GitSources) -> None:
        self._git = git
        self._helm = installed.found(settings.programs)
        self._kustomize = Kustomize.on(settings.programs)
        self._made: collections.OrderedDict[str, tuple[Document, ...]] = collections.OrderedDict()
        self.rendered = 0
        """How often something was made anew."""

    async def resolve(
        self, application: Document, revisions: Sequence[str] = (), *, fresh: bool = True
    ) -> tuple[str, ...]:
        """Return what the revision of each source is now. `revisions`: instead of those of the spec. Raises SourceError."""
        found = []
        for number, source in enumerate(sources.of(application)):
            given = revisions[number] if number < len(revisions) else ""
            named = given or str(source.get("targetRevision") or "HEAD")
            if source.get("chart"):
                raise SourceError(
                    f"chart {source['chart']}: this stand-in has charts from Git only, not from repositories of charts"
                )
            repository = self._git.repository(str(source.get("repoURL") or ""))
            found.append(await repository.resolve(named, fresh=fresh))
        return tuple(found)

    async def make(
        self, application: Document, revisions: Sequence[str], *, anew: bool = False
    ) -> Made:
        """Return the manifests of resolved revisions. `anew`: nothing that was kept is taken. Raises SourceError."""
        found = sources.of(application)
        resolved = [
            (self._git.repository(str(source.get("repoURL") or "")), commit)
            for source, commit in zip(found, revisions, strict=True)
        ]
        lent = {
            str(source["ref"]): each
            for source, each in zip(found, resolved, strict=True)
            if source.get("ref")
        }
        name = application["metadata"]["name"]
        namespace = str(((application.get("spec") or {}).get("destination") or {}).get("namespace") or "default")  # fmt: skip
        made: list[Document] = []
        types: list[SourceType] = []
        for source, (repository, commit) in zip(found, resolved, strict=True):
            if sources.is_reference(source):
                types.append("Directory")
                continue
            kind, documents = await self._of(
                _Job(source, repository, commit, lent, name, namespace), anew=anew
            )
            types.append(kind)
            made += documents
        return Made(tuple(revisions), tuple(made), tuple(types))

    async def _of(self, job: _Job, *, anew: bool) -> tuple[SourceType, tuple[Document, ...]]:
        tree, names = await job.repository.folder(job.commit, job.path)
        kind = sources.type_of(job.source, names)
        # Helm and Kustomize may read beside their folder, a directory may not.
        contents = tree if kind == "Directory" else f"{tree} {job.commit} {sorted((name, each[1]) for name, each in job.references.items())}"  # fmt: skip
        spec = {name: value for name, value in job.source.items() if name != "targetRevision"}
        key = json.dumps([kind, contents, spec, job.application, job.namespace], sort_keys=True)
        if key in self._made and not anew:
            self._made.move_to_end(key)
            return kind, self._made[key]
        self.rendered += 1
        if kind == "Directory":
            documents = await self._directory(job, tree)
        elif kind == "Kustomize":
            documents = await self._kustomization(job)
        elif kind == "Helm":
            documents = await self._chart(job, tree)
        else:
            raise SourceError("plugins are not offered by this stand-in")
        self._made[key] = documents
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return kind, documents

    async def _directory(self, job: _Job, tree: str) -> tuple[Document, ...]:
        wanted = job.source.get("directory") or {}
        found = await job.repository.files(tree, recurse=bool(wanted.get("recurse")))
        include, exclude = wanted.get("include", ""), wanted.get("exclude", "")
        texts = [
            (path, content)
            for path, content in sorted(found.items())
            if PurePosixPath(path).suffix in _NAMES
            and (not include or _is_among(path, include))
            and not (exclude and _is_among(path, exclude))
        ]
        return await asyncio.to_thread(_read_all, texts)

    async def _kustomization(self, job: _Job) -> tuple[Document, ...]:
        if self._kustomize is None:
            raise SourceError("`kustomize build` failed: this machine has no kustomize")
        with _scratch() as scratch:
            root, own = scratch / "tree", scratch / "own"
            own.mkdir()
            await _export(job.repository, job.commit, root)
            folder = root / job.path
            if wanted := job.source.get("kustomize"):
                await asyncio.to_thread(_edit, folder, wanted)
            confinement = Confinement(
                read=(root, *self._kustomize.reads), write=(own,), is_required=False
            )
            try:
                built = await self._kustomize.build(
                    folder, job.path, None, confinement=confinement, scratch=own
                )
            except TowpathError as error:
                raise SourceError(f"`kustomize build` failed: {error.message}") from error
        return await asyncio.to_thread(_read_all, [("kustomize", built.encode())])

    async def _chart(self, job: _Job, tree: str) -> tuple[Document, ...]:
        helm = job.source.get("helm") or {}
        release = str(helm.get("releaseName") or job.application)
        namespace = str(helm.get("namespace") or job.namespace)

        async def read(name: str) -> bytes | None:
            reference, path = chart_values.place(name, job.path)
            repository, commit = job.references.get(reference, (job.repository, job.commit))
            return await repository.file(commit, path)

        files = await chart_values.files(helm, read)
        given = chart_values.parameters(helm)
        try:
            return await self._looked_up(job, tree, files, given, release, namespace)
        except lookup_charts.NeedsHelmError as error:
            if self._helm is None:
                raise SourceError(
                    f"`helm template` failed: {error}, and this machine has none"
                ) from error
        with _scratch() as scratch:
            root, own = scratch / "tree", scratch / "own"
            own.mkdir()
            await _export(job.repository, job.commit, root)
            wanted = ChartRendering(
                chart=root / job.path,
                shown=job.path,
                release=release,
                namespace=namespace,
                values=tuple(files),
                set_values=tuple(SetValue(*each) for each in given),
                with_crds=not helm.get("skipCrds"),
                with_tests=not helm.get("skipTests"),
                kube_version=str(helm.get("kubeVersion") or ""),
                api_versions=tuple(helm.get("apiVersions") or ()),
            )
            confinement = Confinement(
                read=(root, *self._helm.reads), write=(own,), is_required=False
            )
            try:
                made = await self._helm.render(wanted, confinement=confinement, scratch=own)
            except TowpathError as error:
                raise SourceError(f"`helm template` failed: {error.message}") from error
        stream = "".join(each.marked for each in made)
        return await asyncio.to_thread(_read_all, [("helm", stream.encode())])

    async def _looked_up(
        self,
        job: _Job,
        tree: str,
        values: Sequence[bytes],
        given: Sequence[tuple[str, str, bool]],
        release: str,
        namespace: str,
    ) -> tuple[Document, ...]:
        files = await job.repository.files(tree)
        if any(path.startswith(("charts/", "crds/")) or path.endswith(".tpl") for path in files):
            raise lookup_charts.NeedsHelmError("the chart has more than templates")
        chart = yaml.safe_load(files.get("Chart.yaml", b"{}")) or {}
        if chart.get("dependencies"):
            raise lookup_charts.NeedsHelmError("the chart has dependencies")
        templates = {
            path: content.decode("utf-8", "replace")
            for path, content in files.items()
            if path.startswith("templates/") and PurePosixPath(path).suffix in _NAMES
        }
        own = files.get("values.yaml", b"")
        stream = lookup_charts.rendered(
            templates,
            values=chart_values.merged([own, *values], given),
            release={"Name": release, "Namespace": namespace, "Service": "Helm"},
            chart=chart,
        )
        return await asyncio.to_thread(_read_all, [("helm", stream.encode())])


def _is_among(path: str, pattern: str) -> bool:
    """Whether a path matches a glob, or one of several: `{a.yaml,b.yaml}`."""
    if pattern.startswith("{") and pattern.endswith("}"):
        return any(fnmatch.fnmatchcase(path, each) for each in pattern[1:-1].split(","))
    return fnmatch.fnmatchcase(path, pattern)


def _read_all(texts: Sequence[tuple[str, bytes]]) -> tuple[Document, ...]:
    found: list[Document] = []
    for path, content in texts:
        try:
            found += [each.document for each in reading.read(content, path)]
        except TowpathError as error:
            raise SourceError(f"Failed to unmarshal {path!r}: {error.message}") from error
    return tuple(each for each in found if each.get("kind") and each.get("apiVersion"))


async def _export(repository: GitRepository, commit: str, root: Path) -> None:
    tree, _ = await repository.folder(commit, ".")
    files = await repository.files(tree)

    def write() -> None:
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    await asyncio.to_thread(write)


def _edit(folder: Path, wanted: Any) -> None:
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        if (path := folder / name).is_file():
            written = yaml.safe_load(path.read_bytes()) or {}
            path.write_text(yaml.safe_dump(kustomize_edits.edited(written, wanted)))


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="argocd-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
