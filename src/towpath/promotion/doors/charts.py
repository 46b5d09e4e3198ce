"""Charts from elsewhere, for one Promotion: convergent, as nothing but reading is done.

A repository is asked with the Project's credential of type `helm`: for `https://` the one for the repository's URL, for
`oci://` the one for `oci://HOST/PATH/NAME`; `http://` is asked anonymously. What is had is checked: the digest that the
index names, the name and version that the archive itself says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from towpath import errors, messages
from towpath.clients.helm.repository import ChartCredential, ChartRepository
from towpath.clients.http.places import shown_url
from towpath.clients.oci.authentication import ANONYMOUS
from towpath.documents import chart_archive
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.http import Egress
    from towpath.clients.oci import ImageRepository, Registries
    from towpath.credentials.finder import Credentials
    from towpath.credentials.found import FoundCredential
    from towpath.documents.chart_index import IndexedChart
    from towpath.promotion.disclosed import Disclosed
    from towpath.runtime.aside import Aside

CONTENT: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_OCI: Final = "oci://"
_CPU_SECONDS: Final = 60.0
_LISTED: Final = 5


class SharedIndexes(Protocol):
    """The indexes of chart repositories, each asked for once for all who want it, and sent only when it has changed."""

    async def versions(
        self,
        url: str,
        name: str,
        credential: ChartCredential | None = None,
        *,
        caller: str,
        aside: Aside,
    ) -> Sequence[IndexedChart]:
        """Return what the index of a repository, as it is from now on, says of one chart.

        `caller`: the Project that asks; `aside`: where an index is read. Raises NotFound, Forbidden, TooManyRequests,
        Unavailable, Timeout, TooLarge, BadRequest.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSources:
    """What charts are fetched with, for all Promotions."""

    egress: Egress
    registries: Registries
    credentials: Credentials
    indexes: SharedIndexes
    aside: Aside

    def of(self, project: str, disclosed: Disclosed, *, actor: str, whom: str) -> ProjectCharts:
        """Return the charts for one Promotion, or for a plan, asked for in the name of `actor`.

        `disclosed` learns what is handed to repositories; `whom`: for what credentials are opened, on the record.
        """
        return ProjectCharts(
            project=project,
            whom=whom,
            egress=self.egress,
            registries=self.registries,
            credentials=self.credentials,
            indexes=self.indexes,
            aside=self.aside,
            disclosed=disclosed,
            actor=actor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCharts:
    """Charts for one Promotion. What an index said of a chart holds as long as this does."""

    project: str
    whom: str
    """For what credentials are opened, on the record: `Promotion NAME`, or a plan."""
    egress: Egress
    registries: Registries
    credentials: Credentials
    indexes: SharedIndexes
    aside: Aside
    disclosed: Disclosed
    """Learns what is handed to repositories."""
    actor: str
    """In whose name credentials are opened."""
    _known: dict[tuple[str, str], Sequence[IndexedChart]] = field(default_factory=dict)

    async def choose(self, repository: str, name: str, wanted: str) -> str:
        """Return the newest version of a chart within a range, as the repository writes it.

        Raises BadRequest for a range or address that cannot be read, NotFound, which names what there is, and what
        asking raises: Forbidden, Unavailable, Timeout, TooLarge.
        """
        try:
            range_ = semver.parse_range(wanted)
        except semver.VersionError as error:
            raise errors.BadRequest(
                f"dependency {name}: its version {wanted!r} is no range: {error}"
            ) from error
        if repository.startswith(_OCI):
            if _is_version(wanted):  # asked for by its tag; to list tags is not always allowed
                return wanted
            opened = await self._registry(repository, name)
            there = [tag.replace("_", "+") for tag in await opened.tags()]
        else:
            there = [each.version for each in await self._indexed(repository, name)]
        fitting = [each for text in there if (each := _version(text)) and range_.contains(each)]
        if not fitting:
            newest = sorted(filter(None, map(_version, there)), reverse=True)
            listed = messages.first([each.original for each in newest], _LISTED)
            raise errors.NotFound(
                f"chart repository {_shown(repository)}: no version of chart {name} is within {wanted!r}; "
                f"there {f'are {listed}' if listed else 'is no such chart'}"
            )
        return max(fitting, key=lambda each: each.order).original

    async def archive(self, repository: str, name: str, version: str) -> bytes:
        """Return the archive of one version of a chart. Raises as `choose`, and BadRequest for what is not that chart."""
        source = f"chart {name} {version} of {_shown(repository)}"
        if repository.startswith(_OCI):
            opened = await self._registry(repository, name)
            data = await opened.layer(version.replace("+", "_"), CONTENT, chart_archive.MOST_BYTES)
        else:
            data = await self._downloaded(repository, name, version, source)
        found = await self.aside.run(
            _described,
            data,
            source,
            weight=len(data),
            what=source,
            caller=self.project,
            seconds=_CPU_SECONDS,
        )
        if found[0] != name or not _is_same(found[1], version):
            raise errors.BadRequest(
                f"{source}: what the repository sent is chart {found[0]!r}, version {found[1]!r}"
            )
        return data

    async def _downloaded(self, repository: str, name: str, version: str, source: str) -> bytes:
        there = await self._indexed(repository, name)
        entry = next((each for each in there if each.version == version), None)
        entry = entry or next((each for each in there if _is_same(each.version, version)), None)
        if entry is None:
            raise errors.NotFound(f"{source}: the index does not have it any more")
        url = entry.urls[0]
        if url.startswith(_OCI):
            place, _, tag = url.rpartition(":")
            opened = await self._at(place, place)
            data = await opened.layer(tag, CONTENT, chart_archive.MOST_BYTES)
        else:
            data = await (await self._repository(repository)).archive(url)
        if entry.digest and hashlib.sha256(data).hexdigest() != entry.digest:
            raise errors.Unavailable(
                f"{source}: the archive has another digest than the index says; somebody has replaced one of them"
            )
        return data

    async def _indexed(self, repository: str, name: str) -> Sequence[IndexedChart]:
        """Return what the index of a repository says of a chart; the same for all of one Promotion."""
        known = self._known.get((repository, name))
        if known is None:
            opened = await self._repository(repository)
            known = self._known[repository, name] = await self.indexes.versions(
                opened.url, name, opened.credential, caller=self.project, aside=self.aside
            )
        return known

    async def _repository(self, url: str) -> ChartRepository:
        if not url.startswith(("http://", "https://")):
            raise errors.BadRequest(
                f"chart repository {url!r} cannot be asked: write https://…, http://…, oci://… or file://…; names of "
                "repositories that somebody added to their Helm (@name, alias:name) are not known here"
            )
        found = None if url.startswith("http://") else await self._credential(url)
        if found is None:
            return ChartRepository(self.egress, url)
        credential = ChartCredential(
            username=found.username, password=found.password, source=found.source
        )
        return ChartRepository(self.egress, url, credential)

    async def _registry(self, repository: str, name: str) -> ImageRepository:
        place = f"{repository.rstrip('/')}/{name}"
        return await self._at(place, place)

    async def _at(self, place: str, url: str) -> ImageRepository:
        found = await self._credential(url)
        credential = ANONYMOUS
        if found is not None:
            credential = found.for_registry()
        return self.registries.open(place, credential)

    async def _credential(self, url: str) -> FoundCredential | None:
        found = await self.credentials.find(
            self.project,
            "helm",
            url,
            actor=self.actor,
            reason=f"chart access of {self.whom}",
        )
        if found is not None:
            self.disclosed.learn(found.password, keep=False)
        return found


def _shown(repository: str) -> str:
    """Return the address of a repository without what may be secret in it."""
    return repository if repository.startswith(_OCI) else shown_url(repository)


def _described(data: bytes, source: str) -> tuple[str, str]:
    """Return the name and version of an archive's chart, once all of it was looked at."""
    found = chart_archive.read(data, source)
    return found.name, found.version


def _version(text: str) -> semver.Version | None:
    try:
        return semver.parse(text)
    except semver.VersionError:
        return None


def _is_version(text: str) -> bool:
    return _version(text) is not None and text.count(".") >= 2


def _is_same(one: str, other: str) -> bool:
    """Whether two texts are one version, written with or without `v`."""
    first, second = _version(one), _version(other)
    return one == other or (first is not None and second is not None and str(first) == str(second))
