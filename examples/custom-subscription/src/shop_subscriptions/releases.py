"""Which of some files are releases, and which one is the newest: by the version in its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import Invalid
from towpath.resources.warehouse import ArtifactReference, DiscoveryResult
from towpath.versions.tags import SelectionError, by_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.artifacts.subscription import Subscription


def found(
    subscription: Subscription,
    files: Mapping[str, Any],
    *,
    prefix: str,
    suffix: str,
    constraint: str,
) -> DiscoveryResult:
    """Return the releases among files, the newest first. `files`: by name, with what is to be told about each.

    A release is called PREFIX, its version, SUFFIX: `app-1.2.0.tgz`. Raises Invalid for a range that cannot be read.
    """
    names = {
        name[len(prefix) : len(name) - len(suffix)]: name
        for name in files
        if name.startswith(prefix)
        and name.endswith(suffix)
        and len(name) > len(prefix) + len(suffix)
    }
    try:
        versions = by_version(names, constraint=constraint)
    except SelectionError as error:
        raise Invalid(f"config.{error}") from error
    if files and not versions:
        some = ", ".join(sorted(files)[:5])
        subscription.note(f"none of the {len(files):,} files is a release; there are {some}")
    return DiscoveryResult(
        name=subscription.name,
        artifact_references=[
            ArtifactReference(
                subscription_name=subscription.name, version=version, metadata=files[names[version]]
            )
            for version in versions[: subscription.config["discoveryLimit"]]
        ],
    )
