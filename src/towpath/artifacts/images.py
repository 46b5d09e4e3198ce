"""The subscription type `image`: tags of a container image repository."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from towpath import errors
from towpath.artifacts import ahead, image_verdicts, selecting
from towpath.clients.oci.authentication import ANONYMOUS
from towpath.clients.oci.manifest import Platform
from towpath.resources import moments
from towpath.resources.structs import view
from towpath.resources.warehouse import (
    DiscoveredImageReference,
    ImageDiscoveryResult,
    ImageSubscription,
)
from towpath.versions.tags import SelectionError, TagSelection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.oci import ImageRepository
    from towpath.clients.oci.tagged_image import TaggedImage

ACTOR: Final = "controller:warehouse-controller"
_AT_ONCE: Final = 8
"""Images that are asked about at the same time."""
_MOST_TOLD: Final = 5


class ImageType:
    """Looks for images."""

    name: ClassVar[str] = "image"
    look_seconds: ClassVar[float] = 1800.0
    """A repository of many thousand tags, each of which is asked about once, at the pace that a registry is asked."""

    async def discover(
        self, subscription: Subscription, clients: LookClients
    ) -> ImageDiscoveryResult:
        """Return references to images, the one to take first.

        Raises Invalid for a rule that cannot be read, and what the registry's client raises.
        """
        wanted = view(ImageSubscription, dict(subscription.config))
        try:
            platform = Platform.parse(wanted.platform) if wanted.platform else None
            selection = _checked(selection_of(wanted))
        except (SelectionError, errors.BadRequest) as error:
            raise errors.Invalid(str(error)) from error
        repository = await _open(subscription, wanted, clients)
        if wanted.image_selection_strategy == "Digest":
            if not (wanted.constraint or wanted.semver_constraint):
                subscription.note(
                    "nothing can be found: imageSelectionStrategy Digest follows the tag that `constraint` names, and "
                    "it names none"
                )
            found = await self._by_digest(repository, wanted, platform)
        else:
            ordered = await selecting.selected(
                await repository.tags(), selection, subscription, clients
            )
            # Who asks by hand may do so because a tag was moved after all.
            moves = subscription.is_manual or not wanted.cache_by_tag
            passed: dict[str, str] = {}
            found = await self._by_tags(
                repository,
                wanted,
                ordered,
                platform,
                moves=moves,
                asks_all=subscription.is_manual,
                passed=passed,
                verdicts=subscription.verdicts,
            )
            if found and wanted.image_selection_strategy == "NewestBuild":
                ahead.note(subscription, f"tag {found[0][0]}", found[0][1].created)
            if passed and not found:
                raise errors.Unavailable(
                    f"none of the tags that match can be used: {_told(passed)}"
                )
            if passed:
                subscription.note(f"passed over: {_told(passed)}")
        if subscription.verdicts is not None:
            image_verdicts.offer(subscription.verdicts, wanted, found)
        return ImageDiscoveryResult(
            repo_url=wanted.repo_url,
            platform=wanted.platform,
            subscription_name=subscription.name,
            references=[_reference(tag, image, platform) for tag, image in found],
        )

    async def _by_digest(
        self, repository: ImageRepository, wanted: ImageSubscription, platform: Platform | None
    ) -> list[tuple[str, TaggedImage]]:
        tag = wanted.constraint or wanted.semver_constraint
        if not tag:
            return []
        try:
            image = await repository.image(tag)
        except errors.NotFound:
            return []
        return [(tag, image)] if platform is None or image.runs_on(platform) else []

    async def _by_tags(
        self,
        repository: ImageRepository,
        wanted: ImageSubscription,
        ordered: Sequence[str],
        platform: Platform | None,
        *,
        moves: bool = True,
        asks_all: bool = False,
        passed: dict[str, str] | None = None,
        verdicts: Verdicts | None = None,
    ) -> list[tuple[str, TaggedImage]]:
        """Return the images of the tags to take, the first one first. `ordered`: as far as tags alone tell.

        `passed` is filled with the tags that were passed over, and why: what is listed, and no image. `verdicts` is told of
        all that are kept out.
        """
        looks = _Looks(
            repository, platform, {} if passed is None else passed, moves, asks_all, verdicts
        )
        limit = wanted.discovery_limit
        if wanted.image_selection_strategy == "NewestBuild":
            every = await looks.first(ordered, len(ordered), any_decides=True)
            every.sort(key=_built, reverse=True)
            if verdicts is not None:
                verdicts.beyond([tag for tag, _ in every[limit:]], len(every) - limit, limit)
            return every[:limit]
        return await looks.first(ordered, limit)


def selection_of(wanted: ImageSubscription) -> TagSelection:
    """Return which tags are wanted, and in which order."""
    order: Literal["version", "name", "none"] = "version"
    if wanted.image_selection_strategy in ("NewestBuild", "Digest"):
        order = "none"  # nothing of a tag tells
    elif wanted.image_selection_strategy == "Lexical":
        order = "name"
    return TagSelection(
        allow_tags=wanted.allow_tags,
        allow_tags_regexes=tuple(wanted.allow_tags_regexes),
        ignore_tags=tuple(wanted.ignore_tags),
        ignore_tags_regexes=tuple(wanted.ignore_tags_regexes),
        order=order,
        constraint=wanted.constraint or wanted.semver_constraint,
        strict=wanted.strict_semvers,
    )


def _checked(selection: TagSelection) -> TagSelection:
    """Return a selection whose rules can be read. Raises SelectionError."""
    _ = selection.rules, selection.range
    return selection


async def _open(
    subscription: Subscription, wanted: ImageSubscription, clients: LookClients
) -> ImageRepository:
    found = await clients.credentials.find(
        subscription.project,
        "image",
        wanted.repo_url,
        actor=ACTOR,
        reason=f"discovery of Warehouse {subscription.project}/{subscription.warehouse}",
    )
    credential = ANONYMOUS
    if found is not None:
        credential = found.for_registry()
    try:
        return clients.registries.open(
            wanted.repo_url, credential, insecure=wanted.insecure_skip_tls_verify
        )
    except errors.BadRequest as error:  # the URL reads wrong, and will until somebody changes it
        raise errors.Invalid(error.message) from error


@dataclass(frozen=True, slots=True)
class _Looks:
    """Looks at images of one repository by their tags."""

    repository: ImageRepository
    platform: Platform | None
    passed: dict[str, str]
    """Tags that were passed over, and why."""
    moves: bool
    asks_all: bool = False
    """Whether each tag is asked about, also where an answer of the last hour would do."""
    verdicts: Verdicts | None = None

    async def first(
        self, ordered: Sequence[str], limit: int, *, any_decides: bool = False
    ) -> list[tuple[str, TaggedImage]]:
        """Return the images of the first tags that are there for the platform, in their order."""
        found: list[tuple[str, TaggedImage]] = []
        position = 0
        while position < len(ordered) and len(found) < limit:
            batch = ordered[position : position + min(_AT_ONCE, limit - len(found))]
            position += len(batch)
            decides = (
                self.asks_all or any_decides or (not found and bool(self.platform or self.passed))
            )
            # The first decides what Freight is made; the others are for Freight by hand, and tags of versions hardly move.
            images = await asyncio.gather(
                *(self._or_none(tag, fresh=decides or tag == ordered[0]) for tag in batch)
            )
            found += [
                (tag, image)
                for tag, image in zip(batch, images, strict=True)
                if self._is_wanted(tag, image) and image is not None
            ]
        if self.verdicts is not None:
            self.verdicts.beyond(ordered[position:][:_AT_ONCE], len(ordered) - position, limit)
        return found

    def _is_wanted(self, tag: str, image: TaggedImage | None) -> bool:
        """Whether there is an image that is for the platform."""
        if image is None:
            if self.verdicts is not None:
                self.verdicts.exclude(tag, "manifest", self.passed.get(tag, ""))
            return False
        if self.platform is None or image.runs_on(self.platform):
            return True
        if self.verdicts is not None:
            self.verdicts.exclude(tag, "platform", image_verdicts.foreign(image))
        return False

    async def _or_none(self, tag: str, *, fresh: bool) -> TaggedImage | None:
        """Return the image of a tag; None if it has none, or is no image."""
        try:
            return await self.repository.image(tag, fresh=fresh, moves=self.moves)
        except errors.NotFound:
            self.passed[tag] = "it is listed, but the registry has no manifest for it"
        except (errors.Unsupported, errors.BadRequest) as error:
            self.passed[tag] = error.message
        return None


def _told(passed: dict[str, str]) -> str:
    """Return tags that were passed over, and why, for people."""
    shown = [f"tag {tag} ({why})" for tag, why in list(passed.items())[:_MOST_TOLD]]
    more = len(passed) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _built(item: tuple[str, TaggedImage]) -> tuple[float, str]:
    tag, image = item
    created: datetime | None = image.created
    return (created.timestamp() if created else float("-inf"), tag)


def _reference(tag: str, image: TaggedImage, platform: Platform | None) -> DiscoveredImageReference:
    return DiscoveredImageReference(
        tag=tag,
        digest=image.digest,
        annotations=image.annotations_for(platform),
        created_at=moments.whole_seconds(image.created) if image.created else None,
    )
