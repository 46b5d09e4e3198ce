"""What subscription types answer: checked, since anybody may bring a type, and put in its place in the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors, messages
from towpath.resources.structs import to_document
from towpath.resources.warehouse import (
    ArtifactReference,
    ChartDiscoveryResult,
    DiscoveryResult,
    GitDiscoveryResult,
    ImageDiscoveryResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.artifacts.subscription import Result, Subscription
    from towpath.resources.warehouse import DiscoveredArtifacts

_LISTS: Final[dict[type, str]] = {
    GitDiscoveryResult: "commits",
    ImageDiscoveryResult: "references",
    ChartDiscoveryResult: "versions",
    DiscoveryResult: "artifact_references",
}
"""What may be answered, and which field of it holds the versions."""
LONGEST_VERSION: Final = 512
"""Characters of a version of an extension's artifact: it is a part of Freight's name and of every list."""
METADATA_BYTES: Final = 16 << 10
"""Of what an extension tells about one version, as JSON: all versions lie in the Warehouse's status."""
_MOST: Final = 100
"""Versions of one subscription, as `discoveryLimit` may be at most."""


def checked(answer: Any, type_: str, subscription: Subscription) -> Result:
    """Return an answer that may go into the status; of too many versions the newest. Raises Unsupported naming the type."""
    field = _LISTS.get(type(answer))
    if field is None:
        raise errors.Unsupported(
            f"the subscription type {type_} answered with {type(answer).__name__}, which is no result of a look; "
            "it needs another version"
        )
    wanted = subscription.config.get("discoveryLimit")
    limit = wanted if isinstance(wanted, int) and 0 < wanted <= _MOST else _MOST
    found = getattr(answer, field)
    if len(found) > limit:
        setattr(answer, field, found[:limit])
    if isinstance(answer, DiscoveryResult):
        return DiscoveryResult(
            name=subscription.name,
            artifact_references=[
                _reference(each, type_, subscription) for each in answer.artifact_references
            ],
        )
    result: Result = answer
    return result


def _reference(each: Any, type_: str, subscription: Subscription) -> ArtifactReference:
    """Return a version under the names of its type and subscription, whatever the type says."""
    version = getattr(each, "version", None)
    if not isinstance(version, str) or not 0 < len(version) <= LONGEST_VERSION:
        raise errors.Unsupported(
            f"the subscription type {type_} answered with a version that is no text of 1 to {LONGEST_VERSION} characters"
        )
    if messages.plain(version) != version or "\n" in version:
        raise errors.Unsupported(
            f"the subscription type {type_} answered with version {messages.plain(version)!r}, which has characters that "
            "nobody sees"
        )
    metadata = each.metadata
    try:
        size = len(msgspec.json.encode(to_document(metadata))) if metadata is not None else 0
    except (TypeError, ValueError, RecursionError) as error:
        raise errors.Unsupported(
            f"the subscription type {type_} answered with metadata of {version} that is no JSON: {error}"
        ) from error
    if size > METADATA_BYTES:
        raise errors.Unsupported(
            f"the subscription type {type_} answered with {size:,} bytes of metadata of {version}; "
            f"{METADATA_BYTES:,} are room for"
        )
    return ArtifactReference(
        artifact_type=type_,
        subscription_name=subscription.name,
        version=version,
        metadata=metadata,
    )


def put(found: DiscoveredArtifacts, answers: Iterable[Result]) -> None:
    """Put answers in their places, in their order."""
    for answer in answers:
        match answer:
            case GitDiscoveryResult():
                found.git = [*found.git, answer]
            case ImageDiscoveryResult():
                found.images = [*found.images, answer]
            case ChartDiscoveryResult():
                found.charts = [*found.charts, answer]
            case DiscoveryResult():
                found.results = [*found.results, answer]
