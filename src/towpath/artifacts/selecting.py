"""Selecting among many tags, beside the event loop where that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.runtime.aside import LIGHT
from towpath.versions import tags

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.versions.tags import TagSelection

_SELECTION_SECONDS: Final = 60.0
"""Of processor time, for as many tags as a repository may have and a few patterns."""


async def selected(
    found: list[str], selection: TagSelection, subscription: Subscription, clients: LookClients
) -> list[str]:
    """Return the selected tags in order. A long list is searched aside, because that takes seconds."""
    weight = selection.weight(len(found))
    if clients.aside is None or weight <= LIGHT:
        return tags.selected(found, selection)
    text = await clients.aside.run(
        tags.selected_json,
        msgspec.json.encode(found),
        selection,
        weight=weight,
        what=f"selecting among {len(found):,} tags",
        caller=f"warehouse {subscription.project}/{subscription.warehouse}",
        seconds=_SELECTION_SECONDS,
    )
    return msgspec.json.decode(text, type=list[str])
