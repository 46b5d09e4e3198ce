"""The proof of an edit: the text is read again, and is the old one but for the scalars that were set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from towpath.documents.yaml import reading
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class OriginalReading:
    """What the readers made of a text before it was edited."""

    def __init__(self, text: str, events: Sequence[Any], *, strictly: bool) -> None:
        """`strictly`: whether the slow and strict reader is asked as well."""
        self._before = events
        self._strict = reading.strict_events(text) if strictly else None

    def proves(self, text: str, wanted: Mapping[int, Any]) -> bool:
        """Whether an edited text reads as the old one with other values. `wanted`: values by the scalar's event.

        A reader that refused the old text is not asked about the new one.
        """
        try:
            after = reading.events(text, "")
        except BadRequest:
            return False
        if not _same(self._before, after, wanted):
            return False
        if self._strict is None:
            return True
        strict = reading.strict_events(text)
        return strict is not None and _same(self._strict, strict, wanted)


def _same(before: Sequence[Any], after: Sequence[Any], wanted: Mapping[int, Any]) -> bool:
    if len(before) != len(after):
        return False
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if number in wanted:
            is_same = (
                isinstance(new, yaml.ScalarEvent)
                and new.anchor == old.anchor
                and reading.reads_as(new, wanted[number])
            )
        else:
            is_same = _said(old) == _said(new)
        if not is_same:
            return False
    return True


def _said(event: Any) -> tuple[Any, ...]:
    """Return all that an event says but where it stands."""
    if isinstance(event, yaml.ScalarEvent):
        return (event.anchor, event.tag, event.implicit, event.value)
    if isinstance(event, yaml.CollectionStartEvent):
        return (type(event), event.anchor, event.tag, event.implicit)
    if isinstance(event, yaml.AliasEvent):
        return (yaml.AliasEvent, event.anchor)
    return (type(event),)
