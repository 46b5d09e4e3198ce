"""What a Promotion wants of the sources of an Application: which update is for which source, and the revisions.

Addresses are compared in one form (`versions.urls`), and every source that an update fits is meant. Several updates that fit
one source are taken together; where they contradict one another nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import Invalid
from towpath.versions.urls import normalize_chart, normalize_git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.rules.argocd.application import Application, AppSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUpdate:
    """An image that Kustomize is to put in."""

    repo_url: str
    tag: str = ""
    digest: str = ""
    new_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUpdate:
    """What is wanted of the sources that an address, and for charts a name, stands for."""

    repo_url: str
    chart: str = ""
    position: int = 0
    """Of the source among all of the Application, from 1 on; 0: every source that fits."""
    desired_revision: str = ""
    sets_target: bool = False
    """Whether `targetRevision` becomes the desired revision."""
    images: tuple[ImageUpdate, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Helm parameters, name and value."""

    @property
    def said(self) -> str:
        """The update, for people."""
        chart = f" and chart {self.chart}" if self.chart else ""
        place = f" at position {self.position}" if self.position else ""
        return f"repoURL {self.repo_url}{chart}{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of one source, all updates together."""

    revision: str = ""
    """Empty: any."""
    sets_target: bool = False
    images: tuple[ImageUpdate, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


def fits(update: SourceUpdate, source: AppSource, position: int) -> bool:
    """Whether an update is for the source at a position (from 1 on)."""
    if update.chart != source.chart or update.position not in (0, position):
        return False
    return address(update.repo_url, update.chart) == address(source.repo_url, source.chart)


def address(url: str, chart: str) -> str:
    """Return the address of a source in the form in which two are compared."""
    if chart and not url.strip().lower().startswith(("http://", "https://")):
        return normalize_chart(url).rstrip("/")
    return normalize_git(url)


def wanted(updates: Sequence[SourceUpdate], application: Application) -> list[Wanted]:
    """Return what is wanted of each source, in their order.

    Raises Invalid for an update that fits no source, and for updates of one source that contradict one another.
    """
    sources = application.sources
    for update in updates:
        if not any(fits(update, source, number) for number, source in enumerate(sources, 1)):
            there = ", ".join(_said(each) for each in sources) or "none"
            raise Invalid(
                f"{application.said}: no source fits the update of {update.said}; its sources are: {there}"
            )
    return [
        _together([each for each in updates if fits(each, source, number)], application, number)
        for number, source in enumerate(sources, 1)
    ]


def desired(updates: Sequence[SourceUpdate], application: Application) -> list[str]:
    """Return the revision that is wanted of each source, in their order; empty: any. It never raises.

    Where updates contradict one another it is the first one's; `wanted` says so.
    """
    return [
        next(
            (
                each.desired_revision
                for each in updates
                if each.desired_revision and fits(each, source, number)
            ),
            "",
        )
        for number, source in enumerate(application.sources, 1)
    ]


def _together(updates: Sequence[SourceUpdate], application: Application, number: int) -> Wanted:
    where = f"{application.said}: source {number}"
    revision = _one_of((each.desired_revision for each in updates), f"{where}: desiredRevision")
    parameters: dict[str, str] = {}
    for update in updates:
        for name, value in dict(update.parameters).items():
            if parameters.setdefault(name, value) != value:
                raise _contradiction(f"{where}: Helm parameter {name}", parameters[name], value)
    images: dict[str, tuple[ImageUpdate, ...]] = {}
    for update in updates:
        for name in dict.fromkeys(each.repo_url for each in update.images):
            mine = tuple(each for each in update.images if each.repo_url == name)
            if images.setdefault(name, mine) != mine:
                raise _contradiction(
                    f"{where}: image {name}", _version(images[name]), _version(mine)
                )
    return Wanted(
        revision=revision,
        sets_target=any(each.sets_target for each in updates),
        images=tuple(image for each in images.values() for image in each),
        parameters=tuple(parameters.items()),
    )


def _version(images: Sequence[ImageUpdate]) -> str:
    return ", ".join(each.digest or each.tag for each in images)


def _one_of(values: Iterable[str], what: str) -> str:
    found = ""
    for value in values:
        if found and value and value != found:
            raise _contradiction(what, found, value)
        found = found or value
    return found


def _contradiction(what: str, one: str, other: str) -> Invalid:
    return Invalid(
        f"{what}: one update wants {one!r}, another {other!r}; leave one of them out, or say by sourcePosition which "
        "source each is for"
    )


def _said(source: AppSource) -> str:
    return f"{source.repo_url} ({source.chart})" if source.chart else source.repo_url
