"""Whether what a tag points to may be remembered: as the operator has it, and as a subscription asks. Pure."""

from __future__ import annotations

import enum

from towpath import errors


class TagCaching(enum.StrEnum):
    """What the operator says of `cacheByTag`, in Kargo's words."""

    ALLOW = "Allow"
    """Each subscription says it."""
    FORBID = "Forbid"
    """No tag is relied on, whatever a subscription says."""
    REQUIRE = "Require"
    """Who does not say that tags never move finds nothing."""
    FORCE = "Force"
    """No tag moves, whatever a subscription says."""

    def holds(self, *, asked: bool) -> bool:
        """Return whether tags never move. `asked`: whether the subscription says so. Raises Invalid."""
        match self:
            case TagCaching.FORBID:
                return False
            case TagCaching.FORCE:
                return True
            case TagCaching.REQUIRE if not asked:
                raise errors.Invalid(
                    "cacheByTag: the operator requires it to be true (registryCache.byTag): subscribe to tags that never move, "
                    "or follow one that does with imageSelectionStrategy Digest"
                )
        return asked
