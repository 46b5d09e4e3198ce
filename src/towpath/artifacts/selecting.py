"""Selecting among many tags, beside the event loop where that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.runtime.aside import LIGHT
from towpath.versions import semver, tags

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.artifacts.verdicts import Verdicts
    from towpath.versions.tags import TagSelection

_SELECTION_SECONDS: Final = 60.0
"""Of processor time, for as many tags as a repository may have and a few patterns."""

_JUDGING: Final = 2
"""So many times as much work it is to say of each tag which rule keeps it out."""


async def selected(
    found: list[str], selection: TagSelection, subscription: Subscription, clients: LookClients
) -> list[str]:
    """Return the selected tags in order. A long list is searched aside, because that takes seconds."""
    if subscription.verdicts is not None:
        return await _judged(found, selection, subscription, clients, subscription.verdicts)
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


def are_equal(one: str, other: str) -> bool:
    """Whether two tags are one version by its order: then their text decides."""
    try:
        return semver.parse(one).order == semver.parse(other).order
    except semver.VersionError:
        return False


async def _judged(
    found: list[str],
    selection: TagSelection,
    subscription: Subscription,
    clients: LookClients,
    verdicts: Verdicts,
) -> list[str]:
    """Return the same, and tell what became of the others."""
    weight = _JUDGING * selection.weight(len(found))
    if clients.aside is None or weight <= LIGHT:
        judged = tags.judged(found, selection, verdicts.most)
    else:
        text = await clients.aside.run(
            tags.judged_json,
            msgspec.json.encode(found),
            selection,
            verdicts.most,
            weight=weight,
            what=f"judging {len(found):,} tags",
            caller=f"warehouse {subscription.project}/{subscription.warehouse}",
            seconds=_JUDGING * _SELECTION_SECONDS,
        )
        judged = msgspec.json.decode(text, type=tags.JudgedTags)
    verdicts.looked_at(len(found))
    verdicts.exclude_many(judged.excluded, judged.counts)
    return judged.ordered
