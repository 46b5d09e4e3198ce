"""What a caller may see: their rights in Projects, as the store has them at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.rules.board import sight

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User


async def of(authorizer: Authorizer, user: User, project: str) -> Sight:
    """Return what a user may see and do in a Project."""
    if user.is_master:
        return sight.ALL
    return sight.sight(await authorizer.rules_for(user, project), project)
