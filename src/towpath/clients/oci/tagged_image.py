"""What a tag of a repository points to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.oci.manifest import Platform


@dataclass(frozen=True, slots=True)
class TaggedImage:
    """An image that a tag points to."""

    digest: str
    """Of what the tag itself points to: the index, where there is one."""
    annotations: dict[str, str]
    created: datetime | None
    platforms: tuple[Platform, ...] = ()
    of_platforms: tuple[dict[str, str], ...] = ()
    """What an index says of each of `platforms`, in their order; empty for a single image."""

    def runs_on(self, wanted: Platform) -> bool:
        """Whether there is an image for a platform."""
        return any(wanted.takes(there) for there in self.platforms)

    def annotations_for(self, wanted: Platform | None) -> dict[str, str]:
        """Return the annotations, those of the index's entry for a platform on top."""
        if wanted is not None:
            for there, told in zip(self.platforms, self.of_platforms, strict=False):
                if wanted.takes(there):
                    return self.annotations | told
        return self.annotations
