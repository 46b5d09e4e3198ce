"""Whether something else is there than was promoted: rolled back by hand, say, where nothing heals it.

Health says how well it is; this says what it is. Both may be true at once: an old version runs very well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.rules.argocd.application import OUT_OF_SYNC, PROGRESSING
from towpath.rules.argocd.revision_match import Relation, compared
from towpath.versions.urls import normalize_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.argocd.application import Application
    from towpath.rules.argocd.revision_match import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing that is there in the place of what was promoted."""

    application: str
    """`NAMESPACE/NAME`."""
    what: str
    """A source or an image."""
    promoted: str
    live: str

    @property
    def said(self) -> str:
        """The difference, for people."""
        return (
            f"{self.application}: {self.what}: {self.live} is there, {self.promoted} was promoted"
        )


def drift(
    application: Application,
    desired: Sequence[str],
    images: Mapping[str, Sequence[str]],
    known: Known | None = None,
) -> list[Drift] | None:
    """Return what is there of an Application in the place of what was promoted; None while nobody can tell.

    `desired`: revisions, one for each source; empty: any. `images`: what was promoted of each image repository, tags and
    digests that stand for the same image. While an operation is under way, or what it changed comes up, nobody can tell: what is
    there is about to change.
    """
    if application.pending is not None or application.is_stale or application.health == PROGRESSING:
        return None
    if application.state is not None and not application.state.is_complete:
        return None
    found = []
    for each in compared(application, desired, _live(application), known):
        if each.relation in (Relation.NEWER, Relation.OLDER, Relation.OTHER):
            what = f"revision of source {each.place + 1} ({each.repo_url})"
            found.append(
                Drift(
                    application=application.key,
                    what=what,
                    promoted=each.wanted,
                    live=each.observed,
                )
            )
    promoted = {normalize_image(name): (name, tags) for name, tags in images.items()}
    for written in application.images:
        name, version = _split(written)
        if normalize_image(name) not in promoted:
            continue
        given, tags = promoted[normalize_image(name)]
        if not any(_same(version, tag) for tag in tags):
            found.append(
                Drift(
                    application=application.key,
                    what=f"image {given}",
                    promoted=tags[0] if tags else "nothing of it",
                    live=version or "latest",
                )
            )
    if application.sync == OUT_OF_SYNC and not found and application.state is not None:
        found.append(
            Drift(
                application=application.key,
                what="objects in the cluster",
                promoted="what its sources say",
                live="something else",
            )
        )
    return found


def _live(application: Application) -> Sequence[str]:
    """Return what was deployed last: the newest entry of the history, else what the last operation synced."""
    status = application.document.get("status")
    history = status.get("history") if isinstance(status, dict) else None
    newest = history[-1] if isinstance(history, list) and history else None
    if isinstance(newest, dict):
        several = newest.get("revisions")
        if isinstance(several, list) and several:
            return [str(each) for each in several]
        if isinstance(newest.get("revision"), str):
            return [newest["revision"]]
    if application.state is not None and application.state.revisions is not None:
        return application.state.revisions
    return application.compared


def _split(image: str) -> tuple[str, str]:
    """Return name and version of an image; a digest counts more than the tag beside it."""
    name, _, digest = image.partition("@")
    before, colon, after = name.rpartition(":")
    if colon and "/" not in after:
        return before, digest or after
    return name, digest


def _same(version: str, promoted: str) -> bool:
    return bool(version) and version == promoted
