"""Whether the demo's Warehouse takes an image that was pushed: whoever named its tag may have named one it passes over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.artifacts.images import selection_of
from towpath.resources.structs import view
from towpath.resources.warehouse import ImageSubscription
from towpath.versions import tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def passed_over(tag: str, there: Sequence[str], warehouse: Mapping[str, Any], url: str) -> str:
    """Return why no Freight is made of a tag, of those that a repository has; empty if it is."""
    written = (each.get("image") for each in warehouse["spec"].get("subscriptions") or ())
    found = next((each for each in written if each and each.get("repoURL") == url), None)
    if found is None:
        return f"the Warehouse does not subscribe to {url}"
    wanted = view(ImageSubscription, found)
    try:
        chosen = tags.selected(there, selection_of(wanted))
    except tags.SelectionError as error:
        return f"the Warehouse cannot select tags: {error}"
    if tag not in chosen:
        rules = [*wanted.allow_tags_regexes, *filter(None, (wanted.allow_tags, wanted.constraint))]
        form = f"; it takes those that match {' or '.join(rules)}" if rules else ""
        return f"the Warehouse passes the tag over{form}"
    if chosen[0] != tag:
        return f"the tag {chosen[0]} counts as newer, so no Freight is made of this one"
    return ""
