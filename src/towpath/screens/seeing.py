"""What a caller may see: their rights in Projects, as the store has them at that moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath.rules.board import sight

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User

_TURN: Final = 500
"""Rules that are read before others get the loop."""


async def of(authorizer: Authorizer, user: User, project: str) -> Sight:
    """Return what a user may see and do in a Project."""
    if user.is_master:
        return sight.ALL
    rules, reader = await authorizer.rules_for(user, project), sight.SightReader(project)
    for start in range(0, len(rules), _TURN):
        if start:
            await asyncio.sleep(0)
        reader.take(rules[start : start + _TURN])
    return reader.sight()
