"""The subscription type `image`: tags of a container image repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from towpath import errors
from towpath.artifacts import ahead, image_verdicts, selecting
from towpath.artifacts.image_looks import ImageLooks
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

    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.artifacts.verdicts import Verdicts
    from towpath.clients.oci import ImageRepository
    from towpath.clients.oci.tagged_image import TaggedImage

ACTOR: Final = "controller:warehouse-controller"
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
            # Who asks by hand may do so because a tag was moved after all.
            stays = clients.tag_caching.holds(asked=wanted.cache_by_tag)
            moves = subscription.is_manual or not stays
            await repository.recall(since=subscription.heard if moves else None)
            ordered = await selecting.selected(
                await repository.tags(), selection, subscription, clients
            )
            passed: dict[str, str] = {}
            try:
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
            finally:  # of a look that fails, too, the next process is told
                await repository.keep_tags()
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
        looks = ImageLooks(
            repository, platform, {} if passed is None else passed, moves, asks_all, verdicts
        )
        if wanted.image_selection_strategy == "NewestBuild":
            return await looks.newest(ordered, wanted.discovery_limit)
        return await looks.first(ordered, wanted.discovery_limit)


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


def _told(passed: dict[str, str]) -> str:
    """Return tags that were passed over, and why, for people."""
    shown = [f"tag {tag} ({why})" for tag, why in list(passed.items())[:_MOST_TOLD]]
    more = len(passed) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _reference(tag: str, image: TaggedImage, platform: Platform | None) -> DiscoveredImageReference:
    return DiscoveredImageReference(
        tag=tag,
        digest=image.digest,
        annotations=image.annotations_for(platform),
        created_at=moments.whole_seconds(image.created) if image.created else None,
    )
